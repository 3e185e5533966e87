import type { Snapshot } from './cluster/snapshot.ts'
import type { RuleSet } from './engine/loader.ts'
import { SUBJECT_KINDS, subjectsIn, type Subject, type SubjectKind } from './facts/subject.ts'
import { assess, type Assessment } from './findings/assess.ts'
import { match } from './findings/match.ts'
import type { Target } from './findings/finding.ts'
import type { SuppressionEntry } from './findings/suppress.ts'
import type { Clocks } from './findings/track.ts'

/** What a look at a cluster is judged by. */
export interface Judgement {
  readonly rules: Pick<RuleSet, 'rules' | 'disabled'>
  readonly suppressions: readonly SuppressionEntry[]
  /** The clocks that the last look left; none in a scan. */
  readonly clocks: Clocks
  /** Milliseconds since 1970. */
  readonly now: number
  /** Which targets are asked for. */
  readonly wanted: (target: Target) => boolean
}

/**
 * The way of every object through the rooms. Read this first.
 *
 * A snapshot holds the objects of a cluster (`cluster`). Each rule names the subjects it is about; the rule reads typed facts of a subject
 * (`facts`) and says true, false or unknown (`engine`). What is true or unknown of single subjects is rolled up to findings about their
 * root owners, with a clock, a cause and a suppression each (`findings`). What could be done about a finding, and how far the policy lets it
 * go, is added by `recommend` (`remediation`, `policy`).
 */
export function reconcile(snapshot: Snapshot, judgement: Judgement): Assessment {
  const { rules, suppressions, clocks, now, wanted } = judgement
  const view = { snapshot, now }
  const subjects = new Map<SubjectKind, readonly Subject[]>(
    SUBJECT_KINDS.map((kind) => [kind, subjectsIn(kind, snapshot)]),
  )
  const matches = rules.rules.flatMap((compiled) =>
    compiled.rule.subjects
      .flatMap((kind) => subjects.get(kind) ?? [])
      .map((subject) => match(compiled, subject, view))
      .filter((found) => found !== undefined),
  )
  // A rule that failed on one subject has said nothing, whichever subjects came before.
  const failed = new Set(rules.disabled().map(({ rule }) => rule))
  const sound = matches.filter((found) => !failed.has(found.rule.id))
  return assess(sound, { snapshot, now, previous: clocks, suppressions, wanted })
}
