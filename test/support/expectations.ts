import type { FindingView } from '../../src/sinks/envelope.ts'

/** Names a finding; what is left out is not asked for. */
interface Pattern {
  readonly rule?: string
  readonly rules?: readonly string[]
  readonly kind?: string
  readonly kinds?: readonly string[]
  readonly namespace?: string
  readonly name?: string
  readonly names?: readonly string[]
  readonly container?: string
}

interface Wanted extends Pattern {
  /** What the finding has to say of the cause, and what it may not, as regular expressions. */
  readonly says?: string
  readonly never?: string
}

/** What a careful person expects of a recording: `expected.json` beside it. */
export interface Expected {
  readonly findings: readonly Wanted[]
  readonly quiet?: readonly Pattern[]
  readonly allow?: readonly Pattern[]
}

const GRAVE = new Set(['critical', 'high', 'medium'])

const one = (single: string | undefined, several: readonly string[] | undefined, got: string | undefined): boolean =>
  (single === undefined || single === got) && (several === undefined || (got !== undefined && several.includes(got)))

const matches = (pattern: Pattern, { rule, target, container }: FindingView): boolean =>
  one(pattern.rule, pattern.rules, rule.id) &&
  one(pattern.kind, pattern.kinds, target.kind) &&
  one(pattern.name, pattern.names, target.name) &&
  (target.namespace === undefined || one(pattern.namespace, undefined, target.namespace)) &&
  one(pattern.container, undefined, container)

/** The words of a finding that a cause may be named in; the namespace is cut out, since ours name the fault. */
function wordsOf({ title, message, evidence, managedBy, recommendations, target }: FindingView): string {
  const seen = evidence.map(({ fact: _fact, ...rest }) => rest)
  const words = JSON.stringify({ title, message, evidence: seen, managedBy, recommendations })
  return target.namespace === undefined ? words : words.replaceAll(target.namespace, '')
}

const isVisible = ({ state }: FindingView): boolean => state === 'firing' || state === 'pending'

/** A finding in a few words. */
export const say = ({ rule, target }: FindingView): string =>
  `${rule.id} on ${target.kind} ${target.namespace ?? ''}/${target.name}`

/** What is wrong with what was found of one thing that is wanted, a line each. */
export function unmet(want: Wanted, findings: readonly FindingView[]): string[] {
  const hits = findings.filter((finding) => isVisible(finding) && matches(want, finding))
  const label = `${want.rule ?? want.rules?.join('|') ?? 'a finding'} on ${want.name ?? want.kind ?? 'something'} in ${want.namespace ?? 'the cluster'}`
  if (hits.length === 0) return [`missed: ${label}`]
  const doubled = new Set(hits.map(({ container }) => container)).size < hits.length
  return [
    ...(doubled ? [`said more than once: ${label}: ${hits.map(say).join(', ')}`] : []),
    ...hits.flatMap((hit) => [
      ...(want.says !== undefined && !new RegExp(want.says, 'i').test(wordsOf(hit))
        ? [`${say(hit)} does not say /${want.says}/`]
        : []),
      ...(want.never !== undefined && new RegExp(want.never, 'i').test(wordsOf(hit))
        ? [`${say(hit)} says /${want.never}/`]
        : []),
    ]),
  ]
}

/** Whether a finding is shown that nobody expects. */
export const isFalseAlarm = (finding: FindingView, { findings: wanted, quiet = [], allow = [] }: Expected): boolean =>
  isVisible(finding) &&
  !wanted.some((want) => matches(want, finding)) &&
  (quiet.some((pattern) => matches(pattern, finding)) ||
    (GRAVE.has(finding.severity) && !allow.some((pattern) => matches(pattern, finding))))

/** Where findings differ from what is expected, a line each: nothing when all is as it should be. */
export function differences(
  findings: readonly FindingView[],
  { findings: wanted, quiet = [], allow = [] }: Expected,
): string[] {
  const visible = findings.filter(isVisible)
  const ids = new Set(visible.map(({ id }) => id))
  const hidden = findings.filter(({ state, causedBy }) => state === 'inhibited' && !ids.has(causedBy ?? ''))
  const falseAlarms = visible.filter((finding) => isFalseAlarm(finding, { findings: wanted, quiet, allow }))
  return [
    ...wanted.flatMap((want) => unmet(want, visible)),
    ...falseAlarms.map((finding) => `false alarm: ${say(finding)} (${finding.severity})`),
    ...hidden.map((finding) => `hidden: ${say(finding)} names a cause that is not there`),
  ]
}
