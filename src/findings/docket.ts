import type { AnyObject, Resource } from '../cluster/kinds.ts'
import type { Blind, BlindReason, Look } from '../cluster/look.ts'
import type { CompiledRule, True } from '../engine/rule.ts'
import {
  isSubject,
  RESOURCES_OF,
  SUBJECT_KINDS,
  subjectsOf,
  type Subject,
  type SubjectKind,
  type View,
} from '../facts/subject.ts'
import { isMeasurement } from '../facts/usage.ts'
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

/** What of an object is asked about: what it is, or what was measured of it, which is new each minute. Each rule asks about one of them. */
export type Aspect = 'state' | 'usage'
export const ASPECTS = ['state', 'usage'] as const satisfies readonly Aspect[]

/** What is asked about of an object, and the name of its kind. */
interface About {
  readonly resource: string
  readonly aspect: Aspect
}

/** Each kind of subject that the objects of a kind make, with its rules. */
type Asked = readonly (readonly [SubjectKind, readonly CompiledRule[]])[]

interface Answers {
  readonly matches: Match[]
  readonly times: (number | undefined)[]
  readonly evaluations: number
}

/** The rules in force, by what they are about. */
export class Docket {
  readonly #ids: ReadonlySet<string>
  readonly #byResource: ReadonlyMap<string, Readonly<Record<Aspect, Asked>>>
  readonly #explainable: Explainable
  readonly #suppressions: readonly SuppressionEntry[]

  constructor(rules: readonly CompiledRule[], suppressions: readonly SuppressionEntry[]) {
    this.#ids = new Set(rules.map(({ rule }) => rule.id))
    this.#explainable = explainable(rules.map(({ rule }) => rule))
    this.#suppressions = suppressions
    const resources = new Set<Resource>(Object.values(RESOURCES_OF).flat())
    const kindsOf = (resource: Resource): SubjectKind[] =>
      SUBJECT_KINDS.filter((kind) => RESOURCES_OF[kind].some((one) => one === resource))
    const askedOf = (resource: Resource, aspect: Aspect): Asked => {
      const those = rules.filter((rule) => aspectOf(rule) === aspect)
      return kindsOf(resource)
        .map((kind) => [kind, those.filter(({ rule }) => rule.subjects.includes(kind))] as const)
        .filter(([, about]) => about.length > 0)
    }
    this.#byResource = new Map(
      [...resources].map((resource) => [
        resource,
        { state: askedOf(resource, 'state'), usage: askedOf(resource, 'usage') },
      ]),
    )
  }

  /** Whether there is a rule about this of an object. */
  concerns(object: AnyObject, { resource, aspect }: About): boolean {
    return this.#byResource.get(resource)?.[aspect].some(([kind]) => isSubject(kind, object)) === true
  }

  /** What was said of an object when it could last be judged, as far as it was said by rules in force: what is left of it is in doubt. */
  doubted({ held, doubts }: Verdicts, { reason, detail }: Why): Verdicts {
    const matches = held.map(({ match }) => match).filter(({ rule }) => this.#ids.has(rule.id))
    const now = matches.map((match) => doubtOf(match, { reason, detail }))
    return { held: [], doubts: [...now, ...doubts.filter(({ rule }) => this.#ids.has(rule.id))] }
  }

  /** Asks every rule that is about this of an object about each of its subjects. */
  judge(object: AnyObject, about: About, view: View): Judgement {
    const asked = this.#byResource.get(about.resource)?.[about.aspect] ?? []
    const { matches, times, evaluations } = ask(asked, object, view)
    const bench = { ...view, entries: this.#suppressions, explainable: this.#explainable }
    const told = matches.filter(isTrue).map(tell)
    const held = told.map(({ match }) => judge(match, bench))
    const doubts = matches.filter(isUndecided).map((match) => doubtOf(match, match.evaluation))
    times.push(...held.map(({ suppression }) => suppression?.until), ...told.map(({ until }) => until))
    const verdicts = {
      held: held.length > 0 ? held : NO_VERDICTS.held,
      doubts: doubts.length > 0 ? doubts : NO_VERDICTS.doubts,
    }
    return { verdicts: matches.length > 0 ? verdicts : NO_VERDICTS, until: earliest(times), evaluations }
  }
}

const aspectOf = ({ resources }: CompiledRule): Aspect => (resources.some(isMeasurement) ? 'usage' : 'state')

// Nearly all that comes back is false: nothing is made for that.
function ask(asked: Asked, object: AnyObject, view: View): Answers {
  const matches: Match[] = []
  const times: (number | undefined)[] = []
  let evaluations = 0
  const hear = ({ rule, evaluate }: CompiledRule, subject: Subject): void => {
    const evaluation = evaluate(subject, view)
    if (!evaluation) return
    const found = matchOf(rule, evaluation, { subject, view })
    if (found) matches.push(found)
    if (evaluation.until !== undefined) times.push(evaluation.until)
  }
  for (const [kind, rules] of asked)
    for (const subject of subjectsOf(kind, object)) {
      evaluations += rules.length
      for (const rule of rules) hear(rule, subject)
    }
  return { matches, times, evaluations }
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

// What it tells is read now, with all else that is read of the object: later the same words would be told of another time.
function tell(match: Match<True>): { match: Match<True>; until: number | undefined } {
  const explanation = match.evaluation.explain({ target: nameOf(match.target) })
  return {
    match: { ...match, evaluation: { ...match.evaluation, explain: () => explanation } },
    until: explanation.until,
  }
}
