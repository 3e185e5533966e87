import type { Clock } from '../util/clock.ts'
import { mapConcurrently } from '../util/concurrent.ts'
import { Api } from './api.ts'
import type { ClusterLook } from './cluster-look.ts'
import { followOwners, knownWorkloads } from './custom-kinds.ts'
import { discover, type Discovery } from './discovery.ts'
import { lookAtKind, targetOf, type KindLook, type Target } from './kind-look.ts'
import { KINDS } from './kinds.ts'
import { clusterIdOf, lookAtNamespaces, namesOf } from './live-namespaces.ts'
import { hintsFor, incompleteOf, looksOf, refuseNothing } from './live-result.ts'
import { readVersion } from './server-version.ts'
import type { Transport } from './transport.ts'

/** How far a look has come. */
export interface LookProgress {
  /** The kind that was just read, as `plural.group`. */
  readonly resource: string
  /** How many objects of it there are so far. */
  readonly objects: number
  /** Kinds that are done, and kinds that there are to do as far as is known. */
  readonly done: number
  readonly total: number
}

export interface LiveOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** Namespaces to look at; default all of them. */
  readonly namespaces?: readonly string[] | undefined
  /** The namespace to propose to a user who may not look at all of them. */
  readonly ownNamespace?: string | undefined
  readonly progress?: ((progress: LookProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Requests at a time. */
  readonly concurrency?: number
}

export interface LiveLook extends ClusterLook {
  /** Such as `v1.36.3`; `undefined` when the server does not tell. */
  readonly serverVersion: string | undefined
  /** How many requests it took. */
  readonly requests: number
}

/**
 * Looks once at a live cluster. Nothing is written, and no Secret is read. A kind that cannot be listed is blind, with the reason;
 * the rest goes on.
 * @throws ClusterError when there is no way in, a namespace that was asked for does not exist, or nothing at all may be read.
 */
export async function lookAtCluster(options: LiveOptions): Promise<LiveLook> {
  const namespaces = options.namespaces && namesOf(options.namespaces)
  const api = new Api(options)
  const discovery = await discover(api)
  const serverVersion = await readVersion(api)
  const look = looker(api, discovery, { ...options, namespaces })

  const kinds = await look([...KINDS.map(targetOf), ...(await knownWorkloads(discovery))])
  refuseNothing(api, kinds, options)
  const custom = await followOwners(kinds, { discovery, look })

  const all = [...kinds, ...custom]
  return {
    objects: all.flatMap(({ objects }) => objects),
    looks: looksOf(all, discovery),
    takenAt: api.serverTime ?? api.clock.now(),
    cluster: await clusterIdOf(api, kinds),
    incomplete: incompleteOf(all),
    hints: hintsFor(all, options),
    serverVersion,
    requests: api.requests,
  }
}

/** Looks at kinds a few at a time, and tells how far it has come over all calls. */
function looker(
  api: Api,
  discovery: Discovery,
  { namespaces, concurrency = 4, progress }: LiveOptions,
): (targets: readonly Target[]) => Promise<KindLook[]> {
  let done = 0
  let total = 0
  return (targets) => {
    total += targets.length
    return mapConcurrently(targets, concurrency, async (target) => {
      const onPage = (objects: number): void => progress?.({ resource: target.resource, objects, done, total })
      const found = await lookAt(api, target, { discovery, namespaces, onPage })
      done++
      onPage(found.objects.length)
      return found
    })
  }
}

interface Way {
  readonly discovery: Discovery
  readonly namespaces: readonly string[] | undefined
  readonly onPage: (objects: number) => void
}

async function lookAt(api: Api, target: Target, { discovery, ...way }: Way): Promise<KindLook> {
  if (target.resource === 'namespaces') return lookAtNamespaces(api, target, way)
  if (discovery.has(target.apiVersion) === false && isOptional(target)) return notInstalled(target)
  return lookAtKind(api, target, way)
}

const OPTIONAL = new Set<string>(KINDS.filter(({ optional }) => optional).map(({ resource }) => resource))
const isOptional = ({ resource }: Target): boolean => OPTIONAL.has(resource)

const notInstalled = (target: Target): KindLook => ({
  target,
  objects: [],
  listed: undefined,
  blind: { unknown: 'not-installed', detail: `${target.resource} is not installed` },
})
