import type { Condition } from '../cluster/projection/meta.ts'
import { parseTime } from '../util/time.ts'

/** A condition of an object by its type. */
export const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type)

/** Since when a condition has its status, in milliseconds. */
export const conditionSince = (condition: Condition | undefined): number | undefined =>
  parseTime(condition?.lastTransitionTime)

/** Whether a condition has been `True` without a break since a time in milliseconds. */
export function trueSince(conditions: readonly Condition[] | undefined, type: string, at: number): boolean {
  const condition = conditionOf(conditions, type)
  return condition?.status === 'True' && (conditionSince(condition) ?? Infinity) <= at
}
