import type { AnyObject, Resource } from '../cluster/kinds.ts'
import type { Blind, BlindReason, Look } from '../cluster/look.ts'
import type { CompiledRule, True } from '../engine/rule.ts'
import { RESOURCES_OF, SUBJECT_KINDS, subjectsOf, type Subject, type SubjectKind, type View } from '../facts/subject.ts'
import { doubtOf, renewed, type Why } from './doubts.ts'
import { explainable, judge, type Explainable } from './judged.ts'
import { NO_VERDICTS, type Verdicts } from './ledger.ts'
import { isTrue, isUndecided, matchOf, nameOf, type Match } from './match.ts'
import type { SuppressionEntry } from './suppress.ts'
import { earliest } from '../util/time.ts'

/** What came of judging an object. */
export interface Judgement {
  readonly verdicts: Verdicts
  /** When an answer may change though no object changes, in milliseconds. */
  readonly until: number | undefined
  /** How often a rule was asked about a subject. */
  readonly evaluations: number
}

interface Answers {
  readonly matches: Match[]
  readonly times: (number | undefined)[]
  readonly evaluations: number
}

/** The rules in force, by what they are about. */
export class Docket {
  readonly #byResource: ReadonlyMap<string, readonly (readonly [SubjectKind, readonly CompiledRule[]])[]>
  readonly #explainable: Explainable
  readonly #suppressions: readonly SuppressionEntry[]

  constructor(rules: readonly CompiledRule[], suppressions: readonly SuppressionEntry[]) {
    this.#explainable = explainable(rules.map(({ rule }) => rule))
    this.#suppressions = suppressions
    const resources = new Set<Resource>(Object.values(RESOURCES_OF).flat())
    const kindsOf = (resource: Resource): SubjectKind[] =>
      SUBJECT_KINDS.filter((kind) => RESOURCES_OF[kind].some((one) => one === resource))
    const about = (kind: SubjectKind): CompiledRule[] => rules.filter(({ rule }) => rule.subjects.includes(kind))
    this.#byResource = new Map(
      [...resources].map((resource) => [resource, kindsOf(resource).map((kind) => [kind, about(kind)] as const)]),
    )
  }

  /** Whether objects of a kind have subjects at all. */
  concerns(resource: string): boolean {
    return this.#byResource.has(resource)
  }

  /** Asks every rule about every subject of an object. */
  judge(object: AnyObject, resource: string, view: View): Judgement {
    const { matches, times, evaluations } = this.#ask(object, resource, view)
    const bench = { ...view, entries: this.#suppressions, explainable: this.#explainable }
    const told = matches.filter(isTrue).map(tell)
    const held = told.map(({ match }) => judge(match, bench))
    const doubts = matches.filter(isUndecided).map((match) => doubtOf(match, match.evaluation))
    times.push(...held.map(({ suppression }) => suppression?.until), ...told.map(({ until }) => until))
    const verdicts = matches.length > 0 ? { held, doubts } : NO_VERDICTS
    return { verdicts, until: earliest(times), evaluations }
  }

  // Nearly all that comes back is false: nothing is made for that.
  #ask(object: AnyObject, resource: string, view: View): Answers {
    const matches: Match[] = []
    const times: (number | undefined)[] = []
    let evaluations = 0
    for (const [subject, rules] of this.#subjectsOf(object, resource)) {
      evaluations += rules.length
      for (const { rule, evaluate } of rules) {
        const evaluation = evaluate(subject, view)
        const found = evaluation && matchOf(rule, evaluation, { subject, view })
        if (found) matches.push(found)
        if (evaluation?.until !== undefined) times.push(evaluation.until)
      }
    }
    return { matches, times, evaluations }
  }

  #subjectsOf(object: AnyObject, resource: string): (readonly [Subject, readonly CompiledRule[]])[] {
    const kinds = this.#byResource.get(resource) ?? []
    return kinds.flatMap(([kind, rules]) => subjectsOf(kind, object).map((subject) => [subject, rules] as const))
  }
}

/** Why what is held of a kind may not be what there is. */
const OUT_OF_DATE: ReadonlySet<BlindReason> = new Set(['stale', 'not-synced', 'forbidden', 'failed'])

/** Whether objects of a kind that is looked at so are to be judged at all. */
export const isOutOfDate = (look: Look): look is Blind => typeof look === 'object' && OUT_OF_DATE.has(look.unknown)

/** What is said of an object from now on: the very same as before when nothing else came out, which is nearly always. */
export function lasting(before: Verdicts, now: Verdicts): Verdicts {
  const doubts = renewed(before.doubts, now.doubts)
  return doubts === before.doubts && before.held.length + now.held.length === 0 ? before : { held: now.held, doubts }
}

/** What is left of verdicts when an object cannot be judged any more: what was true of it is neither true nor false. */
export function doubted({ held, doubts }: Verdicts, { reason, detail }: Why): Verdicts {
  const now = held.map(({ match }) => doubtOf(match, { reason, detail }))
  return { held: [], doubts: [...now, ...doubts] }
}

// What it tells is read now, with all else that is read of the object: later the same words would be told of another time.
function tell(match: Match<True>): { match: Match<True>; until: number | undefined } {
  const explanation = match.evaluation.explain({ target: nameOf(match.target) })
  return {
    match: { ...match, evaluation: { ...match.evaluation, explain: () => explanation } },
    until: explanation.until,
  }
}
