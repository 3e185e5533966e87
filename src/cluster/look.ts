import type { Resource } from './kinds.ts'

/**
 * Why a kind cannot be relied on. `not-listed`: nobody looked. `not-installed`: the server has no such API. `not-synced`: a watch has
 * begun and has not seen everything yet. `stale`: a watch has heard nothing for too long, so what is held may be out of date.
 * The words are shown to people and counted in the envelope, so they are a closed list.
 */
export type BlindReason = 'not-listed' | 'forbidden' | 'failed' | 'not-installed' | 'not-synced' | 'stale'

export interface Blind {
  readonly unknown: BlindReason
  /** What a person reads: which kind, and what the server said. */
  readonly detail: string
}

/**
 * How completely a kind was looked at. `listed`: every object is here, so what is missing does not exist.
 * `referred`: a cluster-scoped kind in a look at some namespaces; what they refer to is here and nothing else is promised.
 */
export type Look = 'listed' | 'referred' | Blind

/** What was looked at: each kind on its own, in all namespaces or in some. */
export interface Looks {
  /** Kinds that were listed, as `plural.group` and custom kinds too, with the namespaces they were listed in. */
  readonly listed: ReadonlyMap<string, Where>
  /** Kinds that could not be listed, with the reason; of a kind that `listed` names too, its other namespaces. */
  readonly blind: ReadonlyMap<string, Blind>
  /** Whether a kind that is in neither list is one that the cluster does not have (a custom kind of a recorded look), or one that nobody asked for. */
  readonly unnamed: 'not-installed' | 'not-listed'
}

/** The namespaces that a kind was listed in. */
export type Where = 'all' | readonly string[]

/** Kinds that a cluster may well be without; of metrics it is worth saying that nobody read them. */
const ADDED = new Set<string>([
  'volumesnapshots.snapshot.storage.k8s.io' satisfies Resource,
  'verticalpodautoscalers.autoscaling.k8s.io' satisfies Resource,
])
const METRICS = /\.metrics\.k8s\.io$/

export interface LookAt {
  readonly namespaced: boolean
  readonly builtIn: boolean
  readonly namespace?: string | undefined
}

/** How completely `resource` (in `namespace`, for a namespaced kind) was looked at. */
export function lookAt(looks: Looks, resource: string, at: LookAt): Look {
  const listed = looks.listed.get(resource)
  if (covers(listed, at)) return 'listed'
  const blind = looks.blind.get(resource)
  if (blind) return blind
  if (listed === undefined || listed === 'all') return unnamed(looks, resource, at.builtIn)
  if (!at.namespaced) return 'referred'
  const where = at.namespace === undefined ? 'in all namespaces' : `in namespace ${at.namespace}`
  return { unknown: 'not-listed', detail: `${resource} ${where}: only ${listed.join(', ')} looked at` }
}

const covers = (listed: Where | undefined, { namespaced, namespace }: LookAt): boolean =>
  listed === 'all' || (namespaced && namespace !== undefined && listed !== undefined && listed.includes(namespace))

function unnamed(looks: Looks, resource: string, builtIn: boolean): Blind {
  const optional = !builtIn || ADDED.has(resource)
  if (optional && looks.unnamed === 'not-installed')
    return { unknown: 'not-installed', detail: `${resource} is not installed` }
  if (METRICS.test(resource)) return { unknown: 'not-listed', detail: `${resource}: no metrics API was read` }
  return { unknown: 'not-listed', detail: `${resource}: nobody looked` }
}
