import type { True, Undecided } from '../engine/rule.ts'
import { byKeys, groupBy } from '../util/order.ts'
import { isTrue, isUndecided, type Match } from './match.ts'

/** All matches of one finding: true when any subject is, unknown when none is true and one is unknown. */
export interface RollUp {
  readonly finding: string
  /** At least one; the first speaks for the finding. */
  readonly matches: readonly [Match<True>, ...Match<True>[]]
  /** The earliest time from which one of its subjects provably holds, in milliseconds. */
  readonly since: number | undefined
}

/** Matches of one finding that are all unknown. */
export interface UnknownRollUp {
  readonly finding: string
  readonly matches: readonly Match<Undecided>[]
}

/** By the objects that matches are about: the same words whatever the order they were found in. */
export const byObject = byKeys(({ subject: { object, container, kind } }: Pick<Match, 'subject'>) => [
  object.metadata.namespace ?? '',
  object.metadata.name,
  object.kind,
  object.metadata.uid,
  kind,
  container?.name ?? '',
])

// What has held longest comes first.
function holdsLonger(a: Match<True>, b: Match<True>): number {
  const [left, right] = [a.evaluation.since ?? Number.MAX_VALUE, b.evaluation.since ?? Number.MAX_VALUE]
  return left - right || byObject(a, b)
}

/** The roll-up of matches that are true of one finding; `undefined` without any. */
export function rollUpTrue(finding: string, matches: Iterable<Match<True>>): RollUp | undefined {
  const [first, ...rest] = [...matches].toSorted(holdsLonger)
  return first && { finding, matches: [first, ...rest], since: first.evaluation.since }
}

/** Rolls matches of single subjects up to findings. */
export function rollUp(matches: readonly Match[]): { held: RollUp[]; unknown: UnknownRollUp[] } {
  const held: RollUp[] = []
  const unknown: UnknownRollUp[] = []
  for (const [finding, group] of groupBy(matches, (match) => match.finding)) {
    const whole = rollUpTrue(finding, group.filter(isTrue))
    if (whole) held.push(whole)
    else unknown.push({ finding, matches: group.filter(isUndecided).toSorted(byObject) })
  }
  return { held, unknown }
}
