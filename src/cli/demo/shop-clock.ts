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
    if (this.#started !== undefined) return this.#clock.after(this.#wait(ms), call)
    const one: Waiting = { ms, call, off: () => void this.#waiting.delete(one) }
    this.#waiting.add(one)
    return () => one.off()
  }

  start(): void {
    if (this.#started !== undefined) return
    this.#started = this.#clock.now()
    for (const one of this.#waiting) one.off = this.#clock.after(this.#wait(one.ms), one.call)
    this.#waiting.clear()
  }

  // Whole milliseconds, and rather late than early: who is called a hair too soon asks again for no time at all, and so on.
  #wait(ms: number): number {
    return Math.ceil(Math.max(0, ms) / this.#factor)
  }
}
