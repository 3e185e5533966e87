import type { Unread } from '../cluster/cluster-look.ts'
import type { Freshness, WatchState } from '../cluster/freshness.ts'
import { isMeasurement } from '../facts/usage.ts'
import { formatTime } from '../util/time.ts'

/** What `GET /status` answers and `dogwatch status` shows. Times are RFC 3339. */
export interface Status {
  readonly version: string
  readonly cluster: string
  readonly startedAt: string
  readonly now: string
  /** Nothing is written to the cluster. */
  readonly mode: 'observe'
  /** What the policy lets happen unasked where nothing else is said. */
  readonly level: string
  readonly ready: Readiness
  readonly rules: RulesStatus
  /** One for each kind, and in namespaced mode for each namespace of it. */
  readonly kinds: readonly FreshnessView[]
  /** Kinds that cannot be relied on now, each with the reason. */
  readonly blind: readonly { readonly resource: string; readonly reason: string; readonly detail: string }[]
  readonly counts: {
    readonly objects: number
    /** Subjects' evaluations since the start. */
    readonly evaluations: number
    readonly findings: Readonly<Record<string, number>>
  }
  readonly checkpoint: {
    readonly path: string | null
    readonly savedAt: string | null
    /** Why it could not be read or written; what is remembered then begins anew. */
    readonly problem: string | null
  }
}

/** `/readyz`: everything was seen and judged once, and nothing is stale. */
export interface Readiness {
  readonly synced: boolean
  readonly fresh: boolean
  /** What is missing, a line each. */
  readonly waitingFor: readonly string[]
}

export interface RulesStatus {
  readonly count: number
  /** Changes with any rule of the set. */
  readonly version: string
  readonly loadedAt: string
  /** Files that were refused; `kept` when the last good rules of that file stay in force. */
  readonly problems: readonly {
    readonly file: string
    readonly line: number
    readonly column: number
    readonly message: string
    readonly kept: boolean
  }[]
  /** Rules that failed while they ran. */
  readonly disabled: readonly { readonly rule: string; readonly reason: string }[]
  /** Rules that matched too much at first, and wait for `dogwatch rules ack`. */
  readonly held: readonly {
    readonly rule: string
    readonly version: string
    readonly matched: number
    readonly of: number
  }[]
}

/** `Freshness` with its times as RFC 3339. */
export type FreshnessView = Omit<Freshness, 'namespace' | 'syncedAt' | 'heardAt' | 'continuousSince'> & {
  readonly namespace: string | null
  readonly syncedAt: string | null
  readonly heardAt: string | null
  readonly continuousSince: string | null
}

const time = (ms: number | undefined): string | null => (ms === undefined ? null : formatTime(ms))

export const freshnessView = (row: Freshness): FreshnessView => ({
  ...row,
  namespace: row.namespace ?? null,
  syncedAt: time(row.syncedAt),
  heardAt: time(row.heardAt),
  continuousSince: time(row.continuousSince),
})

const placeOf = ({ resource, namespace }: Freshness): string =>
  namespace === undefined ? resource : `${resource} in namespace ${namespace}`

const wordsOf = (row: Freshness): string => `${placeOf(row)}: ${row.state}${row.detail === '' ? '' : `, ${row.detail}`}`

// That an optional API is not there is as good an answer as any; what is refused or left out is said as incomplete, and waited for by
// nobody. Of what is partial all is read that ever will be: it is said in `kinds`, and what rests on it is unknown.
const WAITED_FOR: ReadonlySet<WatchState> = new Set(['syncing', 'failed', 'stale'])

// Samples of use come from an API server of their own, which one restart of takes away for minutes: whoever asks for findings would get
// none of any kind meanwhile. What rests on samples is unknown, and says so.

/**
 * Whether everything was seen and judged once, and nothing is out of date; samples of use are not waited for. Without a row nothing was
 * begun yet.
 */
export function readinessOf(rows: readonly Freshness[], synced: boolean): Readiness {
  const waiting = rows.filter(({ resource, state }) => WAITED_FOR.has(state) && !isMeasurement(resource))
  const fresh = waiting.length === 0
  const words = waiting.map(wordsOf)
  return { synced, fresh, waitingFor: synced || words.length > 0 ? words : ['the first look at the cluster'] }
}

const UNREAD: Readonly<Partial<Record<WatchState, Unread['reason']>>> = {
  syncing: 'not-synced',
  stale: 'stale',
  forbidden: 'forbidden',
  failed: 'failed',
  'left-out': 'failed',
}

/** The kinds that cannot be relied on now. */
export const unreadOf = (rows: readonly Freshness[]): Unread[] =>
  rows.flatMap((row) => {
    const reason = UNREAD[row.state]
    return reason === undefined ? [] : [{ resource: row.resource, reason, detail: wordsOf(row) }]
  })
