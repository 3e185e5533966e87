import type { Resource } from '../cluster/kinds.ts'
import type { UnknownReason, Value } from '../facts/reading.ts'
import type { Subject, SubjectKind, View } from '../facts/subject.ts'

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export const CATEGORIES = ['health', 'delivery', 'storage', 'scaling', 'efficiency'] as const
export type Category = (typeof CATEGORIES)[number]

/** A rule as the rooms after the engine see it: what it is called and what follows from it, without its conditions. */
export interface Rule {
  readonly id: string
  /** `sha256:` of the rule's canonical JSON. */
  readonly version: string
  readonly file: string
  readonly subjects: readonly SubjectKind[]
  readonly severity: Severity
  readonly category: Category
  readonly inhibits: readonly Inhibits[]
  /** Actions in the order they are proposed. */
  readonly recommend: readonly string[]
  readonly runbook: string
}

/** What a finding of this rule explains: findings of another rule, over a relation between their subjects. */
export interface Inhibits {
  readonly rule: string
  readonly via: string
}

/** One condition that mattered: what was asked, and what was seen. */
export interface Evidence {
  readonly fact: string
  readonly params?: Readonly<Record<string, string | number>>
  readonly operator: string
  readonly expected: unknown
  readonly actual: Value
}

/** What a person reads of a match; built only when it is wanted. */
export interface Explanation {
  readonly title: string
  readonly message: string
  readonly evidence: readonly Evidence[]
  /** When something that it tells may change though no object changes, in milliseconds. */
  readonly until?: number | undefined
}

/** The names that a title or message may use beside facts. */
export interface Naming {
  /** `Kind namespace/name` of the finding's target. */
  readonly target: string
}

export interface True {
  readonly truth: 'true'
  /** Since when the conditions provably hold, in milliseconds; absent when only this look vouches for it. */
  readonly since?: number
  /** When the answer may change though no object changes, in milliseconds. */
  readonly until?: number
  readonly severity: Severity
  /** How long it must hold before it fires, in milliseconds. */
  readonly forMs: number
  readonly resolveAfterMs: number
  /** Spells of false or unknown shorter than this do not reset the clock, in milliseconds. */
  readonly flickerMs: number
  readonly explain: (naming: Naming) => Explanation
}

export interface False {
  readonly truth: 'false'
  readonly until?: number
}

export interface Undecided {
  readonly truth: 'unknown'
  /** `undecided`: every reading is known, but its bounds lie on both sides of what was asked. */
  readonly reason: UnknownReason | 'undecided'
  readonly detail?: string
  readonly until?: number
}

export type Evaluation = True | False | Undecided

/** A rule made ready to run. */
export interface CompiledRule {
  readonly rule: Rule
  /** Every kind that its answer rests on: those behind its subjects, and those that its facts read. */
  readonly resources: readonly Resource[]
  /**
   * What the rule says of a subject; `undefined` when the subject is outside its scope or an override switched it off there.
   * @throws nothing: a rule that fails on a subject is reported by its rule set and says nothing from then on.
   */
  readonly evaluate: (subject: Subject, view: View) => Evaluation | undefined
}

/** A rule that was switched off while it ran, and why. */
export interface DisabledRule {
  readonly rule: string
  readonly reason: string
}
