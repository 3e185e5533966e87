import { crashes } from '../../src/simulator/world/behaviour.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Cluster, LivingDaemon, type DaemonSetup } from './living-daemon.ts'

/** Ends within a second, each time. */
export const crashing = crashes({ after: SECOND, exitCode: 1 })

/** A daemon that has seen for so many milliseconds that an app crashes, which was crashing when it began. */
export async function seeingCrashes(setup: DaemonSetup, duration: number) {
  const cluster = new Cluster()
  cluster.deploy('cart', crashing)
  await cluster.pass(3 * MINUTE)
  const daemon = await LivingDaemon.open(cluster, setup)
  await daemon.begun()
  await cluster.pass(duration)
  return { cluster, daemon }
}
