import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../util/clock.ts'
import {
  newUid,
  timestamp,
  type Draft,
  type Json,
  type KubeObject,
  type Metadata,
  type ObjectRef,
  type TypeName,
} from './object.ts'
import { keyOf, Shelf, type ShelfState, type TableChange } from './shelf.ts'

export interface TableOptions {
  readonly clock: Clock
  /** At least 0, less than 1. */
  readonly random: () => number
  /** How many changes of each kind are kept for watches and pages; default 10,000. */
  readonly history?: number | undefined
}

/** `exists`: a name is taken. `absent`: there is no such object. `conflict`: it is not the version that was meant. */
export type TableFault = 'exists' | 'absent' | 'conflict'

export class TableError extends Error {
  readonly fault: TableFault

  constructor(fault: TableFault, { kind, namespace, name }: ObjectRef) {
    super(`${kind} ${keyOf(namespace, name)}: ${fault}`)
    this.fault = fault
  }
}

/** Everything that was held at a moment. */
export interface TableState {
  readonly revision: number
  readonly shelves: ReadonlyMap<string, ShelfState>
}

export type TableListener = (change: TableChange) => void

const HISTORY = 10_000
/** What happened before was before anybody could have asked. */
const FIRST = 100
const typeKey = ({ apiVersion, kind }: TypeName): string => `${apiVersion}/${kind}`

/** The objects of a cluster, as etcd has them: one revision counts the changes of all. */
export class ObjectTable {
  readonly #options: TableOptions
  readonly #shelves = new Map<string, Shelf>()
  readonly #listeners = new Set<TableListener>()
  readonly #watchers = new Map<string, Set<TableListener>>()
  #revision = FIRST

  constructor(options: TableOptions) {
    this.#options = options
  }

  /** The revision of the last change of anything. */
  get revision(): number {
    return this.#revision
  }

  /**
   * Makes an object. A `uid` or `creationTimestamp` that it has already is kept, so that recordings can be loaded.
   * @throws TableError `exists`
   */
  create(draft: Draft): KubeObject {
    const ref = refOf(draft)
    const shelf = this.#shelf(draft)
    const key = keyOf(ref.namespace, ref.name)
    if (shelf.get(key) !== undefined) throw new TableError('exists', ref)
    const { clock, random } = this.#options
    const metadata = { uid: newUid(random), creationTimestamp: timestamp(clock.now()), ...given(draft.metadata) }
    return this.#store(draft, undefined, { ...draft, metadata })
  }

  /**
   * Puts an object in the place of the one with its name. With a `resourceVersion` it must be that version which is replaced.
   * What does not change anything is no change. A changed `spec` raises the generation where there is one.
   * @throws TableError `absent`, `conflict`
   */
  update(draft: Draft): KubeObject {
    const ref = refOf(draft)
    const before = this.get(ref)
    if (before === undefined) throw new TableError('absent', ref)
    const { resourceVersion, uid } = draft.metadata
    const stale = resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion
    if (stale || (uid !== undefined && uid !== before.metadata.uid)) throw new TableError('conflict', ref)
    const after = { ...draft, metadata: { ...draft.metadata, ...inherited(before, draft) } }
    return isDeepStrictEqual(after, before) ? before : this.#store(draft, before, after)
  }

  /** Changes an object by what it is now; `undefined` when there is none. */
  edit(ref: ObjectRef, change: (object: KubeObject) => Draft): KubeObject | undefined {
    const before = this.get(ref)
    return before && this.update(change(before))
  }

  /** Removes an object at once, finalizers or not, and gives what it was (or is said to have been); `undefined` when there is none. */
  remove(ref: ObjectRef, end?: Draft): KubeObject | undefined {
    const before = this.get(ref)
    if (before === undefined) return undefined
    const revision = ++this.#revision
    // What is told of the end carries the revision of the end.
    const last = {
      ...(end ?? before),
      metadata: { ...before.metadata, ...end?.metadata, resourceVersion: String(revision) },
    }
    this.#announce(ref, { revision, before: last, after: undefined })
    return last
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.#shelf(ref).get(keyOf(ref.namespace, ref.name))
  }

  /** The objects of a kind, by namespace and name. */
  list(type: TypeName, namespace?: string): KubeObject[] {
    const objects = this.#shelf(type).now(namespace === undefined ? '' : `${namespace}/`)
    return namespace === undefined ? [...objects] : [...inNamespace(objects, namespace)]
  }

  /** The objects of a kind as they were at a revision, from a key on; `undefined` when that is no longer known. To be read at once. */
  scan(type: TypeName, revision = this.#revision, from = ''): Iterable<KubeObject> | undefined {
    const shelf = this.#shelf(type)
    return revision === this.#revision ? shelf.now(from) : shelf.at(revision, from)
  }

  /** Everything in a namespace, of whatever kind. */
  within(namespace: string): KubeObject[] {
    return [...this.#shelves.values()].flatMap((shelf) => [...inNamespace(shelf.now(`${namespace}/`), namespace)])
  }

  /** How many objects of a kind there are. */
  size(type: TypeName): number {
    return this.#shelf(type).size
  }

  /** The changes of a kind after a revision; `undefined` when they are no longer all kept. */
  changesSince(type: TypeName, revision: number): readonly TableChange[] | undefined {
    return this.#shelf(type).since(revision)
  }

  /** The revision from which on the changes of a kind are known. */
  oldest(type: TypeName): number {
    return this.#shelf(type).floor
  }

  /** Hears of every change (of one kind) as it happens. What it returns ends that. */
  subscribe(listener: TableListener, type?: TypeName): () => void {
    const listeners = type === undefined ? this.#listeners : this.#watching(type)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** Forgets what happened up to a revision (default: up to now): who continues from before has to begin anew. */
  compact(revision = this.#revision): void {
    for (const shelf of this.#shelves.values()) shelf.compact(revision)
  }

  snapshot(): TableState {
    return {
      revision: this.#revision,
      shelves: new Map([...this.#shelves].map(([key, shelf]) => [key, shelf.state()])),
    }
  }

  /** Becomes what it was at an earlier moment, revision and all. Nobody is told, as when etcd comes back from a backup. */
  restore({ revision, shelves }: TableState): void {
    this.#revision = revision
    for (const key of shelves.keys()) this.#shelfOf(key)
    for (const [key, shelf] of this.#shelves) shelf.restore(shelves.get(key), revision)
  }

  /** Lets the revision pass as if other kinds had changed so often. */
  pass(changes: number): void {
    this.#revision += changes
  }

  #store(type: TypeName, before: KubeObject | undefined, draft: Draft): KubeObject {
    const revision = ++this.#revision
    const metadata = { ...draft.metadata, resourceVersion: String(revision) }
    const after = { ...draft, metadata: metadata as Metadata }
    this.#announce(type, { revision, before, after })
    return after
  }

  #announce(type: TypeName, change: TableChange): void {
    this.#shelf(type).apply(change)
    for (const listener of this.#watching(type)) listener(change)
    for (const listener of this.#listeners) listener(change)
  }

  #shelf(type: TypeName): Shelf {
    return this.#shelfOf(typeKey(type))
  }

  #shelfOf(key: string): Shelf {
    const shelf = this.#shelves.get(key) ?? new Shelf(this.#options.history ?? HISTORY, FIRST)
    this.#shelves.set(key, shelf)
    return shelf
  }

  #watching(type: TypeName): Set<TableListener> {
    const listeners = this.#watchers.get(typeKey(type)) ?? new Set()
    this.#watchers.set(typeKey(type), listeners)
    return listeners
  }
}

/** Which object a draft is of. */
export function refOf({ apiVersion, kind, metadata }: Draft): ObjectRef {
  const { name, namespace } = metadata
  if (typeof name !== 'string' || name === '') throw new Error(`a ${kind} without a name`)
  return { apiVersion, kind, name, namespace: typeof namespace === 'string' ? namespace : undefined }
}

const given = (metadata: Json): Json =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined))

function inherited({ metadata, ...before }: KubeObject, after: Draft): Json {
  const { generation } = metadata
  const changed = generation !== undefined && !isDeepStrictEqual(before['spec'], after['spec'])
  return {
    uid: metadata.uid,
    creationTimestamp: metadata.creationTimestamp,
    resourceVersion: metadata.resourceVersion,
    ...(generation === undefined ? {} : { generation: changed ? generation + 1 : generation }),
  }
}

function* inNamespace(objects: Iterable<KubeObject>, namespace: string): Generator<KubeObject> {
  for (const object of objects) {
    if (object.metadata.namespace !== namespace) return
    yield object
  }
}
