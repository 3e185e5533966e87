import type { AnyObject, ObjectOf, Resource } from './kinds.ts'
import type { IndexName, IndexedObject } from './indexes.ts'
import type { Look } from './look.ts'
import type { OwnerReference } from './projection/meta.ts'

/** From an object to its root owner. */
export interface OwnerChain {
  /** The object itself first, its root owner last; always at least the object. */
  readonly chain: readonly AnyObject[]
  /** A controller that the last object names and that the snapshot does not hold: the chain ends there and no action is taken on it. */
  readonly missing?: OwnerReference
}

/** A cluster as it was seen at one time. Nothing in it changes while it is read. */
export interface Snapshot {
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAt: number
  /** The uid of `kube-system`, the name the user gave, or `dump`. */
  readonly cluster: string
  /** All objects of a kind, by namespace and name. */
  all<R extends Resource>(resource: R): readonly ObjectOf<R>[]
  /** Whether there is any object of a kind, in a namespace (`''` for those of none) or everywhere. */
  holds(resource: Resource, namespace?: string): boolean
  /** The objects of a kind in a namespace (or of none), by name. */
  within<R extends Resource>(resource: R, namespace: string | undefined): readonly ObjectOf<R>[]
  within(resource: 'custom', namespace: string | undefined): readonly AnyObject[]
  /** One object by its name, or `undefined` when it is not held. */
  get<R extends Resource>(resource: R, namespace: string | undefined, name: string): ObjectOf<R> | undefined
  byUid(uid: string): AnyObject | undefined
  /** Objects of custom kinds, by namespace and name. */
  custom(): readonly AnyObject[]
  /** The objects under a key of an index, by namespace and name. */
  indexed<I extends IndexName>(index: I, key: string): readonly IndexedObject<I>[]
  /** How completely a kind was looked at, in a namespace or (without one) everywhere. Takes a custom kind's `plural.group` too. */
  look(resource: string, namespace?: string): Look
  /**
   * From an object to its root owner. Whoever asks looks again when an owner is called or marked otherwise, comes or goes. Its state
   * changes with each of its pods: who reads that of it reads it `byUid`.
   */
  owners(object: AnyObject): OwnerChain
}
