import type { AnyObject } from '../cluster/kinds.ts'
import type { Rule, Undecided } from '../engine/rule.ts'
import type { SubjectReference } from './finding.ts'
import type { Match } from './match.ts'
import { byObject } from './roll-up.ts'
import { referenceTo, SAMPLE } from './sample.ts'
import { byRule, type UnknownSummary } from './unknown.ts'

/** A match that is unknown, without all that only a finding needs: on a large cluster there can be one for each container. */
export interface Doubt {
  readonly rule: Rule
  readonly finding: string
  readonly reason: Undecided['reason']
  readonly detail: string | undefined
  readonly subject: Match['subject']
}

export const doubtOf = ({ rule, finding, evaluation, subject }: Match<Undecided>): Doubt => ({
  rule,
  finding,
  reason: evaluation.reason,
  detail: evaluation.detail,
  subject,
})

/** What one rule cannot decide for one reason. */
interface Group {
  readonly doubts: Set<Doubt>
  /** How many doubts there are of each object. */
  readonly objects: Map<string, number>
  /** The first of them in the order of objects; made again when it may be others. */
  first: readonly Doubt[] | undefined
}

/** Everything that is unknown, kept summed up. What is unknown of a finding that holds for another of its subjects is not counted. */
export class Doubts {
  readonly #byFinding = new Map<string, Set<Doubt>>()
  readonly #hidden = new Set<string>()
  readonly #groups = new Map<string, Group>()

  add(doubt: Doubt): void {
    const { finding } = doubt
    const others = this.#byFinding.get(finding)
    if (others) others.add(doubt)
    else this.#byFinding.set(finding, new Set([doubt]))
    if (!this.#hidden.has(finding)) this.#count(doubt)
  }

  delete(doubt: Doubt): void {
    const { finding } = doubt
    const others = this.#byFinding.get(finding)
    others?.delete(doubt)
    if (others?.size === 0) this.#byFinding.delete(finding)
    if (!this.#hidden.has(finding)) this.#discount(doubt)
  }

  /** Whether anything of a finding is unknown. */
  has(finding: string): boolean {
    return this.#byFinding.has(finding)
  }

  /** Leaves a finding out of the sums, or takes it in again. */
  hide(finding: string, hidden: boolean): void {
    if (hidden === this.#hidden.has(finding)) return
    if (hidden) this.#hidden.add(finding)
    else this.#hidden.delete(finding)
    for (const doubt of this.#byFinding.get(finding) ?? [])
      if (hidden) this.#discount(doubt)
      else this.#count(doubt)
  }

  /** By rule, then by reason. */
  summary(): UnknownSummary[] {
    return [...this.#groups.values()].flatMap((group) => summaryOf(group) ?? []).toSorted(byRule)
  }

  #count(doubt: Doubt): void {
    const key = keyOf(doubt)
    const group = this.#groups.get(key) ?? { doubts: new Set(), objects: new Map<string, number>(), first: undefined }
    this.#groups.set(key, group)
    const { uid } = doubt.subject.object.metadata
    group.doubts.add(doubt)
    group.objects.set(uid, (group.objects.get(uid) ?? 0) + 1)
    const last = group.first?.at(-1)
    if (!last || (group.first?.length ?? 0) < SAMPLE || byObject(doubt, last) < 0) group.first = undefined
  }

  #discount(doubt: Doubt): void {
    const key = keyOf(doubt)
    const group = this.#groups.get(key)
    if (!group) return
    const { uid } = doubt.subject.object.metadata
    const left = (group.objects.get(uid) ?? 1) - 1
    group.doubts.delete(doubt)
    if (left > 0) group.objects.set(uid, left)
    else group.objects.delete(uid)
    if (group.first?.includes(doubt)) group.first = undefined
    if (group.doubts.size === 0) this.#groups.delete(key)
  }
}

const keyOf = ({ rule, reason }: Doubt): string => `${rule.id} ${reason}`

function summaryOf(group: Group): UnknownSummary | undefined {
  group.first ??= firstOf(group.doubts)
  const [one] = group.first
  if (!one) return undefined
  const { rule, reason, detail } = one
  const objects = new Map<string, AnyObject>(
    group.first.map(({ subject: { object } }) => [object.metadata.uid, object]),
  )
  const sample: SubjectReference[] = [...objects.values()].map(referenceTo)
  return { rule: rule.id, category: rule.category, reason, detail, subjects: { count: group.objects.size, sample } }
}

/** The first doubts in the order of objects, of so many objects as a sample names. One walk: there may be hundreds of thousands. */
function firstOf(doubts: ReadonlySet<Doubt>): Doubt[] {
  let first: Doubt[] = []
  for (const doubt of doubts) {
    const last = first.at(-1)
    if (last && first.length >= SAMPLE && byObject(doubt, last) >= 0) continue
    const { uid } = doubt.subject.object.metadata
    const same = first.find(({ subject }) => subject.object.metadata.uid === uid)
    if (same && byObject(same, doubt) <= 0) continue
    first = [...first.filter((other) => other !== same), doubt].toSorted(byObject).slice(0, SAMPLE)
  }
  return first
}
