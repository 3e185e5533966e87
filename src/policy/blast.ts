import type { Rule } from '../engine/rule.ts'

/** Names one version of a rule. */
export type RuleVersion = Pick<Rule, 'id' | 'version'>

/** What a rule says of its subjects: of how many it is true, of how many unknown, and how many it was asked about. */
export interface BlastCount {
  readonly matched: number
  readonly unknown: number
  readonly of: number
}

/**
 * What came of the first evaluation of one version of a rule. `held`: it matched too much. `undecided`: it would, if what is unknown of
 * its subjects turned out to be true; looked at again until it is one or the other.
 */
export interface Blast extends BlastCount {
  readonly rule: string
  readonly version: string
  readonly state: 'passed' | 'held' | 'undecided'
}

/** What came of first evaluations, by `blastKey`. */
export type Blasts = ReadonlyMap<string, Blast>

const FEW = 5
const SHARE = 0.05

export const blastKey = ({ id, version }: RuleVersion): string => `${id}@${version}`

/** The most subjects that a rule nobody has seen at work may match: 5, or 5 % of them where that is more. */
export const mostMatches = (of: number): number => Math.max(FEW, SHARE * of)

/** Judges the first evaluation of a rule. Only of use once everything the rule reads was seen: nothing matches in a cluster that is not there yet. */
export function firstEvaluation({ id, version }: RuleVersion, count: BlastCount): Blast {
  const most = mostMatches(count.of)
  const state = count.matched > most ? 'held' : count.matched + count.unknown > most ? 'undecided' : 'passed'
  return { rule: id, version, state, ...count }
}

/** Whether a rule still has to be counted: it was never, or without an outcome. What was decided once stays so. */
export function isToBeCounted(rule: RuleVersion, blasts: Blasts): boolean {
  const state = blasts.get(blastKey(rule))?.state
  return state === undefined || state === 'undecided'
}

/** What somebody said of one version of a rule after looking at what it matches. */
export interface Acknowledged {
  readonly rule: string
  readonly version: string
}

/** What a daemon knows of the rules in force. */
export interface Counted {
  /** The user's rules in force; a shipped rule is never held. */
  readonly own: readonly RuleVersion[]
  readonly blasts: Blasts
  readonly acks: readonly Acknowledged[]
}

/** What stands against each of the user's rules, by id; nothing stands against what passed or was acknowledged. */
export function objections({ own, blasts, acks }: Counted): Map<string, Blast | 'not-counted'> {
  const acknowledged = new Set(acks.map(({ rule, version }) => blastKey({ id: rule, version })))
  const found = new Map<string, Blast | 'not-counted'>()
  for (const rule of own) {
    const blast = blasts.get(blastKey(rule))
    if (blast?.state !== 'passed' && !acknowledged.has(blastKey(rule))) found.set(rule.id, blast ?? 'not-counted')
  }
  return found
}

/** The outcomes that are worth keeping: those of rules that are in force. */
export const inForce = (blasts: Blasts, own: readonly RuleVersion[]): Map<string, Blast> =>
  new Map(
    own.flatMap((rule) => {
      const blast = blasts.get(blastKey(rule))
      return blast === undefined ? [] : [[blastKey(rule), blast]]
    }),
  )
