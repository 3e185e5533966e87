import type { GateInput } from '../proposal.ts'

/** Every gate that exists, by name. */
export type GateName = 'fresh' | 'warm-up' | 'blast' | 'protected' | 'capability' | 'level' | 'owner'

/** Why a decision is what it is. One word each: it goes into the API, logs and metrics. */
export const REASONS = [
  'permitted',
  'not-fresh',
  'warming-up',
  'matches-too-much',
  'not-counted',
  'protected-namespace',
  'protected-object',
  'protection-unknown',
  'own-object',
  'cluster-scoped',
  'capability-not-installed',
  'level-observes',
  'level-below-tier',
  'always-asked',
  'owner-missing',
  'owner-unknown',
  'managed-elsewhere',
  'autoscaled',
] as const
export type Reason = (typeof REASONS)[number]

/** A gate's answer; `until` is when it changes by itself, in milliseconds. */
export type GateAnswer =
  | { readonly answer: 'pass'; readonly detail: string; readonly until?: number | undefined }
  | {
      readonly answer: 'ask' | 'hold'
      readonly reason: Exclude<Reason, 'permitted'>
      readonly detail: string
      readonly until?: number | undefined
    }

/** One question that every action must answer before it is done. */
export interface Gate {
  readonly name: GateName
  /** Whether a person's approval opens it, or nobody's. What cannot be read is held by either. */
  readonly holds: 'for-everyone' | 'until-approved'
  /** For a person: what it protects from. */
  readonly description: string
  judge(input: GateInput): GateAnswer
}

export const pass = (detail: string): GateAnswer => ({ answer: 'pass', detail })

export const hold = (reason: Exclude<Reason, 'permitted'>, detail: string): GateAnswer => ({
  answer: 'hold',
  reason,
  detail,
})
