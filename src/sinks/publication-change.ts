import { MINUTE } from '../util/time.ts'
import type { FindingView } from './envelope.ts'
import type { Surroundings } from './listing.ts'

/** How long evidence that differs is held back, in milliseconds since it was last taken over. */
const EVIDENCE_EVERY = 5 * MINUTE

type RecommendationView = FindingView['recommendations'][number]

/** What may differ each time that one looks, and is refreshed only now and then: figures, words, and which pods were counted. */
const EVIDENCE = ['evidence', 'message', 'subjects', 'recommendations'] as const
/** All that is no substance; `lastSeen` is no difference at all. */
const PASSING: ReadonlySet<string> = new Set([...EVIDENCE, 'lastSeen'])

/** How much a finding differs from what was published of it. */
export function differenceOf(before: FindingView, after: FindingView): 'none' | 'evidence' | 'substance' {
  const substance =
    sameFields(before, after, PASSING) && sameList(before.recommendations, after.recommendations, decidesSame)
  if (!substance) return 'substance'
  return EVIDENCE.every((key) => sameJson(before[key], after[key])) ? 'none' : 'evidence'
}

// The plan itself follows the figures (a size proposed from usage moves with each sample), and so do the words of a gate.
function decidesSame(before: RecommendationView, after: RecommendationView): boolean {
  const { id, action, object, tier, decision } = before
  return (
    id === after.id &&
    action === after.action &&
    tier === after.tier &&
    sameJson(object, after.object) &&
    sameFields(decision, after.decision, GATES) &&
    sameList(decision.gates, after.decision.gates, (a, b) => a.gate === b.gate && a.answer === b.answer)
  )
}

const GATES: ReadonlySet<string> = new Set(['gates'])
const NONE: ReadonlySet<string> = new Set()

/** Whether two values give the same JSON, but for the order of keys. Runs for every finding that is evaluated again, so it makes nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a)) return Array.isArray(b) && sameList(a, b, sameJson)
  return !Array.isArray(b) && sameFields(a, b, NONE)
}

const sameList = <T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean =>
  a.length === b.length && a.every((one, i) => same(one, b[i] as T))

type Fields = Readonly<Record<string, unknown>>

function sameFields(a: object, b: object, but: ReadonlySet<string>): boolean {
  let more = 0
  for (const key of Object.keys(a)) {
    if (but.has(key)) continue
    const value = (a as Fields)[key]
    if (value === undefined) continue
    if (!Object.hasOwn(b, key) || !sameJson(value, (b as Fields)[key])) return false
    more++
  }
  for (const key of Object.keys(b)) if (!but.has(key) && (b as Fields)[key] !== undefined) more--
  return more === 0
}

/** Whether evidence taken over at `takenAt` is to be refreshed. A clock that was set back must not hold it for as long as it was set back. */
export const isDue = (takenAt = -Infinity, at: number): boolean => at < takenAt || at - takenAt >= EVIDENCE_EVERY

/** What of the surroundings goes out at once: which rules cannot be decided, and which kinds cannot be read. */
export const wordsOf = ({ unknown, incomplete, scores }: Surroundings): unknown => [
  unknown.map(({ rule, reason }) => [rule, reason]),
  incomplete.map(({ resource, reason }) => [resource, reason]),
  scores,
]
