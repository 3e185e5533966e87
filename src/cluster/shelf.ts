import { compareText, firstNotBefore } from '../util/order.ts'
import type { AnyObject } from './kinds.ts'

/** By namespace and name; objects of custom kinds may share both. Without lists of keys: each change of a large cluster asks it dozens of times. */
export const byName = (a: AnyObject, b: AnyObject): number =>
  compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
  compareText(a.metadata.name, b.metadata.name) ||
  compareText(a.kind, b.kind) ||
  compareText(a.metadata.uid, b.metadata.uid)

/** The objects of one namespace, by name. */
class Home {
  readonly objects = new Map<string, AnyObject>()
  /** The same in order, once somebody has asked. */
  sorted: AnyObject[] | undefined
}

/**
 * The objects of one kind, by namespace (or none) and name, and in order. By two keys that are there already: one made of both for each
 * object would be a sixth of what all of it takes.
 */
export class Shelf {
  readonly #homes = new Map<string, Home>()
  #sorted: AnyObject[] | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get(namespace: string | undefined, name: string): AnyObject | undefined {
    return this.#homes.get(namespace ?? '')?.objects.get(name)
  }

  put(name: string, object: AnyObject): void {
    const namespace = object.metadata.namespace ?? ''
    const former = this.get(namespace, name)
    if (former) this.take(name, former)
    const home = this.#homes.get(namespace) ?? new Home()
    this.#homes.set(namespace, home)
    home.objects.set(name, object)
    this.#size++
    insert(object, home.sorted)
    insert(object, this.#sorted)
  }

  /** Puts an object in the place of an earlier version of itself. */
  replace(name: string, before: AnyObject, object: AnyObject): void {
    const home = this.#homes.get(object.metadata.namespace ?? '')
    home?.objects.set(name, object)
    for (const sorted of [home?.sorted, this.#sorted]) if (sorted) sorted[placeOf(before, sorted)] = object
  }

  take(name: string, object: AnyObject): void {
    const namespace = object.metadata.namespace ?? ''
    const home = this.#homes.get(namespace)
    if (home?.objects.get(name) === object && home.objects.delete(name)) this.#size--
    if (home?.objects.size === 0) this.#homes.delete(namespace)
    drop(object, home?.sorted)
    drop(object, this.#sorted)
  }

  /** How many there are in a namespace (or in none). */
  countIn(namespace: string | undefined): number {
    return this.#homes.get(namespace ?? '')?.objects.size ?? 0
  }

  /** All of them by namespace and name. Sorted once; from then on each change finds its place. */
  all(): readonly AnyObject[] {
    return (this.#sorted ??= [...this.#homes.values()].flatMap(({ objects }) => [...objects.values()]).toSorted(byName))
  }

  /** Those of one namespace (or of none) by name; sorted once, as all of them. */
  within(namespace: string | undefined): readonly AnyObject[] {
    const home = this.#homes.get(namespace ?? '')
    return home ? (home.sorted ??= [...home.objects.values()].toSorted(byName)) : []
  }
}

function insert(object: AnyObject, sorted: AnyObject[] | undefined): void {
  sorted?.splice(placeOf(object, sorted), 0, object)
}

function drop(object: AnyObject, sorted: AnyObject[] | undefined): void {
  const place = sorted ? placeOf(object, sorted) : -1
  if (sorted?.[place] === object) sorted.splice(place, 1)
}

/** Where an object stands, or would stand, in a sorted list. */
const placeOf = (object: AnyObject, sorted: readonly AnyObject[]): number =>
  firstNotBefore(sorted, (other) => byName(other, object) < 0)
