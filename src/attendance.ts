import type { Freshness } from './cluster/freshness.ts'
import { ServerTime } from './cluster/server-time.ts'
import type { Clock } from './util/clock.ts'
import type { Logger } from './util/logger.ts'
import { SECOND } from './util/time.ts'

export interface AttendanceOptions {
  /** The machine's clock, right or wrong. */
  readonly clock: Clock
  readonly logger: Logger
  readonly freshness: () => readonly Freshness[]
  /** From now on nothing can be judged. */
  readonly lost: () => void
  /** It may be possible again. */
  readonly found: () => void
}

/** A time, in milliseconds since 1970, in which nothing was watched; `to` may lie before `from` when a clock was set back. */
export interface Gap {
  readonly from: number
  readonly to: number
}

const nameOf = ({ resource, namespace }: Freshness): string => `${resource} ${namespace ?? ''}`

/**
 * Whether we are there: the time is known, and after a time in which nobody listened every kind was heard of again. Until then what is
 * held of it may be as old as that time is long, though its watch still counts as live.
 */
export class Attendance {
  readonly time: ServerTime
  readonly #options: AttendanceOptions
  /** When each kind was last heard of before the time was known again. */
  #before: ReadonlyMap<string, number | undefined> = new Map()
  /** What was last told of each kind to those who judge. */
  #told: ReadonlyMap<string, Freshness['state']> = new Map()
  #begun = false
  #lostAt: number | undefined

  constructor(options: AttendanceOptions) {
    this.#options = options
    this.time = new ServerTime({ clock: options.clock, doubted: () => this.#lose(), told: () => this.#find() })
  }

  get isFull(): boolean {
    return this.time.known && this.#options.freshness().every((row) => this.#isHeard(row))
  }

  /** How well each kind is watched is known to those who judge. */
  announced(): void {
    this.#told = new Map(this.#options.freshness().map((row) => [nameOf(row), row.state]))
  }

  /** Until when everything was watched, while that is over. */
  get lostAt(): number | undefined {
    return this.#lostAt
  }

  /** Everything is watched from now on. Gives how long it was not. */
  begin(): Gap {
    const { now, skew } = this.time
    const { logger } = this.#options
    const to = now()
    const from = this.#lostAt ?? to
    if (Math.abs(skew) > SECOND)
      logger.warn('the clock of this machine is not that of the server', { seconds: skew / SECOND })
    if (this.#lostAt !== undefined)
      logger.warn('nothing was watched for a while, or a clock was set', { seconds: (to - from) / SECOND })
    this.#begun = true
    this.#lostAt = undefined
    return { from, to }
  }

  #isHeard(row: Freshness): boolean {
    const name = nameOf(row)
    if (this.#told.get(name) !== row.state) return false
    return row.state !== 'live' || !this.#before.has(name) || this.#before.get(name) !== row.heardAt
  }

  #lose(): void {
    if (this.#begun) this.#lostAt ??= this.time.now()
    this.#options.lost()
  }

  #find(): void {
    const live = this.#options.freshness().filter(({ state }) => state === 'live')
    this.#before = new Map(live.map((row) => [nameOf(row), row.heardAt]))
    this.#options.found()
  }
}
