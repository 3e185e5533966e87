import type { Snapshot } from '../cluster/snapshot.ts'
import type { Finding, Target } from '../findings/finding.ts'
import type { Capability } from './capability.ts'
import type { Policy } from './config.ts'
import type { Tier } from './levels.ts'
import type { Standing } from './standing.ts'

/** One place that a write changes: a JSON pointer (the empty one is the whole object) with its value before and after; `null` for none. */
export interface Change {
  readonly pointer: string
  readonly from: unknown
  readonly to: unknown
}

/** What the policy is asked about: one action on one object, for one finding. */
export interface Proposal {
  readonly rule: string
  readonly action: string
  readonly tier: Tier
  /** What would be written to; not always the finding's target, which may be the owner of it. */
  readonly object: Target
  readonly changes: readonly Change[]
  readonly managedBy: Finding['managedBy']
  /** Whether the owner chain of the finding's target ends at its root. */
  readonly ownerComplete: boolean
}

/** What a gate judges by: nothing else, so that the same input gives the same answer. */
export interface GateInput {
  readonly proposal: Proposal
  readonly snapshot: Snapshot
  readonly policy: Policy
  readonly capabilities: readonly Capability[]
  readonly standing: Standing
  /** Milliseconds since 1970. */
  readonly now: number
}
