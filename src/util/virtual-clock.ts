import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.ts'

interface Timer {
  readonly at: number
  readonly call: () => void
}

// What a timer sets going (a stream that is read on, a chain of promises) comes to rest within so many turns of the event loop.
const TURNS = 8

/** Time that passes when somebody says so: whole histories run in it, each call at its own time and in a fixed order. */
export class VirtualClock implements Clock {
  #now: number
  #timers: Timer[] = []

  /** `now` in milliseconds since 1970. */
  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), call }
    const behind = this.#timers.findIndex(({ at }) => at > timer.at)
    this.#timers.splice(behind < 0 ? this.#timers.length : behind, 0, timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  /** How many calls are still to come. */
  get waiting(): number {
    return this.#timers.length
  }

  /** Lets `ms` milliseconds pass: every call that comes due is made at its time, and what it sets going comes to rest before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await rest()
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#now = Math.max(this.#now, next.at)
      next.call()
      await rest()
    }
    this.#now = end
  }

  #due(end: number): Timer | undefined {
    const [next] = this.#timers
    return next && next.at <= end ? this.#timers.shift() : undefined
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function rest(turns = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate()
}
