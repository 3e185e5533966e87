import type { Snapshot } from '../cluster/snapshot.ts'
import { byGravity } from '../engine/gravity.ts'
import { compose } from './compose.ts'
import type { Finding, Suppression, Target } from './finding.ts'
import { inhibit } from './inhibit.ts'
import type { Match } from './match.ts'
import { rollUp, type RollUp, type UnknownRollUp } from './roll-up.ts'
import { score, type Scores } from './score.ts'
import { suppressionOf, type SuppressionEntry } from './suppress.ts'
import { track, type Clock, type Clocks, type Observation } from './track.ts'
import { summarise, type UnknownSummary } from './unknown.ts'

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

/** From matches of single subjects to findings: rolled up, with their clocks, what explains them, and who suppressed them. */
export function assess(matches: readonly Match[], at: Circumstances): Assessment {
  const { held, unknown } = rollUp(matches)
  const clocks = track(at.previous, observe(held, unknown), at.now)
  const suppressed = suppress(held, at)
  const open = held.filter(({ finding }) => !suppressed.has(finding))
  const causes = inhibit(open, at)
  const shown = takeOver(clocks, causes)
  const all = held.flatMap((one) => {
    const clock = shown.get(one.finding)
    const causedBy = causes.get(one.finding) ?? null
    const suppressedBy = suppressed.get(one.finding) ?? null
    return clock ? compose(one, { clock, causedBy, suppressedBy }, at.snapshot) : []
  })
  const findings = wantedWithCauses(all, at.wanted).toSorted(byGravity)
  const summaries = summarise(unknown.filter((one) => one.matches.some(({ target }) => at.wanted(target))))
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

const uniqueRules = (summaries: readonly UnknownSummary[]): UnknownSummary[] => [
  ...new Map(summaries.map((summary) => [summary.rule, summary])).values(),
]
