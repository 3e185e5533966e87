/** Gathers what is to be done together, some time after the first of it was asked for. Times are milliseconds since 1970. */
export class Gathering<T> {
  readonly #ms: number
  readonly #items = new Set<T>()
  #at: number | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  add(item: T, at: number): void {
    this.#at ??= at + this.#ms
    this.#items.add(item)
  }

  /** Everything, once its time has come. */
  due(now: number): readonly T[] {
    if (this.#at === undefined || now < this.#at) return []
    this.#at = undefined
    const items = [...this.#items]
    this.#items.clear()
    return items
  }

  /** When something is due. */
  next(): number | undefined {
    return this.#at
  }

  get size(): number {
    return this.#items.size
  }
}
