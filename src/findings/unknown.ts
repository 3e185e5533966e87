import type { Category } from '../engine/rule.ts'
import type { UnknownReason } from '../facts/reading.ts'
import { byKeys, groupBy } from '../util/order.ts'
import type { SubjectReference } from './finding.ts'
import { byObject, type UnknownRollUp } from './roll-up.ts'
import { sample } from './sample.ts'

/** What one rule could not decide, for one reason. */
export interface UnknownSummary {
  readonly rule: string
  readonly category: Category
  readonly reason: UnknownReason | 'undecided'
  /** What is missing and what would be needed, of the first subject. */
  readonly detail: string | undefined
  readonly subjects: { readonly count: number; readonly sample: readonly SubjectReference[] }
}

export const byRule = byKeys(({ rule, reason }: UnknownSummary) => [rule, reason])

/** Sums up by rule and reason. */
export function summarise(unknown: readonly UnknownRollUp[]): UnknownSummary[] {
  const matches = unknown.flatMap((one) => one.matches).toSorted(byObject)
  const groups = groupBy(matches, ({ rule, evaluation }) => `${rule.id} ${evaluation.reason}`)
  const summaries = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { rule, evaluation } = first
    const { reason, detail } = evaluation
    return { rule: rule.id, category: rule.category, reason, detail, subjects: sample(group) }
  })
  return summaries.toSorted(byRule)
}
