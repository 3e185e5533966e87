import { setTimeout } from 'node:timers/promises'
import { KINDS } from '../../src/cluster/kinds.ts'
import type { Published } from '../../src/sinks/published.ts'
import type { FreshnessView } from '../../src/sinks/status.ts'
import { DaemonProcess, type End } from '../support/daemon-process.ts'
import { kubeconfig, Scratch } from '../support/kubeconfigs.ts'
import { admit, OWNERS, permit, reading, type Reader } from '../support/readers.ts'
import type { RealServer } from '../support/real-server.ts'

const PODS = 'pods'
const MINUTE = 60_000
// A server ends no watch when a right is taken away: it is asked anew when the watch ends, after ten minutes at the latest.
const NOTICED_WITHIN = 12 * MINUTE
const HEALED_WITHIN = 6 * MINUTE
const FIRES_WITHIN = 5 * MINUTE

/** A daemon that may read in two namespaces and nowhere else, and what it says while a right in one of them comes and goes. */
export interface NamespacedWatch {
  readonly namespaces: readonly [string, string]
  readonly answer: Published
  readonly kinds: readonly FreshnessView[]
  /** Pods in the first and in the second namespace, while those of the first may not be read. */
  readonly revoked: readonly [FreshnessView | undefined, FreshnessView | undefined]
  readonly answerRevoked: Published
  readonly noticedAfter: number
  readonly healed: FreshnessView | undefined
  readonly healedAfter: number
  readonly answerHealed: Published
  readonly memory: number
  readonly end: End
}

/** A pod whose image does not exist: what that tells is in namespaces alone. */
async function breakThings(server: RealServer, namespace: string): Promise<void> {
  await server.create('/api/v1/namespaces', { metadata: { name: namespace } })
  await server.appear(`/api/v1/namespaces/${namespace}/serviceaccounts`, 1)
  const containers = [{ name: 'app', image: 'registry.example.test/nobody/has-it:1' }]
  await server.create(`/api/v1/namespaces/${namespace}/pods`, { metadata: { name: 'waiting' }, spec: { containers } })
}

const podsIn = (kinds: readonly FreshnessView[], place: string): FreshnessView | undefined =>
  kinds.find(({ resource, namespace }) => resource === PODS && namespace === place)

const answerOf = async (daemon: DaemonProcess): Promise<Published> =>
  JSON.parse((await daemon.get('/recommendations')).text) as Published

/** The pods that cannot start, as `state namespace`, in order. */
export const brokenIn = ({ items }: Published): string[] =>
  items
    .filter(({ rule }) => rule.id === 'image-pull')
    .map(({ state, target }) => `${state} ${target.namespace}`)
    .toSorted()

/** Waits until all that is broken is known to be for long enough. */
async function fire(daemon: DaemonProcess, count: number): Promise<Published> {
  const deadline = Date.now() + FIRES_WITHIN
  for (;;) {
    const answer = await answerOf(daemon)
    if (brokenIn(answer).filter((words) => words.startsWith('firing')).length >= count || Date.now() > deadline)
      return answer
    await setTimeout(2000)
  }
}

/** Waits until pods in a namespace are in a state; gives how they were last, and how long it took in milliseconds. */
async function become(
  daemon: DaemonProcess,
  { place, state, within }: { readonly place: string; readonly state: string; readonly within: number },
): Promise<[FreshnessView | undefined, number]> {
  const began = Date.now()
  for (;;) {
    const row = podsIn((await daemon.status()).kinds, place)
    const took = Date.now() - began
    if (row?.state === state || took > within) return [row, took]
    await setTimeout(2000)
  }
}

export async function watchTwoNamespaces(server: RealServer, home: string): Promise<NamespacedWatch> {
  const [first, second] = [`${home}-a`, `${home}-b`] as const
  const kinds = KINDS.filter(({ namespaced }) => namespaced)
  const reader: Reader = {
    name: `${home}-few`,
    home: first,
    namespaces: [first, second],
    rules: [OWNERS, ...reading(kinds)],
  }
  const fewer = [OWNERS, ...reading(kinds.filter(({ resource }) => resource !== PODS))]
  for (const namespace of [first, second]) await breakThings(server, namespace)
  using scratch = new Scratch()
  const config = scratch.write('config', kubeconfig(server.cluster, { token: await admit(server, reader) }))
  const daemon = await DaemonProcess.start(['--kubeconfig', config, '-n', first, '-n', second])
  try {
    await daemon.said('everything was seen')
    const [answer, { kinds: rows }] = [await fire(daemon, 2), await daemon.status()]
    await permit(server, reader, { namespace: first, rules: fewer })
    const [gone, noticedAfter] = await become(daemon, { place: first, state: 'forbidden', within: NOTICED_WITHIN })
    const [other] = await become(daemon, { place: second, state: 'live', within: MINUTE })
    const answerRevoked = await answerOf(daemon)
    await permit(server, reader, { namespace: first, rules: reader.rules })
    const [healed, healedAfter] = await become(daemon, { place: first, state: 'live', within: HEALED_WITHIN })
    const answerHealed = await answerOf(daemon)
    const { memory } = daemon
    const end = await daemon.end('SIGTERM')
    const told = { answer, answerRevoked, answerHealed, noticedAfter, healed, healedAfter }
    return { namespaces: [first, second], kinds: rows, revoked: [gone, other], memory, end, ...told }
  } finally {
    await daemon.end('SIGKILL')
    for (const name of [first, second]) await server.send({ method: 'DELETE', path: `/api/v1/namespaces/${name}` })
  }
}
