import type { Clock } from '../../util/clock.ts'

interface Waiting {
  readonly ms: number
  readonly call: () => void
  off: () => void
}

/** A clock that stands still until it is started, and from then on runs `factor` times as fast as another. */
export class ShopClock implements Clock {
  readonly #clock: Clock
  readonly #factor: number
  readonly #begins: number
  readonly #waiting = new Set<Waiting>()
  #started: number | undefined

  constructor(clock: Clock, factor: number) {
    this.#clock = clock
    this.#factor = factor
    this.#begins = clock.now()
  }

  now(): number {
    return this.#started === undefined
      ? this.#begins
      : this.#begins + (this.#clock.now() - this.#started) * this.#factor
  }

  after(ms: number, call: () => void): () => void {
    if (this.#started !== undefined) return this.#clock.after(Math.max(0, ms) / this.#factor, call)
    const one: Waiting = { ms, call, off: () => void this.#waiting.delete(one) }
    this.#waiting.add(one)
    return () => one.off()
  }

  start(): void {
    if (this.#started !== undefined) return
    this.#started = this.#clock.now()
    for (const one of this.#waiting) one.off = this.#clock.after(Math.max(0, one.ms) / this.#factor, one.call)
    this.#waiting.clear()
  }
}
