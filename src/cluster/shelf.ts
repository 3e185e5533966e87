import { byKeys } from '../util/order.ts'
import type { AnyObject } from './kinds.ts'

/** By namespace and name; objects of custom kinds may share both. */
export const byName = byKeys((object: AnyObject) => [
  object.metadata.namespace ?? '',
  object.metadata.name,
  object.kind,
  object.metadata.uid,
])

/** The objects of one kind, by name, by namespace and in order. */
export class Shelf {
  readonly #byName = new Map<string, AnyObject>()
  readonly #byNamespace = new Map<string, Set<AnyObject>>()
  #sorted: AnyObject[] | undefined

  get size(): number {
    return this.#byName.size
  }

  get(name: string): AnyObject | undefined {
    return this.#byName.get(name)
  }

  put(name: string, object: AnyObject): void {
    this.#byName.set(name, object)
    const home = object.metadata.namespace ?? ''
    const there = this.#byNamespace.get(home)
    if (there) there.add(object)
    else this.#byNamespace.set(home, new Set([object]))
    this.#sorted?.splice(placeOf(object, this.#sorted), 0, object)
  }

  take(name: string, object: AnyObject): void {
    if (this.#byName.get(name) === object) this.#byName.delete(name)
    const home = object.metadata.namespace ?? ''
    const there = this.#byNamespace.get(home)
    there?.delete(object)
    if (there?.size === 0) this.#byNamespace.delete(home)
    const place = this.#sorted ? placeOf(object, this.#sorted) : -1
    if (this.#sorted?.[place] === object) this.#sorted.splice(place, 1)
  }

  /** All of them by namespace and name. Sorted once; from then on each change finds its place. */
  all(): readonly AnyObject[] {
    return (this.#sorted ??= [...this.#byName.values()].toSorted(byName))
  }

  /** Those of one namespace (or of none) by name. */
  within(namespace: string | undefined): readonly AnyObject[] {
    const there = this.#byNamespace.get(namespace ?? '')
    return there ? [...there].toSorted(byName) : []
  }
}

/** Where an object stands, or would stand, in a sorted list. */
function placeOf(object: AnyObject, sorted: readonly AnyObject[]): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other && byName(other, object) < 0) low = middle + 1
    else high = middle
  }
  return low
}
