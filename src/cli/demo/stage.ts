import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { storeOf } from '../../cluster/cluster-look.ts'
import { lookAtCluster } from '../../cluster/live.ts'
import type { Transport } from '../../cluster/transport.ts'
import { SimulatedApiServer } from '../../simulator/server.ts'
import { livingShop, SPEED } from '../../simulator/world/shop.ts'
import type { Clock } from '../../util/clock.ts'
import { seededRandom } from '../../util/seeded-random.ts'
import { MINUTE } from '../../util/time.ts'
import { leave, remember } from './past.ts'
import { ShopClock } from './shop-clock.ts'
import { transportTo } from './transport.ts'

/** A shop that lives on a simulated API server, and the way to it. */
export interface Stage {
  readonly transport: Transport
  /** The shop's time; it stands still until `start`. */
  readonly clock: Clock
  /** How many times as fast as the machine's it runs. */
  readonly speed: number
  readonly cluster: string
  /** The file that a daemon left which had watched the shop until now. */
  readonly checkpoint: string
  /** What last happened in the shop, in words; `undefined` before anything did. */
  readonly happened: () => { readonly at: number; readonly says: string } | undefined
  start(): void
  /** Takes everything down; the checkpoint is gone with it. */
  close(): Promise<void>
}

/** Enough for a firm verdict on what a container needs: a week with its weekend, and a day. */
const DAYS = 8
const SAMPLED = 5 * MINUTE
const SEED = 20261121
const CLUSTER = 'shop'

/** Founds the shop. `machine` is the machine's clock. */
export async function openStage(machine: Clock, signal: AbortSignal): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'dogwatch-demo-'))
  const clear = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    return await found({ machine, signal, checkpoint: join(directory, 'checkpoint'), clear })
  } catch (error) {
    await clear()
    throw error
  }
}

interface Ground {
  readonly machine: Clock
  readonly signal: AbortSignal
  readonly checkpoint: string
  readonly clear: () => Promise<void>
}

async function found({ machine, signal, checkpoint, clear }: Ground): Promise<Stage> {
  const clock = new ShopClock(machine, SPEED)
  const random = seededRandom(SEED)
  const server = new SimulatedApiServer({ clock, random, place: 'a simulated API server' })
  const shop = livingShop(server.table, { clock, random, stopwatch: () => performance.now() })
  server.provideMetrics(shop.metrics)
  const transport = transportTo(server)
  const look = await lookAtCluster({ transport, clock, signal })
  const memory = await remember(shop.usageHistory(DAYS, SAMPLED), storeOf(look, undefined))
  await leave({ cluster: CLUSTER, memory, until: clock.now() }, checkpoint)
  const { opened, cycle, script } = shop
  return {
    transport,
    clock,
    speed: SPEED,
    checkpoint,
    cluster: CLUSTER,
    happened: () => {
      const since = (clock.now() - opened) % cycle
      const scene = script.findLast(({ after }) => after > 0 && after <= since)
      return scene && { at: clock.now() - since + scene.after, says: scene.says }
    },
    start: () => {
      clock.start()
      shop.start()
    },
    close: () => {
      shop.stop()
      return clear()
    },
  }
}
