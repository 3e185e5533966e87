import { isDeepStrictEqual } from 'node:util'
import type { Draft, KubeObject as Stored } from '../object.ts'
import type { ObjectTable } from '../table.ts'
import type { KubeObject, OwnerReference, Pod } from './objects.ts'
import { API_VERSIONS, type Kind, type Kinds } from './workload-objects.ts'

export interface Change {
  /** What was there; nothing for an object that is new. */
  readonly before?: KubeObject | undefined
  /** What is there now; nothing for an object that is gone. */
  readonly after?: KubeObject | undefined
}

const keyOf = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}|${namespace ?? ''}/${name}`
const placeOf = ({ metadata }: KubeObject): { name: string; namespace: string | undefined } => ({
  name: metadata.name,
  namespace: metadata.namespace,
})
// The same objects: the table knows that they are JSON, the world what is in them.
const seen = (object: Stored): KubeObject => object as KubeObject
const draftOf = (object: KubeObject): Draft => ({ ...object, metadata: { ...object.metadata } })
const nodeOf = (object: KubeObject): string | undefined =>
  object.kind === 'Pod' ? (object as Pod).spec.nodeName : undefined

class Groups {
  readonly #groups = new Map<string, Map<string, KubeObject>>()

  set(group: string, key: string, object: KubeObject): void {
    const found = this.#groups.get(group)
    if (found) found.set(key, object)
    else this.#groups.set(group, new Map([[key, object]]))
  }

  delete(group: string, key: string): void {
    const found = this.#groups.get(group)
    found?.delete(key)
    if (found?.size === 0) this.#groups.delete(group)
  }

  get(group: string): KubeObject[] {
    return [...(this.#groups.get(group)?.values() ?? [])]
  }

  size(group: string): number {
    return this.#groups.get(group)?.size ?? 0
  }
}

// The same object at the same place: it is put over what was there.
const isFiledAlike = (before: KubeObject, after: KubeObject): boolean =>
  before.metadata.uid === after.metadata.uid &&
  before.metadata.ownerReferences === after.metadata.ownerReferences &&
  nodeOf(before) === nodeOf(after)

/** The objects of a world by kind, name, namespace, owner and node, kept from what changes in the table. Objects are never changed in place. */
export class Store {
  readonly #table: ObjectTable
  readonly #objects = new Map<string, KubeObject>()
  readonly #kinds = new Groups()
  readonly #namespaces = new Groups()
  readonly #owners = new Groups()
  readonly #nodes = new Groups()
  readonly #uids = new Map<string, string>()
  readonly #listeners = new Map<string, ((change: Change) => void)[]>()
  readonly #unsubscribe: () => void

  constructor(table: ObjectTable) {
    this.#table = table
    for (const [kind, apiVersion] of Object.entries(API_VERSIONS))
      for (const object of table.list({ apiVersion, kind })) this.#put(seen(object))
    this.#unsubscribe = table.subscribe(({ before, after }) =>
      this.#changed({ before: before && seen(before), after: after && seen(after) }),
    )
  }

  close(): void {
    this.#unsubscribe()
  }

  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Kinds[K] | undefined {
    return this.#objects.get(keyOf(kind, namespace, name)) as Kinds[K] | undefined
  }

  /** The object as it is now; nothing when it is gone, or another has its name. */
  fresh<T extends KubeObject>(object: T): T | undefined {
    const { kind, metadata } = object
    const found = this.#objects.get(keyOf(kind, metadata.namespace, metadata.name))
    return found?.metadata.uid === metadata.uid ? (found as T) : undefined
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly Kinds[K][] {
    const found = namespace === undefined ? this.#kinds.get(kind) : this.#namespaces.get(`${kind}|${namespace}`)
    return found as Kinds[K][]
  }

  count(kind: Kind): number {
    return this.#kinds.size(kind)
  }

  /** What an object is the controller of, of one kind. */
  owned<K extends Kind>(kind: K, owner: KubeObject): readonly Kinds[K][] {
    const found = this.#owners.get(owner.metadata.uid ?? '').filter((object) => object.kind === kind)
    return found as Kinds[K][]
  }

  /** Everything that names an object as its owner. */
  dependents(uid: string): readonly KubeObject[] {
    return this.#owners.get(uid)
  }

  /** The object that a reference of an object in a namespace means. */
  owner(reference: OwnerReference, namespace: string | undefined): KubeObject | undefined {
    const { kind, name, uid } = reference
    const found = this.#objects.get(keyOf(kind, namespace, name))
    return found?.metadata.uid === uid ? found : undefined
  }

  hasUid(uid: string): boolean {
    return this.#uids.has(uid)
  }

  onNode(name: string): readonly Pod[] {
    return this.#nodes.get(name) as Pod[]
  }

  create<T extends KubeObject>(object: T): T {
    return seen(this.#table.create(draftOf(object))) as T
  }

  /** Writes an object when that changes anything. */
  update<T extends KubeObject>(object: T): T {
    const { kind, metadata } = object
    const before = this.#objects.get(keyOf(kind, metadata.namespace, metadata.name))
    if (before === undefined || isDeepStrictEqual(before, object)) return object
    const draft = draftOf(object)
    const { resourceVersion: _, ...unversioned } = draft.metadata
    return seen(this.#table.update({ ...draft, metadata: unversioned })) as T
  }

  /** Changes an object as it is now, if it is still there. */
  change<T extends KubeObject>(object: T, changed: (now: T) => T): T | undefined {
    const now = this.fresh(object)
    return now && this.update(changed(now))
  }

  remove(object: KubeObject): void {
    const now = this.fresh(object)
    if (now) this.#table.remove({ apiVersion: now.apiVersion, kind: now.kind, ...placeOf(now) })
  }

  /** Tells of each change of a kind, after the store has it. */
  on(kinds: readonly Kind[], listener: (change: Change) => void): void {
    for (const kind of kinds) {
      const listeners = this.#listeners.get(kind)
      if (listeners) listeners.push(listener)
      else this.#listeners.set(kind, [listener])
    }
  }

  #changed(change: Change): void {
    const { before, after } = change
    if (before && !(after && isFiledAlike(before, after))) this.#take(before)
    if (after) this.#put(after)
    for (const listener of this.#listeners.get((after ?? before)?.kind ?? '') ?? []) listener(change)
  }

  #put(object: KubeObject): void {
    const { kind, metadata } = object
    const key = keyOf(kind, metadata.namespace, metadata.name)
    this.#objects.set(key, object)
    this.#uids.set(metadata.uid ?? '', key)
    this.#eachGroup(object, (groups, group) => groups.set(group, key, object))
  }

  #take(object: KubeObject): void {
    const { kind, metadata } = object
    const key = keyOf(kind, metadata.namespace, metadata.name)
    this.#objects.delete(key)
    this.#uids.delete(metadata.uid ?? '')
    this.#eachGroup(object, (groups, group) => groups.delete(group, key))
  }

  #eachGroup(object: KubeObject, visit: (groups: Groups, group: string) => void): void {
    const { kind, metadata } = object
    visit(this.#kinds, kind)
    if (metadata.namespace !== undefined) visit(this.#namespaces, `${kind}|${metadata.namespace}`)
    for (const owner of metadata.ownerReferences ?? []) visit(this.#owners, owner.uid)
    const node = nodeOf(object)
    if (node !== undefined) visit(this.#nodes, node)
  }
}
