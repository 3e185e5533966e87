import { byKeys } from '../util/order.ts'
import { INDEXES, type Index, type IndexName, type IndexedObject } from './indexes.ts'
import { KINDS, type AnyObject, type ObjectOf, type Resource } from './kinds.ts'
import { lookAt, type Look, type Looks } from './look.ts'
import { ownerChain } from './owners.ts'
import type { Snapshot, OwnerChain } from './snapshot.ts'

const byName = byKeys((object: AnyObject) => [
  object.metadata.namespace ?? '',
  object.metadata.name,
  object.kind,
  object.metadata.uid,
])

const RESOURCES = new Map(KINDS.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]))
const NAMESPACED = new Map<string, boolean>(KINDS.map((kind) => [kind.resource, kind.namespaced]))

/** The kind that an object is of, or `undefined` for a custom one. */
export const kindOf = (object: {
  readonly apiVersion: string
  readonly kind: string
}): (typeof KINDS)[number] | undefined => RESOURCES.get(`${object.apiVersion}/${object.kind}`)

interface Shelf {
  readonly byName: Map<string, AnyObject>
  sorted: readonly AnyObject[] | undefined
}

/** The objects of a cluster by uid, by name and by each index. Holds one object per uid; a later one replaces an earlier. */
export class ObjectStore implements Snapshot {
  readonly #byUid = new Map<string, AnyObject>()
  readonly #shelves = new Map<string, Shelf>()
  readonly #indexes = new Map<string, Map<string, Set<AnyObject>>>()
  readonly takenAt: number
  readonly cluster: string
  readonly #looks: Looks

  constructor(about: { readonly takenAt: number; readonly cluster: string; readonly looks: Looks }) {
    this.takenAt = about.takenAt
    this.cluster = about.cluster
    this.#looks = about.looks
    for (const name of Object.keys(INDEXES)) this.#indexes.set(name, new Map())
  }

  put(object: AnyObject): void {
    const before = this.#byUid.get(object.metadata.uid)
    if (before) this.#take(before)
    this.#byUid.set(object.metadata.uid, object)
    const shelf = this.#shelf(kindOf(object)?.resource ?? 'custom')
    shelf.byName.set(nameKey(object), object)
    shelf.sorted = undefined
    this.#eachIndex(object, (keys, key) => {
      const group = keys.get(key)
      if (group) group.add(object)
      else keys.set(key, new Set([object]))
    })
  }

  #take(object: AnyObject): void {
    this.#byUid.delete(object.metadata.uid)
    const shelf = this.#shelf(kindOf(object)?.resource ?? 'custom')
    shelf.byName.delete(nameKey(object))
    shelf.sorted = undefined
    this.#eachIndex(object, (keys, key) => keys.get(key)?.delete(object))
  }

  #eachIndex(object: AnyObject, visit: (keys: Map<string, Set<AnyObject>>, key: string) => void): void {
    const resource = kindOf(object)?.resource
    for (const [name, index] of Object.entries<Index>(INDEXES)) {
      if (index.resource !== resource) continue
      const keys = this.#indexes.get(name)
      if (keys) for (const key of index.keys(object)) visit(keys, key)
    }
  }

  #shelf(name: string): Shelf {
    let shelf = this.#shelves.get(name)
    if (!shelf) this.#shelves.set(name, (shelf = { byName: new Map(), sorted: undefined }))
    return shelf
  }

  #sorted(name: string): readonly AnyObject[] {
    const shelf = this.#shelf(name)
    return (shelf.sorted ??= [...shelf.byName.values()].toSorted(byName))
  }

  all<R extends Resource>(resource: R): readonly ObjectOf<R>[] {
    return this.#sorted(resource)
  }

  custom(): readonly AnyObject[] {
    return this.#sorted('custom')
  }

  get<R extends Resource>(resource: R, namespace: string | undefined, name: string): ObjectOf<R> | undefined {
    return this.#shelf(resource).byName.get(`${namespace ?? ''}/${name}`)
  }

  byUid(uid: string): AnyObject | undefined {
    return this.#byUid.get(uid)
  }

  indexed<I extends IndexName>(index: I, key: string): readonly IndexedObject<I>[] {
    const found = this.#indexes.get(index)?.get(key)
    return found ? [...found].toSorted(byName) : []
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

// Two custom kinds may share a name; built-in kinds have a shelf each.
function nameKey(object: AnyObject): string {
  const name = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
  return kindOf(object) ? name : `${object.apiVersion}/${object.kind}/${name}`
}
