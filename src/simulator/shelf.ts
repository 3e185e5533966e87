import { compareText, firstNotBefore } from '../util/order.ts'
import type { KubeObject } from './object.ts'

/** One change of one object, in the order of revisions. */
export interface TableChange {
  readonly revision: number
  /** The object before, unless it was made. */
  readonly before: KubeObject | undefined
  /** The object after, unless it was removed. */
  readonly after: KubeObject | undefined
}

/** The object that a change is about: as it is now, or as it was at the end. */
export const objectOf = ({ before, after }: TableChange): KubeObject => {
  const object = after ?? before
  if (object === undefined) throw new Error('a change of nothing')
  return object
}

export const keyOf = (namespace: string | undefined, name: string): string =>
  namespace === undefined ? name : `${namespace}/${name}`

const keyOfObject = ({ metadata }: KubeObject): string => keyOf(metadata.namespace, metadata.name)

export interface ShelfState {
  readonly objects: ReadonlyMap<string, KubeObject>
}

/** The objects of one kind, with what happened to them lately. */
export class Shelf {
  readonly #history: number
  #objects = new Map<string, KubeObject>()
  /** Sorted, but for what was added since; keys that are gone stay for a while. Replaced, never changed. */
  #keys: string[] = []
  #added: string[] = []
  #changes: TableChange[] = []
  /** The newest revision whose change is no longer kept. */
  #floor: number

  /** `history`: how many changes are kept. */
  constructor(history: number, floor: number) {
    this.#history = history
    this.#floor = floor
  }

  /** What happened after this revision can be told. */
  get floor(): number {
    return this.#floor
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key)
  }

  apply(change: TableChange): void {
    const key = keyOfObject(objectOf(change))
    if (change.after === undefined) {
      this.#objects.delete(key)
    } else {
      if (!this.#objects.has(key)) this.#added.push(key)
      this.#objects.set(key, change.after)
    }
    this.#changes.push(change)
    // Forgotten in blocks: to shift one by one would move the whole list each time.
    if (this.#changes.length > this.#history * 2) this.forget(this.#changes.length - this.#history)
    else if (this.#changes.length > this.#history)
      this.#floor = Math.max(this.#floor, this.#changes[this.#changes.length - 1 - this.#history]?.revision ?? 0)
  }

  /** Forgets the oldest so many changes. */
  forget(count: number): void {
    const last = this.#changes.splice(0, count).at(-1)
    if (last !== undefined) this.#floor = Math.max(this.#floor, last.revision)
  }

  /** Forgets every change up to this revision, as if more had happened than is kept. */
  compact(revision: number): void {
    const kept = this.#changes.findIndex((change) => change.revision > revision)
    this.#changes = kept < 0 ? [] : this.#changes.slice(kept)
    this.#floor = Math.max(this.#floor, revision)
  }

  /** The changes after a revision; `undefined` when they are no longer all kept. */
  since(revision: number): readonly TableChange[] | undefined {
    if (revision < this.#floor) return undefined
    let from = this.#changes.length
    while (from > 0 && (this.#changes[from - 1]?.revision ?? 0) > revision) from--
    return this.#changes.slice(from)
  }

  /** How many objects there are now. */
  get size(): number {
    return this.#objects.size
  }

  /** Every object as it is now, in the order of keys, from a key on. */
  now(from = ''): Iterable<KubeObject> {
    return this.#walk(from, new Map())
  }

  /** The same as it was at a revision; `undefined` when that is no longer known. To be read before anything changes. */
  at(revision: number, from = ''): Iterable<KubeObject> | undefined {
    const changes = this.since(revision)
    if (changes === undefined) return undefined
    const then = new Map<string, KubeObject | undefined>()
    for (const change of changes) {
      const key = keyOfObject(objectOf(change))
      if (!then.has(key)) then.set(key, change.before)
    }
    return this.#walk(from, then)
  }

  *#walk(from: string, then: ReadonlyMap<string, KubeObject | undefined>): Generator<KubeObject> {
    const gone = [...then.keys()].filter((key) => !this.#objects.has(key)).toSorted(compareText)
    const sorted = this.#sortedKeys()
    const keys = gone.length === 0 ? sorted : merge(sorted, gone)
    for (let at = firstNotBefore(keys, (key) => key < from); at < keys.length; at++) {
      const key = keys[at] ?? ''
      const object = then.has(key) ? then.get(key) : this.#objects.get(key)
      if (object !== undefined) yield object
    }
  }

  state(): ShelfState {
    return { objects: new Map(this.#objects) }
  }

  restore(state: ShelfState | undefined, revision: number): void {
    this.#objects = new Map(state?.objects)
    this.#keys = []
    this.#added = [...this.#objects.keys()]
    this.#changes = []
    this.#floor = revision
  }

  #sortedKeys(): readonly string[] {
    if (this.#keys.length > 2 * this.#objects.size) this.#keys = this.#keys.filter((key) => this.#objects.has(key))
    if (this.#added.length > 0) this.#keys = merge(this.#keys, this.#added.toSorted(compareText))
    this.#added = []
    return this.#keys
  }
}

/** Two sorted lists as one, without what is there twice. */
function merge(left: readonly string[], right: readonly string[]): string[] {
  const merged: string[] = []
  let at = 0
  for (const key of right) {
    for (let next = left[at]; next !== undefined && next < key; next = left[++at]) merged.push(next)
    if (left[at] !== key && merged.at(-1) !== key) merged.push(key)
  }
  for (; at < left.length; at++) merged.push(left[at] ?? '')
  return merged
}
