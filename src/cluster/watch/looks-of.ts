import { namesOf } from '../custom-kinds.ts'
import type { Freshness, WatchState } from '../freshness.ts'
import type { Target } from '../kind-look.ts'
import type { Blind, BlindReason, Looks, Where } from '../look.ts'

/** A kind with how it is watched, in each place. */
export interface WatchedKind {
  readonly target: Target
  readonly places: readonly Freshness[]
}

const REASONS: Readonly<Record<Exclude<WatchState, 'live'>, BlindReason>> = {
  syncing: 'not-synced',
  partial: 'failed',
  stale: 'stale',
  forbidden: 'forbidden',
  failed: 'failed',
  'not-installed': 'not-installed',
  'left-out': 'failed',
}
/** Of several places the worst speaks for all. */
const WORST: readonly WatchState[] = ['failed', 'left-out', 'forbidden', 'stale', 'partial', 'syncing', 'not-installed']

/** What can be relied on, by how each kind is watched. */
export function looksOf(kinds: readonly WatchedKind[], unnamed: Looks['unnamed']): Looks {
  const listed = new Map<string, Where>()
  const blind = new Map<string, Blind>()
  for (const { target, places: all } of kinds)
    for (const name of namesOf(target)) {
      const places = counted(target, all)
      const where = whereOf(places)
      const why = blindOf(places)
      if (where !== undefined) listed.set(name, where)
      if (why !== undefined) blind.set(name, why)
    }
  return { listed, blind, unnamed }
}

// Namespaces that are read one by one are what can be had where they may not be watched.
function counted({ namespaced }: Target, places: readonly Freshness[]): readonly Freshness[] {
  const named = places.filter(({ namespace }) => namespace !== undefined)
  return !namespaced && named.length > 0 ? named : places
}

function whereOf(places: readonly Freshness[]): Where | undefined {
  const live = places.filter(({ state }) => state === 'live').map(({ namespace }) => namespace)
  if (live.includes(undefined)) return 'all'
  const named = live.filter((namespace) => namespace !== undefined)
  return named.length > 0 ? named : undefined
}

function blindOf(places: readonly Freshness[]): Blind | undefined {
  const state = WORST.find((one) => places.some((place) => place.state === one))
  if (state === undefined || state === 'live') return undefined
  const same = places.filter((place) => place.state === state)
  const more = same.length > 1 ? ` (and in ${same.length - 1} more namespaces)` : ''
  return { unknown: REASONS[state], detail: `${same[0]?.detail}${more}` }
}

/** The same text for looks by which the same can be relied on. Not for what is only said otherwise: with each new look everything is judged anew. */
export const signatureOf = ({ listed, blind, unnamed }: Looks): string =>
  JSON.stringify([unnamed, [...listed], [...blind].map(([name, { unknown }]) => [name, unknown])])
