import { listOf, withOne, withoutOne, type Few } from './few.ts'

/** Several values for each key. Most keys have one. */
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
    return listOf<V>(this.#values.get(key))
  }

  add(key: string, value: V): void {
    const there: Few<V> = this.#values.get(key)
    const now = withOne(there, value)
    if (now !== there) this.#values.set(key, now)
  }

  delete(key: string, value: V): void {
    const there: Few<V> = this.#values.get(key)
    const left = withoutOne(there, value)
    if (left === undefined) this.#values.delete(key)
    else if (left !== there) this.#values.set(key, left)
  }

  /** The values of each key. */
  *values(): Generator<readonly V[]> {
    for (const there of this.#values.values()) yield listOf<V>(there)
  }
}
