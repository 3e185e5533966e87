import type { Category, Evidence, Severity } from '../engine/rule.ts'
import type { ManagedBy } from '../facts/managed-by.ts'
import type { SubjectKind } from '../facts/subject.ts'

/** Where a finding is in its life. `inhibited`: another finding explains it. `suppressed`: someone said so. */
export const STATES = ['firing', 'pending', 'inhibited', 'suppressed', 'resolved'] as const
export type State = (typeof STATES)[number]

/** The object a finding is about. */
export interface Target {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
  readonly uid: string
}

/** One object that the rule was true of. */
export interface SubjectReference {
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string | undefined
}

/** Who said that a finding is not to be shown, why, and until when (milliseconds). */
export interface Suppression {
  readonly by: 'object' | 'namespace' | 'config'
  readonly reason: string
  readonly until: number | undefined
}

/** A rule that holds for a target. All times are milliseconds since 1970. */
export interface Finding {
  readonly id: string
  readonly rule: { readonly id: string; readonly version: string }
  readonly state: State
  readonly severity: Severity
  readonly category: Category
  readonly target: Target
  /** Whether the target is the end of its owner chain; if not, a controller is named that is not held, and nothing is done. */
  readonly ownerComplete: boolean
  readonly container: string | undefined
  readonly title: string
  readonly message: string
  readonly managedBy: ManagedBy | null
  readonly subjectKind: SubjectKind
  readonly subjects: { readonly count: number; readonly sample: readonly SubjectReference[] }
  readonly evidence: readonly Evidence[]
  /** The id of the finding that explains this one and is itself explained by none. */
  readonly causedBy: string | null
  readonly suppressedBy: Suppression | null
  readonly since: number
  readonly firstSeen: number
  readonly lastSeen: number
  readonly resolvedAt: number | null
  /** While `pending`: when it fires, if nothing changes until then. */
  readonly firesAt: number | null
  readonly runbook: string
  /** Names of actions in the order the rule proposes them. */
  readonly recommend: readonly string[]
}
