import type { Snapshot } from '../cluster/snapshot.ts'
import type { Rule, True } from '../engine/rule.ts'
import type { Suppression } from './finding.ts'
import type { Match } from './match.ts'
import { RELATIONS } from './relations.ts'
import { suppressionOf, type SuppressionEntry } from './suppress.ts'

/** A match that is true, with all that others may want to know of it: read once, when it was found. */
export interface Judged {
  readonly match: Match<True>
  /** Names the subject among all: `kind/uid/container`. */
  readonly key: string
  readonly suppression: Suppression | undefined
  /** What it explains, and what may explain it: one match explains another when a key of the first's `causes` is among the other's `effects`. */
  readonly causes: readonly string[]
  readonly effects: readonly string[]
}

/** Over which relations each rule may be explained. */
export type Explainable = ReadonlyMap<string, ReadonlySet<string>>

/** What `inhibits` of all rules together say of who may be explained. */
export function explainable(rules: Iterable<Pick<Rule, 'inhibits'>>): Explainable {
  const by = new Map<string, Set<string>>()
  for (const { inhibits } of rules)
    for (const { rule, via } of inhibits) by.set(rule, (by.get(rule) ?? new Set()).add(via))
  return by
}

export interface Bench {
  readonly snapshot: Snapshot
  /** Milliseconds since 1970. */
  readonly now: number
  readonly entries: readonly SuppressionEntry[]
  readonly explainable: Explainable
}

/** Reads of a true match what the overlay over all findings needs. */
export function judge(match: Match<True>, { snapshot, now, entries, explainable: by }: Bench): Judged {
  const { rule, subject } = match
  const causes = rule.inhibits.flatMap(({ rule: effect, via }) =>
    (RELATIONS[via]?.cause(match, { snapshot, now }) ?? []).map((key) => linkKey(via, effect, key)),
  )
  const effects = [...(by.get(rule.id) ?? [])].flatMap((via) =>
    (RELATIONS[via]?.effect(match, { snapshot, now }) ?? []).map((key) => linkKey(via, rule.id, key)),
  )
  return {
    match,
    key: `${subject.kind}/${subject.key}`,
    suppression: suppressionOf(match, { snapshot, now, entries }),
    causes: [...new Set(causes)],
    effects: [...new Set(effects)],
  }
}

const linkKey = (via: string, effect: string, key: string): string => `${via} ${effect} ${key}`
