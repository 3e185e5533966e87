import type { Clock } from '../../util/clock.ts'
import type { ObjectTable } from '../table.ts'
import { usageHistory, type UsageSample } from './history.ts'
import { FOUNDED, tellPast } from './shop-past.ts'
import { CYCLE, SCRIPT, type Scene } from './shop-script.ts'
import type { Metrics } from './usage.ts'
import { World } from './world.ts'

export interface ShopOptions {
  /** Time as the shop has it: a `scaledClock`, `SPEED` times as fast as the machine's, for people to watch. */
  readonly clock: Clock
  /** At least 0, less than 1; the same numbers make the same history. */
  readonly random: () => number
  /** Milliseconds of the machine, to bound how long the shop works at a time. */
  readonly stopwatch?: () => number
}

/**
 * How much faster than the wall's the clock of a shop should be that somebody watches: a second is a minute. Then every fault of the script is
 * found within 20 seconds of its beginning (the slowest waits for 5 minutes by its rule), all of the mission's within 15 seconds of the start, and
 * the whole script is over in less than a minute; and 50 ms of a busy machine are still only 3 seconds of the shop.
 */
export const SPEED = 60

/** A shop that lives: it was founded long ago, serves its customers, and has trouble that comes and goes. */
export interface LivingShop {
  readonly world: World
  readonly metrics: Metrics
  /** When the script began, in milliseconds since 1970. */
  readonly opened: number
  /** What happens when. */
  readonly script: readonly Scene[]
  /** After how many milliseconds what comes and goes comes again. */
  readonly cycle: number
  /** Lets everything happen that is due by the clock (or by a time, in milliseconds since 1970), at once. */
  step(until?: number): void
  start(): void
  stop(): void
  /** What every container has used for so many days, as if somebody had sampled it each minute. */
  usageHistory(days: number, every?: number): Iterable<UsageSample>
}

/** Founds the shop in the past of a table and brings it up to now. From `start` on it goes on by itself; until then `step` moves it. */
export function livingShop(table: ObjectTable, options: ShopOptions): LivingShop {
  const opened = options.clock.now()
  const world = new World(table, { ...options, begins: opened - FOUNDED })
  tellPast(world, opened)
  world.step(opened)
  for (const scene of SCRIPT) play(world, scene, opened + scene.after)
  return {
    world,
    metrics: world.metrics,
    opened,
    script: SCRIPT,
    cycle: CYCLE,
    step: (until) => world.step(until),
    start: () => world.start(),
    stop: () => world.stop(),
    usageHistory: (days, every) => usageHistory(world, { days, ...(every === undefined ? {} : { every }) }),
  }
}

function play(world: World, scene: Scene, at: number): void {
  world.engine.at(at, () => {
    scene.does(world)
    play(world, scene, at + CYCLE)
  })
}
