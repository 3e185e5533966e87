import type { Severity } from '../../engine/rule.ts'
import { OPERATORS } from '../../engine/operators.ts'
import { renderValue } from '../../engine/render.ts'
import type { Value } from '../../facts/reading.ts'
import type { Reason } from '../../policy/gates/gate.ts'
import type { Envelope, FindingView, OpenBounds } from '../../sinks/envelope.ts'
import { formatAge } from '../../util/duration.ts'
import { safe } from './width.ts'

/** `one pod`, `2 pods`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`

/** Some of a list in words, and how many more there are. */
export const sampled = (words: readonly string[], total: number): string =>
  total > words.length ? `${words.join(', ')} and ${total - words.length} more` : listed(words)

export const isVisible = ({ state }: FindingView): boolean => state === 'firing' || state === 'pending'

/** `Deployment cart`, inside a part that says the namespace. */
export const shortName = ({ kind, name }: { kind: string; name: string }): string => safe(`${kind} ${name}`)

/** `Deployment shop/cart`. */
export const fullName = (of: { kind: string; namespace?: string | undefined; name: string }): string =>
  safe(`${of.kind} ${of.namespace === undefined ? '' : `${of.namespace}/`}${of.name}`)

const between = (from: string, to: string): number => Date.parse(to) - Date.parse(from)

/** How long a finding has held and whether it fires: `for 12m`, `for 1m, not firing yet: in 4m if nothing changes`. */
export function standing(finding: FindingView, now: string): string {
  const age = between(finding.since, now)
  const held = age > 0 ? `for ${formatAge(age)}` : 'seen just now'
  if (finding.state !== 'pending') return held
  if (finding.firesAt === null) return `${held}, not firing yet`
  return `${held}, not firing yet: in ${formatAge(between(now, finding.firesAt))} if nothing changes`
}

const TOOLS: Readonly<Record<NonNullable<FindingView['managedBy']>['tool'], string>> = {
  argocd: 'Argo CD',
  flux: 'Flux',
  helm: 'Helm release',
  operator: 'the operator of',
}

/** Who owns the configuration, so where the mend has to go: `Argo CD Application shop`. */
export function ownerOf({ managedBy }: FindingView): string | undefined {
  if (managedBy === null) return undefined
  const { tool, kind, name, namespace } = managedBy
  const place = namespace === undefined ? name : `${namespace}/${name}`
  return safe([TOOLS[tool], kind, place].filter(Boolean).join(' '))
}

type Recommendation = FindingView['recommendations'][number]

const VERDICTS: Readonly<Partial<Record<Reason, (action: string) => string>>> = {
  permitted: () => 'dogwatch may do it unasked',
  'capability-not-installed': (action) => `needs the capability ${action}`,
  'level-below-tier': () => 'waits for approval',
  'always-asked': () => 'always waits for approval, as it cannot be undone',
}

/** The policy's answer to a recommendation, in words. */
export function verdictOf({ action, decision }: Recommendation): string {
  const answers = { act: 'pass', ask: 'ask', hold: 'hold' } as const
  const spoke = decision.gates.find(({ answer }) => answer === answers[decision.verdict])
  const words = Object.hasOwn(VERDICTS, decision.reason) ? VERDICTS[decision.reason] : undefined
  return safe(words?.(action) ?? `held: ${spoke?.detail ?? decision.reason}`)
}

const UNKNOWN: Readonly<Record<Envelope['unknown'][number]['reason'], string>> = {
  'not-listed': 'nobody looked',
  'not-synced': 'not yet synced',
  stale: 'out of date',
  forbidden: 'no permission to read',
  failed: 'reading failed',
  'not-installed': 'the cluster does not have it',
  'not-recorded': 'Kubernetes does not record it',
  'insufficient-data': 'needs more samples than there are',
  malformed: 'holds something that cannot be read',
  'not-held': 'names an object that is not there',
  'not-computable': 'depends on what dogwatch does not model',
  undecided: 'what is seen fits both answers',
}

/** Why a rule could not decide, in words. */
export const unknownReason = (reason: Envelope['unknown'][number]['reason']): string =>
  Object.hasOwn(UNKNOWN, reason) ? UNKNOWN[reason] : safe(reason)

const UNREAD: Readonly<Record<string, string>> = {
  forbidden: 'no permission',
  'not-synced': 'not yet synced',
  stale: 'out of date',
}

/** What could not be read, in words. */
export const unreadText = ({ resource, reason, detail }: Envelope['incomplete'][number]): string => {
  const why = Object.hasOwn(UNREAD, reason) ? UNREAD[reason] : 'failed'
  return safe(`${resource}: ${why}${detail === '' ? '' : ` (${detail})`}`)
}

/** Who hides a finding, why and until when; empty for one that is shown. */
export function suppressionOf({ suppressedBy }: FindingView): string {
  if (suppressedBy === null) return ''
  const until = suppressedBy.until === null ? '' : ` until ${suppressedBy.until}`
  return safe(`${suppressedBy.reason} (by the ${suppressedBy.by}${until})`)
}

type Evidence = FindingView['evidence'][number]

/** `restartsIn(window=15m)`. */
export const factOf = ({ fact, params }: Evidence): string =>
  safe(
    params === undefined
      ? fact
      : `${fact}(${Object.entries(params)
          .map(([key, value]) => `${key}=${value}`)
          .join(', ')})`,
  )

/** What was asked of a fact: `at least 3`. */
export function askedOf({ fact, operator, expected }: Evidence): string {
  const words = Object.hasOwn(OPERATORS, operator)
    ? OPERATORS[operator as keyof typeof OPERATORS].description
    : operator
  if (operator === 'isKnown' || operator === 'isUnknown') return words
  return safe(
    `${words.replace(/^is (?=at |above|below|one of|none of)/, '')} ${renderValue(fact, (expected ?? null) as Value)}`,
  )
}

/** What was seen of a fact: `7`, `at least 2`, `none`. */
export const seenOf = ({ fact, actual }: FindingView['evidence'][number]): string =>
  safe(renderValue(fact, isOpen(actual) ? boundsOf(actual) : actual))

const boundsOf = ({ atLeast, atMost }: OpenBounds) => ({ atLeast: atLeast ?? -Infinity, atMost: atMost ?? Infinity })

const isOpen = (value: FindingView['evidence'][number]['actual']): value is OpenBounds =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The severities that ask for somebody. */
const GRAVE: ReadonlySet<Severity> = new Set(['critical', 'high', 'medium'])
export const isGrave = ({ severity }: FindingView): boolean => GRAVE.has(severity)
