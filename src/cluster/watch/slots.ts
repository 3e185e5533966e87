import { abortError } from '../../util/clock.ts'

interface Waiting {
  readonly rank: number
  readonly give: () => void
}

/** So many may at once; the others wait, those of a smaller rank first. */
export class Slots {
  #free: number
  readonly #waiting: Waiting[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a slot. What it gives gives the slot back, however often it is called. */
  async take(rank: number, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw abortError(signal)
    if (this.#free > 0) this.#free--
    else await this.#wait(rank, signal)
    let held = true
    return () => {
      if (held) this.#return()
      held = false
    }
  }

  #wait(rank: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(abortError(signal))
      }
      const entry: Waiting = {
        rank,
        give: () => {
          signal.removeEventListener('abort', stop)
          resolve()
        },
      }
      const behind = this.#waiting.findIndex((other) => other.rank > rank)
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, entry)
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  #return(): void {
    const next = this.#waiting.shift()
    if (next) next.give()
    else this.#free++
  }
}
