import { clusterAccess } from '../../../src/cluster/kubeconfig.ts'
import type { AnyObject } from '../../../src/cluster/kinds.ts'
import type { Mirror } from '../../../src/cluster/mirror.ts'
import { NodeTransport } from '../../../src/cluster/node-transport.ts'
import { ClusterWatch } from '../../../src/cluster/watch/cluster-watch.ts'
import { systemClock } from '../../../src/util/clock.ts'
import { SILENT } from '../../../src/util/logger.ts'

/** Our watch, with a mirror that keeps what it is given: what watching costs without any rule. */
const objects = new Map<string, AnyObject>()
const mirror: Mirror = {
  put: (object) => void objects.set(object.metadata.uid, object),
  remove: (uid) => void objects.delete(uid),
  watch: () => undefined,
}

const access = await clusterAccess({ file: process.argv[2], context: undefined, env: {} })
const transport = new NodeTransport(access, { clock: systemClock })
let told = false
const watch: ClusterWatch = new ClusterWatch({
  transport,
  clock: systemClock,
  random: Math.random,
  mirror,
  logger: SILENT,
  metrics: process.argv[3] !== 'no-metrics',
  onFreshness: () => {
    if (told || !watch.synced) return
    told = true
    process.send?.({ tell: 'synced' })
  },
})
process.on('message', ({ id, order, with: what }: { id: number; order: string; with: { resource: string } }) => {
  if (order !== 'state') return
  const held = [...objects.values()].filter(({ kind }) => kind === what.resource)
  process.send?.({ id, result: held.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`) })
})
process.once('SIGTERM', () => {
  transport.close()
  process.disconnect()
  void watch.stop()
})
await watch.start()
