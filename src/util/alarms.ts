interface Entry<K> {
  readonly at: number
  readonly key: K
}

/** Remembers for many keys when each wants to be looked at again; one time each, in milliseconds since 1970. */
export class Alarms<K> {
  readonly #times = new Map<K, number>()
  /** A heap by time. An entry whose key has another time by now is out of date and is dropped when it comes up. */
  #heap: Entry<K>[] = []

  /** Sets the time of a key, or calls it off. */
  set(key: K, at: number | undefined): void {
    if (at === undefined) this.#times.delete(key)
    else if (this.#times.get(key) !== at) {
      this.#times.set(key, at)
      this.#push({ at, key })
    }
  }

  /** The earliest time of all. */
  next(): number | undefined {
    this.#tidy()
    return this.#heap[0]?.at
  }

  /** Takes out every key whose time has come. */
  due(now: number): K[] {
    const keys: K[] = []
    for (this.#tidy(); this.#heap[0] && this.#heap[0].at <= now; this.#tidy()) {
      const { key } = this.#heap[0]
      this.#times.delete(key)
      keys.push(key)
    }
    return keys
  }

  get size(): number {
    return this.#times.size
  }

  #tidy(): void {
    while (this.#heap[0] && this.#times.get(this.#heap[0].key) !== this.#heap[0].at) this.#pop()
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#times.size) this.#rebuild()
  }

  // A key that is set anew each second would otherwise leave its old times behind.
  #rebuild(): void {
    this.#heap = []
    for (const [key, at] of this.#times) this.#push({ at, key })
  }

  #push(entry: Entry<K>): void {
    let place = this.#heap.push(entry) - 1
    for (let parent = (place - 1) >> 1; place > 0; parent = (place - 1) >> 1) {
      if ((this.#heap[parent]?.at ?? 0) <= entry.at) break
      this.#swap(place, parent)
      place = parent
    }
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (!last || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let place = 0; ;) {
      const child = this.#earlierChild(place)
      if (child === undefined || (this.#heap[child]?.at ?? 0) >= last.at) return
      this.#swap(place, child)
      place = child
    }
  }

  #earlierChild(place: number): number | undefined {
    const left = this.#heap[2 * place + 1]
    const right = this.#heap[2 * place + 2]
    if (!left) return undefined
    return right && right.at < left.at ? 2 * place + 2 : 2 * place + 1
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (!one || !other) return
    this.#heap[a] = other
    this.#heap[b] = one
  }
}
