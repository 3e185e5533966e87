import { StatusError, type Api } from './api.ts'
import { ClusterError, messageOf } from './errors.ts'
import type { AnyObject, Kind } from './kinds.ts'
import { listObjects } from './list.ts'
import type { Blind, BlindReason, Where } from './look.ts'

/** A kind to be listed. */
export interface Target {
  /** `plural.group` */
  readonly resource: string
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Most objects that are worth reading; default all. */
  readonly most?: number | undefined
}

/** What became of listing a kind. */
export interface KindLook {
  readonly target: Target
  readonly objects: readonly AnyObject[]
  /** Where it was listed; `undefined` when nowhere. */
  readonly listed: Where | undefined
  /** Why it was not, where it was not. */
  readonly blind: Blind | undefined
}

// Normal events are many and tell nothing of faults. They come in no order, so of too many no choice can be made but the first.
const WARNINGS = { query: { fieldSelector: 'type!=Normal' }, most: 20_000 }

/** A built-in kind as a target. */
export const targetOf = ({ resource, apiVersion, kind, namespaced }: Kind): Target => ({
  resource,
  apiVersion,
  kind,
  namespaced,
  ...(resource === 'events' ? WARNINGS : {}),
})

/** Where the API has a kind, or one object of it. */
export function pathOf({ resource, apiVersion }: Target, namespace: string | undefined): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const [plural] = resource.split('.')
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`
}

/** Lists a kind everywhere or in some namespaces. What cannot be listed makes it blind there, and nothing else. */
export async function lookAtKind(
  api: Api,
  target: Target,
  { namespaces, onPage }: { namespaces: readonly string[] | undefined; onPage: (objects: number) => void },
): Promise<KindLook> {
  const places = target.namespaced && namespaces !== undefined ? namespaces : [undefined]
  const objects: AnyObject[] = []
  const listed: (string | undefined)[] = []
  const blind: Blind[] = []
  for (const place of places) {
    const before = objects.length
    try {
      const { most, query } = target
      const question = { path: pathOf(target, place), query, type: target, most }
      const list = await listObjects(api, question, (count) => onPage(before + count))
      for (const object of list.objects) objects.push(object)
      if (list.cut) blind.push(blindOf(target, place, new ClusterError(`more than ${most}; only the first were read`)))
      else listed.push(place)
    } catch (error) {
      blind.push(blindOf(target, place, error))
    }
  }
  return { target, objects, listed: whereOf(listed), blind: worst(blind) }
}

function whereOf(places: readonly (string | undefined)[]): Where | undefined {
  const named = places.filter((place) => place !== undefined)
  return places.length === 0 ? undefined : named.length < places.length ? 'all' : named
}

const BY_STATUS: Readonly<Record<number, BlindReason>> = { 403: 'forbidden', 404: 'not-installed' }

/** @throws what is no failure of the cluster: that the user stopped, or a fault of ours. */
function blindOf({ resource }: Target, place: string | undefined, error: unknown): Blind {
  if (!(error instanceof ClusterError)) throw error
  const unknown = error instanceof StatusError ? (BY_STATUS[error.status] ?? 'failed') : 'failed'
  const what = place === undefined ? resource : `${resource} in namespace ${place}`
  return { unknown, detail: unknown === 'not-installed' ? `${what}: not installed` : `${what}: ${messageOf(error)}` }
}

const WORST: readonly BlindReason[] = ['failed', 'forbidden', 'not-installed', 'not-listed']

function worst(blind: readonly Blind[]): Blind | undefined {
  const reason = WORST.find((one) => blind.some(({ unknown }) => unknown === one))
  const same = blind.filter(({ unknown }) => unknown === reason)
  if (reason === undefined) return undefined
  const more = same.length > 1 ? ` (and in ${same.length - 1} more namespaces)` : ''
  return { unknown: reason, detail: `${same[0]?.detail}${more}` }
}
