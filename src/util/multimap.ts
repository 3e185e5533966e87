/** Several values for each key. Most keys have one: a set for each would be most of the memory of a large map. */
export class Multimap<V extends object> {
  readonly #values = new Map<string, V | Set<V>>()

  /** How many keys there are. */
  get size(): number {
    return this.#values.size
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  of(key: string): readonly V[] {
    return listOf(this.#values.get(key))
  }

  add(key: string, value: V): void {
    const there = this.#values.get(key)
    if (there instanceof Set) there.add(value)
    else this.#values.set(key, there && there !== value ? new Set([there, value]) : value)
  }

  delete(key: string, value: V): void {
    const there = this.#values.get(key)
    if (there instanceof Set) there.delete(value)
    if (there === value || (there instanceof Set && there.size === 0)) this.#values.delete(key)
  }

  /** The values of each key. */
  *values(): Generator<readonly V[]> {
    for (const there of this.#values.values()) yield listOf(there)
  }
}

const listOf = <V extends object>(there: V | Set<V> | undefined): readonly V[] =>
  there === undefined ? [] : there instanceof Set ? [...there] : [there]
