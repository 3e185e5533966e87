import type { Snapshot } from '../cluster/snapshot.ts'
import { managedBy } from '../facts/managed-by.ts'
import type { Finding, State, Suppression } from './finding.ts'
import { nameOf, type Match } from './match.ts'
import type { Standing } from './ledger.ts'
import type { RollUp } from './roll-up.ts'
import { sample } from './sample.ts'
import { firesAt, type Clock } from './track.ts'

/** What is laid over a finding's own clock: who explains it, who suppressed it. */
export interface Overlay {
  readonly clock: Clock
  readonly causedBy: string | null
  readonly suppressedBy: Suppression | null
}

/** The finding of a roll-up. Its first match speaks for it. */
export function compose({ finding: id, matches }: RollUp, overlay: Overlay, snapshot: Snapshot): Finding {
  const [first] = matches
  const { rule, target, subject, evaluation } = first
  const { title, message, evidence } = evaluation.explain({ target: nameOf(target) })
  return {
    id,
    rule: { id: rule.id, version: rule.version },
    severity: evaluation.severity,
    category: rule.category,
    target,
    ownerComplete: matches.every((match) => match.ownerComplete),
    container: subject.container?.name,
    title,
    message,
    evidence,
    managedBy: managedBy(first.chain, namespaceOf(first, snapshot)),
    subjectKind: subject.kind,
    subjects: sample(matches),
    runbook: rule.runbook,
    recommend: rule.recommend,
    ...laidOver(overlay),
  }
}

/** What the overlay says of a finding, whatever it is about. */
function laidOver(overlay: Overlay): Pick<Finding, 'state' | 'causedBy' | 'suppressedBy' | keyof Times> {
  const { clock, causedBy, suppressedBy } = overlay
  const { since, firstSeen, lastSeen, resolvedAt } = clock
  const state = stateOf(overlay)
  const fires = state === 'pending' ? firesAt(clock) : null
  return { state, causedBy, suppressedBy, since, firstSeen, lastSeen, resolvedAt, firesAt: fires }
}

type Times = Pick<Finding, 'since' | 'firstSeen' | 'lastSeen' | 'resolvedAt' | 'firesAt'>

function stateOf({ clock, causedBy, suppressedBy }: Overlay): State {
  if (suppressedBy) return 'suppressed'
  return causedBy === null ? clock.state : 'inhibited'
}

const namespaceOf = ({ target }: Match, snapshot: Snapshot): ReturnType<typeof snapshot.get<'namespaces'>> =>
  target.namespace === undefined ? undefined : snapshot.get('namespaces', undefined, target.namespace)

/** What is said of a finding now. One that is not true at the moment is told as it was; of what a restart made us forget, who explained it too. */
export function composeLasting(place: Standing, before: Finding | undefined, snapshot: Snapshot): Finding | undefined {
  const { roll, holds } = place
  if (roll && (holds || !before)) return compose(roll, place, snapshot)
  const { causedBy = null, suppressedBy = null } = (roll ? place : before) ?? {}
  return before && { ...before, ...laidOver({ ...place, causedBy, suppressedBy }) }
}
