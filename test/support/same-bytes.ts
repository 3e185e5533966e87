import { crashes, imageMissing } from '../../src/simulator/world/behaviour.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Cluster, LivingDaemon } from './living-daemon.ts'

// A process of its own, to be started on machines that are set up otherwise.
const cluster = new Cluster({ nodes: 2, seed: 5 })
cluster.deploy('ılık-Ä', crashes({ after: SECOND, exitCode: 1 }), { replicas: 3 })
cluster.deploy('zebra', crashes({ after: SECOND, exitCode: 1 }))
await using daemon = await LivingDaemon.open(cluster)
cluster.deploy('profile', undefined, { requests: ['100', '64Mi'] })
cluster.deploy('pulls', imageMissing())
await cluster.pass(MINUTE)
process.stdout.write(JSON.stringify([daemon.told, await daemon.recommendations()]))
