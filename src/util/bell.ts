import { sleep, type Clock } from './clock.ts'

/** Wakes whoever waits for something to do. */
export class Bell {
  readonly #clock: Clock
  #rung = false
  #wake: () => void = () => undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** There is something to do. */
  ring(): void {
    this.#rung = true
    this.#wake()
  }

  /** Waits until it was rung, `ms` milliseconds at most, and then `moreMs` for more of it. Ends early with the signal. */
  async wait(ms: number, moreMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && ms > moreMs) await this.#rest(ms, signal)
    await sleep(this.#clock, moreMs, signal).catch(() => undefined)
    this.#rung = false
  }

  #rest(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        signal.removeEventListener('abort', end)
        this.#wake = () => undefined
        resolve()
      }
      const cancel = this.#clock.after(ms, end)
      signal.addEventListener('abort', end, { once: true })
      this.#wake = end
      if (signal.aborted) end()
    })
  }
}
