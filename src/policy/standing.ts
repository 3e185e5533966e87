import type { Freshness } from '../cluster/freshness.ts'
import { groupBy } from '../util/order.ts'
import type { Blast } from './blast.ts'

/** A rule and the namespace of what would be written to; `undefined` for a cluster-scoped object. */
export interface StandingQuestion {
  readonly rule: string
  readonly namespace: string | undefined
}

/** How well dogwatch stands to judge: what it watches, since when, and what it knows of its rules. */
export interface Standing {
  /** Whether there was more than one look. */
  readonly watched: boolean
  /** What is out of date of all that the rule reads, in words; `undefined` when nothing is. */
  unfresh(question: StandingQuestion): string | undefined
  /** Until when too little was watched, in milliseconds since 1970; `undefined` when it was long enough. */
  warmUntil(question: StandingQuestion): number | undefined
  /** What stands against the rule for what it matched at first; `undefined` when nothing does. */
  blast(rule: string): Blast | 'not-counted' | undefined
}

/** A scan's: one look, taken for this. */
export const ONE_LOOK: Standing = {
  watched: false,
  unfresh: () => undefined,
  warmUntil: () => undefined,
  blast: () => undefined,
}

/** How long is watched before anything is done unasked, in milliseconds. */
export const WARM_UP_MS = 300_000

/** What a standing is computed from. Times are milliseconds since 1970. */
export interface Watching {
  readonly freshness: readonly Freshness[]
  readonly startedAt: number
  readonly now: number
  /** The kinds that a rule in force reads, as `plural.group`; `undefined` of a rule that is not in force. */
  readonly readsOf: (rule: string) => readonly string[] | undefined
  /** What stands against rules for what they matched at first, by id: see `objections`. */
  readonly objections: ReadonlyMap<string, Blast | 'not-counted'>
}

/** The standing of a daemon. */
export function standingOf({ freshness, startedAt, now, readsOf, objections }: Watching): Standing {
  const byResource = groupBy(freshness, ({ resource }) => resource)
  const rowsFor = ({ rule, namespace }: StandingQuestion) =>
    readsOf(rule)?.map((resource) => ({ resource, rows: rowsIn(namespace, byResource.get(resource) ?? []) }))
  return {
    watched: true,
    unfresh: (question) => {
      const kinds = rowsFor(question)
      return kinds === undefined ? 'the rule is not in force any more' : kinds.map(unfreshKind).find(Boolean)
    },
    warmUntil: (question) => {
      const rows = (rowsFor(question) ?? []).flatMap((kind) => kind.rows).filter(isThere)
      const since = Math.max(startedAt, ...rows.map(({ continuousSince }) => continuousSince ?? now))
      return since + WARM_UP_MS > now ? since + WARM_UP_MS : undefined
    },
    blast: (rule) => objections.get(rule),
  }
}

// Of a cluster-scoped object every namespace may matter.
const rowsIn = (namespace: string | undefined, rows: readonly Freshness[]): readonly Freshness[] =>
  rows.filter((row) => namespace === undefined || row.namespace === undefined || row.namespace === namespace)

// That an optional API is not there is as good an answer as any.
const isThere = ({ state }: Freshness): boolean => state !== 'not-installed'

function unfreshKind({ resource, rows }: { resource: string; rows: readonly Freshness[] }): string | undefined {
  if (rows.length === 0) return `${resource}: not watched`
  const row = rows.filter(isThere).find(({ state }) => state !== 'live')
  return row && `${resource}: ${row.state}${row.detail === '' ? '' : `, ${row.detail}`}`
}
