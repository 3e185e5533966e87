import type { Snapshot } from '../cluster/snapshot.ts'
import { SEVERITIES, type Category } from '../engine/rule.ts'
import { managedBy } from '../facts/managed-by.ts'
import type { UnknownReason } from '../facts/reading.ts'
import { byKeys, groupBy } from '../util/order.ts'
import type { Finding, State, SubjectReference, Suppression, Target } from './finding.ts'
import { inhibit } from './inhibit.ts'
import { nameOf, type Match } from './match.ts'
import { rollUp, type RollUp, type UnknownRollUp } from './roll-up.ts'
import { score, type Scores } from './score.ts'
import { suppressionOf, type SuppressionEntry } from './suppress.ts'
import { firesAt, track, type Clock, type Clocks, type Observation } from './track.ts'

/** What one rule could not decide, for one reason. */
export interface UnknownSummary {
  readonly rule: string
  readonly category: Category
  readonly reason: UnknownReason | 'undecided'
  /** What is missing and what would be needed, of the first subject. */
  readonly detail: string | undefined
  readonly subjects: { readonly count: number; readonly sample: readonly SubjectReference[] }
}

/** Everything that is known of a cluster at one time. */
export interface Assessment {
  /** By severity, then by id. */
  readonly findings: readonly Finding[]
  /** By rule, then by reason. */
  readonly unknown: readonly UnknownSummary[]
  readonly scores: Scores
  /** What the next assessment goes on from. */
  readonly clocks: Clocks
}

export interface Circumstances {
  readonly snapshot: Snapshot
  /** Milliseconds since 1970. */
  readonly now: number
  readonly previous: Clocks
  readonly suppressions: readonly SuppressionEntry[]
  /** Which targets are asked for. What explains a finding on one of them is shown too, wherever it is. */
  readonly wanted: (target: Target) => boolean
}

/** How many subjects a finding names; the count says how many there are. */
const SAMPLE = 5

const byGravity = byKeys(({ severity, id }: Finding) => [String(SEVERITIES.indexOf(severity)), id])
const byRule = byKeys(({ rule, reason }: UnknownSummary) => [rule, reason])

/** From matches of single subjects to findings: rolled up, with their clocks, what explains them, and who suppressed them. */
export function assess(matches: readonly Match[], at: Circumstances): Assessment {
  const { held, unknown } = rollUp(matches)
  const clocks = track(at.previous, observe(held, unknown), at.now)
  const suppressed = suppress(held, at)
  const open = held.filter(({ finding }) => !suppressed.has(finding))
  const causes = inhibit(open, at.snapshot)
  const overlay = { clocks: takeOver(clocks, causes), causes, suppressed }
  const all = held.map((one) => findingOf(one, overlay, at))
  const findings = wantedWithCauses(all, at.wanted).toSorted(byGravity)
  const summaries = summarise(unknown.filter(({ matches }) => matches.some((one) => at.wanted(one.target)))).toSorted(
    byRule,
  )
  return { findings, unknown: summaries, scores: score(findings, uniqueRules(summaries)), clocks }
}

function wantedWithCauses(findings: readonly Finding[], wanted: (target: Target) => boolean): Finding[] {
  const asked = findings.filter((finding) => wanted(finding.target))
  const causes = new Set(asked.map((finding) => finding.causedBy))
  return findings.filter((finding) => causes.has(finding.id) || wanted(finding.target))
}

function observe(held: readonly RollUp[], unknown: readonly UnknownRollUp[]): Map<string, Observation> {
  const observations = new Map<string, Observation>()
  const never = { forMs: Infinity, resolveAfterMs: Infinity, flickerMs: 0 }
  for (const { finding } of unknown) observations.set(finding, { truth: 'unknown', ...never })
  for (const { finding, since, matches } of held) {
    const { forMs, resolveAfterMs, flickerMs } = matches[0].evaluation
    observations.set(finding, { truth: 'true', since, forMs, resolveAfterMs, flickerMs })
  }
  return observations
}

// A finding is suppressed when each of its subjects is: a mark on one pod does not hide what ails the others.
function suppress(held: readonly RollUp[], at: Circumstances): Map<string, Suppression> {
  const suppressed = new Map<string, Suppression>()
  for (const { finding, matches } of held) {
    const marks = matches.map((match) => suppressionOf(match, { ...at, entries: at.suppressions }))
    const [first] = marks
    if (first && marks.every((mark) => mark !== undefined)) suppressed.set(finding, first)
  }
  return suppressed
}

// An overlay: the clocks underneath run on, so what was explained keeps its own time when its cause goes away.
function takeOver(clocks: ReadonlyMap<string, Clock>, causes: ReadonlyMap<string, string>): Map<string, Clock> {
  const shown = new Map(clocks)
  for (const [explained, cause] of causes) {
    const [mine, other] = [shown.get(cause), clocks.get(explained)]
    if (!mine || !other) continue
    const state = mine.state === 'firing' || other.state === 'firing' ? 'firing' : mine.state
    shown.set(cause, { ...mine, state, since: Math.min(mine.since, other.since) })
  }
  return shown
}

interface Overlay {
  readonly clocks: ReadonlyMap<string, Clock>
  readonly causes: ReadonlyMap<string, string>
  readonly suppressed: ReadonlyMap<string, Suppression>
}

function findingOf({ finding: id, matches }: RollUp, overlay: Overlay, { snapshot, now }: Circumstances): Finding {
  const [first] = matches
  const { rule, target, subject, evaluation } = first
  const clock = overlay.clocks.get(id)
  const suppressedBy = overlay.suppressed.get(id) ?? null
  const causedBy = overlay.causes.get(id) ?? null
  const state: State = suppressedBy ? 'suppressed' : causedBy ? 'inhibited' : (clock?.state ?? 'pending')
  return {
    id,
    rule: { id: rule.id, version: rule.version },
    state,
    severity: evaluation.severity,
    category: rule.category,
    target,
    ownerComplete: matches.every((match) => match.ownerComplete),
    container: subject.container?.name,
    ...evaluation.explain({ target: nameOf(target) }),
    managedBy: managedBy(first.chain, namespaceOf(first, snapshot)),
    subjectKind: subject.kind,
    subjects: sample(matches),
    causedBy,
    suppressedBy,
    since: clock?.since ?? now,
    firstSeen: clock?.firstSeen ?? now,
    lastSeen: clock?.lastSeen ?? now,
    resolvedAt: clock?.resolvedAt ?? null,
    firesAt: clock && state === 'pending' ? firesAt(clock) : null,
    runbook: rule.runbook,
    recommend: rule.recommend,
  }
}

const namespaceOf = ({ target }: Match, snapshot: Snapshot): ReturnType<typeof snapshot.get<'namespaces'>> =>
  target.namespace === undefined ? undefined : snapshot.get('namespaces', undefined, target.namespace)

function sample(matches: readonly Match[]): { count: number; sample: SubjectReference[] } {
  const objects = [...new Map(matches.map(({ subject: { object } }) => [object.metadata.uid, object])).values()]
  const references = objects.map(({ kind, metadata }) => ({
    kind,
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
  }))
  return { count: references.length, sample: references.slice(0, SAMPLE) }
}

function summarise(unknown: readonly UnknownRollUp[]): UnknownSummary[] {
  const matches = unknown.flatMap((one) => one.matches)
  const groups = groupBy(matches, ({ rule, evaluation }) => `${rule.id} ${evaluation.reason}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { rule, evaluation } = first
    return {
      rule: rule.id,
      category: rule.category,
      reason: evaluation.reason,
      detail: evaluation.detail,
      subjects: sample(group),
    }
  })
}

const uniqueRules = (summaries: readonly UnknownSummary[]): UnknownSummary[] => [
  ...new Map(summaries.map((summary) => [summary.rule, summary])).values(),
]
