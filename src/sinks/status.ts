import type { Freshness } from '../cluster/freshness.ts'

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

/** `/readyz`: everything was seen once, and nothing is stale. */
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
