import { CATEGORIES, type Category, type Severity } from '../engine/rule.ts'
import type { Finding } from './finding.ts'

/** Points that one visible finding takes from its category. */
const PENALTY: Readonly<Record<Severity, number>> = { critical: 25, high: 15, medium: 8, low: 3, info: 1 }

/** Points that one rule takes which is unknown for some subject: what nobody could look at is not healthy. */
const UNKNOWN_PENALTY = 1

export type Scores = Readonly<Record<Category, number>>

/**
 * Health per category from 0 to 100: `max(0, 100 − Σ penalty of firing and pending findings − number of rules that are unknown)`.
 * So 100 means no finding and nothing unknown, and every finding more, or a graver one, lowers it while it is above 0.
 */
export function score(
  findings: Iterable<Pick<Finding, 'category' | 'severity' | 'state'>>,
  unknownRules: Iterable<{ readonly category: Category }>,
): Scores {
  const lost: Record<Category, number> = { health: 0, delivery: 0, storage: 0, scaling: 0, efficiency: 0 }
  for (const { category, severity, state } of findings)
    if (state === 'firing' || state === 'pending') lost[category] += PENALTY[severity]
  for (const { category } of unknownRules) lost[category] += UNKNOWN_PENALTY
  for (const category of CATEGORIES) lost[category] = Math.max(0, 100 - lost[category])
  return lost
}
