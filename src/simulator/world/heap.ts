/** What comes first out of a heap. */
export interface Ranked {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Breaks the tie: what was asked for first comes first. */
  readonly order: number
}

const before = (a: Ranked, b: Ranked): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: the earliest first. */
export class Heap<T extends Ranked> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = items[up]
      if (parent === undefined || !before(item, parent)) break
      items[at] = parent
      at = up
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    this.#sink(last)
    return top
  }

  #sink(item: T): void {
    const items = this.#items
    let at = 0
    for (;;) {
      const child = this.#earlierChild(at)
      const found = items[child]
      if (found === undefined || !before(found, item)) break
      items[at] = found
      at = child
    }
    items[at] = item
  }

  #earlierChild(at: number): number {
    const [left, right] = [this.#items[2 * at + 1], this.#items[2 * at + 2]]
    return left !== undefined && right !== undefined && before(right, left) ? 2 * at + 2 : 2 * at + 1
  }
}
