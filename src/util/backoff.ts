import type { Clock } from './clock.ts'
import { MINUTE, SECOND } from './time.ts'

export interface BackoffOptions {
  readonly clock: Clock
  readonly random: () => number
  /** The first and the longest wait, in milliseconds, and by what each is longer than the one before. */
  readonly first?: number
  readonly longest?: number
  readonly factor?: number
  /** Milliseconds without a failure after which the next wait is the first again. */
  readonly resetAfter?: number
}

/** How long to wait after each of several failures in a row: longer each time, and never the same for all who wait. */
export class Backoff {
  readonly #options: Required<BackoffOptions>
  #wait = 0
  #until = Number.NEGATIVE_INFINITY

  constructor(options: BackoffOptions) {
    this.#options = { first: 800, longest: 30 * SECOND, factor: 2, resetAfter: 2 * MINUTE, ...options }
  }

  /** All is well: the next wait is the first again. */
  reset(): void {
    this.#wait = 0
  }

  /** Milliseconds to wait after a failure now: between half of the full wait and all of it. */
  next(): number {
    const { clock, random, first, longest, factor, resetAfter } = this.#options
    const now = clock.now()
    const healthy = now - this.#until > resetAfter
    this.#wait = healthy || this.#wait === 0 ? first : Math.min(longest, this.#wait * factor)
    const wait = this.#wait * (0.5 + 0.5 * random())
    this.#until = now + wait
    return wait
  }
}
