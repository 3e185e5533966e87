import { Multimap } from '../util/multimap.ts'
import { INDEXES, type Index, type IndexName, type IndexedObject } from './indexes.ts'
import { KINDS, type AnyObject, type ObjectOf, type Resource } from './kinds.ts'
import { lookAt, type Look, type Looks } from './look.ts'
import { ownerChain } from './owners.ts'
import { SampleShelf } from './sample-shelf.ts'
import { byName, Shelf } from './shelf.ts'
import type { Snapshot, OwnerChain } from './snapshot.ts'

// By the name alone, and the version compared: it is asked several times for each change, and a key of both would be made each time.
const BY_KIND = new Map(KINDS.map((kind) => [kind.kind, kind]))
const NAMESPACED = new Map<string, boolean>(KINDS.map((kind) => [kind.resource, kind.namespaced]))

/** The kind that an object is of, or `undefined` for a custom one. */
export const kindOf = (object: {
  readonly apiVersion: string
  readonly kind: string
}): (typeof KINDS)[number] | undefined => {
  const kind = BY_KIND.get(object.kind)
  return kind?.apiVersion === object.apiVersion ? kind : undefined
}

/** The name of the shelf that an object lies on. */
export const shelfOf = (object: { readonly apiVersion: string; readonly kind: string }): Resource | 'custom' =>
  kindOf(object)?.resource ?? 'custom'

const INDEX_ROWS = Object.entries<Index>(INDEXES)
const INDEXES_OF = new Map(
  KINDS.map(({ resource }) => [resource, INDEX_ROWS.filter(([, index]) => index.resource === resource)]),
)

/** Every index that an object is under, with its keys. */
export function indexKeys(object: AnyObject): (readonly [index: string, key: string])[] {
  const resource = kindOf(object)?.resource
  const rows = (resource && INDEXES_OF.get(resource)) ?? []
  return rows.flatMap(([name, index]) => index.keys(object).map((key) => [name, key] as const))
}

/** The objects of a cluster by uid, by name and by each index. Holds one object per uid; a later one replaces an earlier. */
export class ObjectStore implements Snapshot {
  readonly #byUid = new Map<string, AnyObject>()
  readonly #samples = new SampleShelf()
  readonly #shelves = new Map<string, Shelf>([['pods.metrics.k8s.io', this.#samples]])
  readonly #indexes = new Map<string, Multimap<AnyObject>>()
  readonly takenAt: number
  #cluster: string
  #looks: Looks

  constructor(about: { readonly takenAt: number; readonly cluster: string; readonly looks: Looks }) {
    this.takenAt = about.takenAt
    this.#cluster = about.cluster
    this.#looks = about.looks
    for (const name of Object.keys(INDEXES)) this.#indexes.set(name, new Multimap())
  }

  get cluster(): string {
    return this.#cluster
  }

  /** How completely each kind is looked at. */
  get looks(): Looks {
    return this.#looks
  }

  /** All objects, in no order. */
  *every(): Generator<AnyObject> {
    yield* this.#byUid.values()
    yield* this.#samples.unpacked()
  }

  /** What is learnt of the cluster while it is watched: its name, and how completely it is looked at. */
  learn({ cluster = this.#cluster, looks = this.#looks }: { readonly cluster?: string; readonly looks?: Looks }): void {
    this.#cluster = cluster
    this.#looks = looks
  }

  /** Stores an object; gives the one with its uid that it replaces. */
  put(object: AnyObject): AnyObject | undefined {
    const before = this.byUid(object.metadata.uid)
    if (this.#samples.pack(object)) return before
    const same = before !== undefined && isNamesake(before, object)
    if (before && !same) this.remove(before.metadata.uid)
    this.#byUid.set(object.metadata.uid, object)
    const shelf = this.#shelf(shelfOf(object))
    if (same && this.namesake(object) === before) shelf.replace(nameOn(object), before, object)
    else shelf.put(nameOn(object), object)
    if (same) this.#unindex(before)
    this.#index(object)
    return before
  }

  #index(object: AnyObject): void {
    for (const [name, key] of indexKeys(object)) this.#indexes.get(name)?.add(key, object)
  }

  #unindex(object: AnyObject): void {
    for (const [name, key] of indexKeys(object)) this.#indexes.get(name)?.delete(key, object)
  }

  /** Takes an object out, and gives it. */
  remove(uid: string): AnyObject | undefined {
    const object = this.byUid(uid)
    if (!object) return undefined
    if (!this.#byUid.delete(uid)) {
      this.#samples.drop(object)
      return object
    }
    this.#shelf(shelfOf(object)).take(nameOn(object), object)
    this.#unindex(object)
    return object
  }

  /** How many objects there are. */
  get size(): number {
    return this.#byUid.size + this.#samples.packed
  }

  #shelf(name: string): Shelf {
    let shelf = this.#shelves.get(name)
    if (!shelf) this.#shelves.set(name, (shelf = new Shelf()))
    return shelf
  }

  all<R extends Resource>(resource: R): readonly ObjectOf<R>[] {
    return this.#shelf(resource).all()
  }

  custom(): readonly AnyObject[] {
    return this.#shelf('custom').all()
  }

  holds(resource: Resource, namespace?: string): boolean {
    return (namespace === undefined ? this.count(resource) : this.countIn(resource, namespace)) > 0
  }

  /** The uids of all objects but samples of pods, those that come while they are read among them. */
  uids(): Iterator<string> {
    return this.#byUid.keys()
  }

  /** How many objects are on a shelf. */
  count(shelf: string): number {
    return this.#shelf(shelf).size
  }

  /** How many objects are on a shelf in a namespace (or in none). */
  countIn(shelf: string, namespace: string | undefined): number {
    return this.#shelf(shelf).countIn(namespace)
  }

  within<R extends Resource>(resource: R, namespace: string | undefined): readonly ObjectOf<R>[]
  within(resource: 'custom', namespace: string | undefined): readonly AnyObject[]
  within(resource: string, namespace: string | undefined): readonly AnyObject[] {
    return this.#shelf(resource).within(namespace)
  }

  get<R extends Resource>(resource: R, namespace: string | undefined, name: string): ObjectOf<R> | undefined {
    return this.#shelf(resource).get(namespace, name)
  }

  /** The object of the same kind that has the same name. */
  namesake(object: Named): AnyObject | undefined {
    return this.#shelf(shelfOf(object)).get(object.metadata.namespace, nameOn(object))
  }

  byUid(uid: string): AnyObject | undefined {
    return this.#byUid.get(uid) ?? this.#samples.byUid(uid)
  }

  indexed<I extends IndexName>(index: I, key: string): readonly IndexedObject<I>[] {
    const found = this.#indexes.get(index)?.of(key) ?? []
    return found.length > 1 ? found.toSorted(byName) : found
  }

  look(resource: string, namespace?: string): Look {
    const namespaced = NAMESPACED.get(resource)
    return lookAt(this.#looks, resource, {
      namespaced: namespaced ?? true,
      builtIn: namespaced !== undefined,
      namespace,
    })
  }

  owners(object: AnyObject): OwnerChain {
    return ownerChain(object, (uid) => this.#byUid.get(uid))
  }
}

/** What an object is called, whatever it is. */
interface Named {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string }
}

/** What an object is called among those of its namespace on its shelf. Two custom kinds may share a name; built-in kinds have a shelf each. */
const nameOn = (object: Named): string =>
  kindOf(object) ? object.metadata.name : `${object.apiVersion}/${object.kind}/${object.metadata.name}`

const isNamesake = (a: Named, b: Named): boolean =>
  a.metadata.namespace === b.metadata.namespace && shelfOf(a) === shelfOf(b) && nameOn(a) === nameOn(b)
