import type { AnyObject } from './kinds.ts'
import type { Looks } from './look.ts'
import { ObjectStore } from './store.ts'

/** A kind that was to be read and was refused or failed. */
export interface Unread {
  readonly resource: string
  readonly reason: 'forbidden' | 'failed' | 'not-synced' | 'stale'
  readonly detail: string
}

/** One look at a cluster, live or dumped. */
export interface ClusterLook {
  readonly objects: readonly AnyObject[]
  readonly looks: Looks
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAt: number
  /** What the cluster calls itself: the uid of `kube-system`, or the name that a dump gives it; `undefined` where neither is known. */
  readonly cluster: string | undefined
  readonly incomplete: readonly Unread[]
  /** What would make the look better, a sentence each. */
  readonly hints: readonly string[]
}

/** The store of a look. `cluster` is the name the user gave, which goes before what the cluster calls itself. */
export function storeOf(look: ClusterLook, cluster: string | undefined): ObjectStore {
  const { takenAt, looks, objects } = look
  const store = new ObjectStore({ takenAt, looks, cluster: cluster ?? look.cluster ?? 'dump' })
  for (const object of objects) store.put(object)
  return store
}

/** The uid of the namespace `kube-system`, which no two clusters share. */
export const clusterUid = (objects: readonly AnyObject[]): string | undefined =>
  objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'kube-system')?.metadata.uid
