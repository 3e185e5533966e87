interface Kept<T> {
  readonly value: T
  readonly at: number
  readonly ttl: number
}

/** Values that hold for a while, at most so many; the one that was not asked for longest goes first. */
export class ExpiringCache<T> {
  readonly #most: number
  readonly #now: () => number
  readonly #kept = new Map<string, Kept<T>>()

  constructor(most: number, now: () => number) {
    this.#most = most
    this.#now = now
  }

  get(key: string): T | undefined {
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    const age = this.#now() - kept.at
    this.#kept.delete(key)
    // A clock that was set back must not make a grant last: what comes from the future has expired.
    if (age < 0 || age >= kept.ttl) return undefined
    this.#kept.set(key, kept)
    return kept.value
  }

  /** `ttl` in milliseconds. */
  set(key: string, value: T, ttl: number): void {
    this.#kept.delete(key)
    this.#kept.set(key, { value, ttl, at: this.#now() })
    if (this.#kept.size <= this.#most) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}
