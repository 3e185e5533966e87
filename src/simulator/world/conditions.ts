import { formatTime } from '../../util/time.ts'
import type { Condition } from './objects.ts'

type Conditions = readonly Condition[] | undefined

export const conditionOf = (conditions: Conditions, type: string): Condition | undefined =>
  conditions?.find((one) => one.type === type)

export const isTrue = (conditions: Conditions, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True'

/** Conditions with one of them said anew, in its place; `lastTransitionTime` moves only with the status. */
export function withCondition(conditions: Conditions, next: Condition, now: number): Condition[] {
  const before = conditionOf(conditions, next.type)
  const since =
    before?.status === next.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : formatTime(now)
  const said = { ...next, lastTransitionTime: next.lastTransitionTime ?? since }
  return before === undefined
    ? [...(conditions ?? []), said]
    : (conditions ?? []).map((one) => (one.type === next.type ? said : one))
}

export const withoutCondition = (conditions: Conditions, type: string): Condition[] =>
  (conditions ?? []).filter((one) => one.type !== type)
