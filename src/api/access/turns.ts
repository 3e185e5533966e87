/** Lets so many run at a time, and so many wait for their turn. */
export class Turns {
  readonly #most: number
  readonly #longest: number
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(most: number, longest: number) {
    this.#most = most
    this.#longest = longest
  }

  /** Whether one more would find no place, not even to wait. */
  get full(): boolean {
    return this.#running >= this.#most && this.#queue.length >= this.#longest
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => void this.#queue.push(resolve))
    else this.#running++
    try {
      return await task()
    } finally {
      // A turn is handed on, so that nobody who comes in between takes it.
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    }
  }
}
