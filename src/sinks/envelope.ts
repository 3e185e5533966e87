import type { Unread } from '../cluster/cluster-look.ts'
import type { Evidence } from '../engine/rule.ts'
import type { Bounds, Value } from '../facts/reading.ts'
import type { Assessment } from '../findings/assess.ts'
import type { UnknownSummary } from '../findings/unknown.ts'
import type { Finding, SubjectReference, Suppression, Target } from '../findings/finding.ts'
import type { Scores } from '../findings/score.ts'
import type { Advice, Recommendation } from '../remediation/recommend.ts'
import { formatTime } from '../util/time.ts'

export const API_VERSION = 'dogwatch.io/v1alpha1'

/** A finding as the API and the CLI give it: times as RFC 3339, absent things as `null` or left out. */
export type FindingView = ReturnType<typeof viewOf>

/** What one rule could not decide, for one reason; `detail` says what is missing, of the first subject. */
export type UnknownView = ReturnType<typeof unknownView>

/** What `scan -o json` prints and `GET /recommendations` answers. */
export interface Envelope {
  readonly apiVersion: typeof API_VERSION
  readonly cluster: string
  /** `<epoch>.<n>`; a scan has no history and is always `0.0`. */
  readonly revision: string
  readonly generatedAt: string
  /** `false` when a kind that was to be read was refused or failed; `incomplete` names it. */
  readonly complete: boolean
  readonly incomplete: readonly Unread[]
  /** Health per category, 0 to 100. */
  readonly scores: Scores
  readonly unknown: readonly UnknownView[]
  /** By severity, then by id. */
  readonly items: readonly FindingView[]
  /** Where the next page is; `null` on the last one. */
  readonly next: string | null
}

interface Look {
  readonly cluster: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly incomplete: readonly Unread[]
}

export interface EnvelopeInput extends Look {
  readonly assessment: Assessment
  /** By the id of the finding; none for one that is explained, suppressed or over. */
  readonly advice: ReadonlyMap<string, Advice>
}

const NO_ADVICE: Advice = { recommendations: [], refused: [] }

export function envelope({ assessment, advice, ...look }: EnvelopeInput): Envelope {
  const { findings, scores, unknown } = assessment
  const items = findings.map((finding) => viewOf(finding, advice.get(finding.id) ?? NO_ADVICE))
  return envelopeOf({ ...look, scores, unknown, items })
}

/** What a look found, at one time and without a history. */
interface Found extends Look {
  readonly scores: Scores
  readonly unknown: readonly UnknownSummary[]
  /** By severity, then by id. */
  readonly items: readonly FindingView[]
}

export const envelopeOf = ({ cluster, now, incomplete, scores, unknown, items }: Found): Envelope => ({
  apiVersion: API_VERSION,
  cluster,
  revision: '0.0',
  generatedAt: formatTime(now),
  complete: incomplete.length === 0,
  incomplete,
  scores,
  unknown: unknown.map(unknownView),
  items,
  next: null,
})

const timeOrNull = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : formatTime(ms)

/** A finding in the words of the API. */
export function viewOf(finding: Finding, { recommendations, refused }: Advice) {
  return {
    id: finding.id,
    rule: finding.rule,
    state: finding.state,
    severity: finding.severity,
    category: finding.category,
    target: targetView(finding.target),
    ...(finding.container === undefined ? {} : { container: finding.container }),
    title: finding.title,
    message: finding.message,
    managedBy: finding.managedBy,
    subjects: { count: finding.subjects.count, sample: finding.subjects.sample.map(referenceView) },
    evidence: finding.evidence.map(evidenceView),
    causedBy: finding.causedBy,
    suppressedBy: suppressionView(finding.suppressedBy),
    since: formatTime(finding.since),
    firstSeen: formatTime(finding.firstSeen),
    lastSeen: formatTime(finding.lastSeen),
    resolvedAt: timeOrNull(finding.resolvedAt),
    firesAt: timeOrNull(finding.firesAt),
    runbook: finding.runbook,
    recommendations: recommendations.map(recommendationView),
    refused: refused.map(({ action, refused: reason, detail }) => ({ action, reason, detail })),
  }
}

const evidenceView = ({ actual, ...asked }: Evidence) => ({ ...asked, actual: valueView(actual) })

/** Bounds in JSON; an end that is open is not there. */
export interface OpenBounds {
  readonly atLeast?: number
  readonly atMost?: number
}

// JSON has no infinity: an end that is open is left out.
function valueView(value: Value): Exclude<Value, Bounds> | OpenBounds {
  if (typeof value !== 'object' || value === null || !('atLeast' in value)) return value
  const { atLeast, atMost } = value
  return { ...(Number.isFinite(atLeast) ? { atLeast } : {}), ...(Number.isFinite(atMost) ? { atMost } : {}) }
}

const recommendationView = ({ object, ...recommendation }: Recommendation) => ({
  ...recommendation,
  object: targetView(object),
})

export const unknownView = ({ detail, subjects, ...summary }: UnknownSummary) => ({
  ...summary,
  ...(detail === undefined ? {} : { detail }),
  subjects: { count: subjects.count, sample: subjects.sample.map(referenceView) },
})

const targetView = ({ namespace, ...target }: Target) => ({
  ...target,
  ...(namespace === undefined ? {} : { namespace }),
})

const referenceView = ({ namespace, resourceVersion, ...reference }: SubjectReference) => ({
  ...reference,
  ...(namespace === undefined ? {} : { namespace }),
  ...(resourceVersion === undefined ? {} : { resourceVersion }),
})

const suppressionView = (suppression: Suppression | null) =>
  suppression && { by: suppression.by, reason: suppression.reason, until: timeOrNull(suppression.until) }
