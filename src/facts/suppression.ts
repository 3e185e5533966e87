import { parseTime } from '../util/time.ts'
import { fact, type Fact } from './fact.ts'
import { known } from './reading.ts'
import { SUBJECT_KINDS } from './subject.ts'

/** Why a mark on an object suppresses nothing. */
export const SUPPRESSION_PROBLEMS = ['no-rules', 'no-reason', 'unreadable-until', 'expired'] as const
export type SuppressionProblem = (typeof SUPPRESSION_PROBLEMS)[number]

/** What the annotations `dogwatch.io/ignore`, `-reason` and `-until` of an object say. */
export interface SuppressionMark {
  /** Rule ids, or globs over them, in the order written. */
  readonly rules: readonly string[]
  readonly reason: string | undefined
  /** Until when, in milliseconds; without it there is no end. */
  readonly until: number | undefined
  /** The first thing that is wrong with the mark; a mark with a problem suppresses nothing. */
  readonly problem: SuppressionProblem | null
}

type Annotations = Readonly<Record<string, string>> | undefined

const IGNORE = 'dogwatch.io/ignore'
const REASON = 'dogwatch.io/ignore-reason'
const UNTIL = 'dogwatch.io/ignore-until'

// `Date.parse` alone takes `1` and `May`, which nobody meant as a time.
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

const textOf = (annotations: Annotations, key: string): string | undefined =>
  annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key]?.trim() : undefined

/** Reads the mark of an object; `undefined` when it has none. `now` is in milliseconds. */
export function readSuppression(annotations: Annotations, now: number): SuppressionMark | undefined {
  const [ignore, reason, end] = [IGNORE, REASON, UNTIL].map((key) => textOf(annotations, key))
  if (ignore === undefined && reason === undefined && end === undefined) return undefined
  const rules = (ignore ?? '')
    .split(',')
    .map((rule) => rule.trim())
    .filter(Boolean)
  const until = end !== undefined && RFC_3339.test(end) ? parseTime(end) : undefined
  const mark = { rules, reason: reason === '' ? undefined : reason, until }
  return { ...mark, problem: problemOf(mark, { end, now }) }
}

function problemOf(
  { rules, reason, until }: Pick<SuppressionMark, 'rules' | 'reason' | 'until'>,
  { end, now }: { readonly end: string | undefined; readonly now: number },
): SuppressionProblem | null {
  if (rules.length === 0) return 'no-rules'
  if (reason === undefined) return 'no-reason'
  if (end !== undefined && until === undefined) return 'unreadable-until'
  return until !== undefined && until <= now ? 'expired' : null
}

/** What is wrong with how somebody asked for silence. */
export const SUPPRESSION_FACTS: readonly Fact[] = [
  fact({
    name: 'suppressionProblem',
    subjects: SUBJECT_KINDS,
    type: 'string',
    nullable: true,
    values: SUPPRESSION_PROBLEMS,
    description:
      'Why the annotations `dogwatch.io/ignore`, `ignore-reason` and `ignore-until` of the object suppress nothing; null when they are in order or absent.',
    reads: [],
    read({ object }, { now }) {
      const mark = readSuppression(object.metadata.annotations, now)
      if (mark?.until === undefined) return known(mark?.problem ?? null)
      if (mark.problem === 'expired') return known('expired', { since: mark.until })
      return known(mark.problem, mark.problem === null ? { until: mark.until } : {})
    },
  }),
  fact({
    name: 'suppressedRules',
    subjects: SUBJECT_KINDS,
    type: 'strings',
    description: 'The rules that the annotation `dogwatch.io/ignore` of the object names.',
    reads: [],
    read: ({ object }, { now }) => known(readSuppression(object.metadata.annotations, now)?.rules ?? []),
  }),
  fact({
    name: 'suppressionUntil',
    subjects: SUBJECT_KINDS,
    type: 'string',
    nullable: true,
    description: 'What the annotation `dogwatch.io/ignore-until` of the object says; null without one.',
    reads: [],
    read: ({ object }) => known(textOf(object.metadata.annotations, UNTIL) ?? null),
  }),
]
