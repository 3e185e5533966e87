import type { Clock } from '../../src/util/clock.ts'

/** Time that passes when the test says so. */
export class ManualClock implements Clock {
  #now: number
  #waiting: { readonly at: number; readonly call: () => void }[] = []

  constructor(now = Date.parse('2026-11-21T12:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.#now + ms, call }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== entry)
    }
  }

  /** How many calls are still to come. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Lets so many milliseconds pass, and makes the calls that are due in their order. */
  advance(ms: number): void {
    this.#now += ms
    const due = this.#waiting.filter(({ at }) => at <= this.#now).toSorted((a, b) => a.at - b.at)
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now)
    for (const { call } of due) call()
  }
}

/** Time in which every wait is over at once; `waits` are the milliseconds that were waited. */
export class HastyClock implements Clock {
  readonly waits: number[] = []

  now(): number {
    return Date.parse('2026-11-21T12:00:00Z')
  }

  after(ms: number, call: () => void): () => void {
    let off = false
    this.waits.push(ms)
    queueMicrotask(() => {
      if (!off) call()
    })
    return () => {
      off = true
    }
  }
}
