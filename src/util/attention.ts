import type { Clock } from './clock.ts'

/** A time in which nobody watched, or a jump of the clock, which looks the same. Milliseconds since 1970; `to` may lie before `from`. */
export interface Lapse {
  readonly from: number
  readonly to: number
}

const BEAT_MS = 1_000

/**
 * Notices that time went on without us: a process that was paused or stalled, a wall clock that jumped either way. A beat each second is all
 * that is needed, since timers do not follow the wall clock. Whoever measures how long something lasted asks `lapse` first: the beat after a
 * jump may come after the event that would be judged by it.
 */
export class Attention {
  readonly #clock: Clock
  readonly #mostMs: number
  #last: number
  #cancel: () => void = () => undefined

  /** Up to `mostMs` milliseconds between two beats, or backwards, are no lapse. */
  constructor(clock: Clock, mostMs: number) {
    this.#clock = clock
    this.#mostMs = mostMs
    this.#last = clock.now()
  }

  /** Beats until stopped; each lapse is told once, here or by `lapse`. */
  start(lapsed: (lapse: Lapse) => void): void {
    this.#cancel = this.#clock.after(BEAT_MS, () => {
      const found = this.lapse()
      this.start(lapsed)
      if (found) lapsed(found)
    })
  }

  /** The lapse since it was last asked, or since the last beat. */
  lapse(): Lapse | undefined {
    const [from, to] = [this.#last, this.#clock.now()]
    this.#last = to
    return Math.abs(to - from) > this.#mostMs ? { from, to } : undefined
  }

  stop(): void {
    this.#cancel()
  }
}
