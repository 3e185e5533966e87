import { MINUTE } from '../util/time.ts'
import type { FindingView } from './envelope.ts'
import type { Surroundings } from './listing.ts'

/** How long evidence that differs is held back, in milliseconds since it was last taken over. */
const EVIDENCE_EVERY = 5 * MINUTE

type RecommendationView = FindingView['recommendations'][number]

/** What may differ each time that one looks, and is refreshed only now and then: figures, words, and which pods were counted. */
const evidenceOf = ({ evidence, message, subjects, recommendations }: FindingView): unknown => [
  evidence,
  message,
  subjects,
  recommendations,
]

/** What people and tools act on: it goes out at once. */
function substanceOf(view: FindingView): unknown {
  const { lastSeen: _lastSeen, evidence: _evidence, message: _message, subjects: _subjects, ...rest } = view
  return { ...rest, recommendations: view.recommendations.map(decidedOf) }
}

// The plan itself follows the figures (a size proposed from usage moves with each sample), and so do the words of a gate.
const decidedOf = ({ id, action, object, tier, decision }: RecommendationView): unknown => ({
  id,
  action,
  object,
  tier,
  decision: { ...decision, gates: decision.gates.map(({ gate, answer }) => ({ gate, answer })) },
})

/** How much a finding differs from what was published of it; `lastSeen` is no difference. */
export function differenceOf(before: FindingView, after: FindingView): 'none' | 'evidence' | 'substance' {
  if (!sameJson(substanceOf(before), substanceOf(after))) return 'substance'
  return sameJson(evidenceOf(before), evidenceOf(after)) ? 'none' : 'evidence'
}

/** Whether two values give the same JSON, but for the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const before = presentOf(a)
  const after = presentOf(b)
  return (
    before.size === after.size && [...before].every(([key, value]) => after.has(key) && sameJson(value, after.get(key)))
  )
}

const presentOf = (value: object): Map<string, unknown> =>
  new Map(Object.entries(value).filter(([, part]) => part !== undefined))

/** Whether evidence taken over at `takenAt` is to be refreshed. A clock that was set back must not hold it for as long as it was set back. */
export const isDue = (takenAt = -Infinity, at: number): boolean => at < takenAt || at - takenAt >= EVIDENCE_EVERY

/** What of the surroundings goes out at once: which rules cannot be decided, and which kinds cannot be read. */
export const wordsOf = ({ unknown, incomplete, scores }: Surroundings): unknown => [
  unknown.map(({ rule, reason }) => [rule, reason]),
  incomplete.map(({ resource, reason }) => [resource, reason]),
  scores,
]
