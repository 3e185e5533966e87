import type { Clock } from '../../util/clock.ts'
import { MINUTE } from '../../util/time.ts'

/** So many answers in so long a time, in milliseconds, that are all older than what was seen. */
const TIMES = 8
const WITHIN = 5 * MINUTE

/**
 * Tells a server that lags behind from one whose data was restored from a backup. Both answer with an older state than was seen: the one
 * catches up, the other never does. Until that is clear nothing is taken back and what is held counts as stale.
 */
export class Setback {
  readonly #clock: Clock
  #times = 0
  #since = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts an answer that is older than what was seen; whether that is now how things are. */
  confirm(): boolean {
    const now = this.#clock.now()
    if (this.#times === 0) this.#since = now
    this.#times++
    return this.#times >= TIMES && now - this.#since >= WITHIN
  }

  /** The server is where it was seen to be. */
  over(): void {
    this.#times = 0
  }
}
