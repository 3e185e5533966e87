import type { AnyObject } from '../cluster/kinds.ts'
import type { Rule, Undecided } from '../engine/rule.ts'
import type { SubjectKind } from '../facts/subject.ts'
import { Interned } from '../util/interned.ts'
import { byKeys } from '../util/order.ts'
import type { SubjectReference } from './finding.ts'
import type { Match } from './match.ts'
import { referenceTo, SAMPLE } from './sample.ts'
import { byRule, type UnknownSummary } from './unknown.ts'

/** A match that is unknown, without all that only a finding needs: on a large cluster there can be several for each container. */
export interface Doubt {
  readonly rule: Rule
  readonly finding: string
  readonly reason: Undecided['reason']
  detail: string | undefined
  object: AnyObject
  readonly kind: SubjectKind
  readonly container: string | undefined
}

const DETAILS = new Interned(10_000)

/** Why something is unknown. */
export interface Why {
  readonly reason: Doubt['reason']
  readonly detail?: string | undefined
}

export const doubtOf = ({ rule, finding, subject }: Match, { reason, detail }: Why): Doubt => ({
  rule,
  finding,
  reason,
  detail: detail === undefined ? undefined : DETAILS.of(detail),
  object: subject.object,
  kind: subject.kind,
  container: subject.container?.name,
})

/**
 * What is in doubt of an object now: `before` with what is new of it, when there are the same doubts as before. Most objects are judged
 * again and again for the same to come out.
 */
export function renewed(before: readonly Doubt[], now: readonly Doubt[]): readonly Doubt[] {
  const same = before.length === now.length && before.every((doubt, at) => isSame(doubt, now[at]))
  if (!same) return now
  for (const [at, doubt] of before.entries())
    Object.assign(doubt, { object: now[at]?.object, detail: now[at]?.detail } satisfies Partial<
      Record<keyof Doubt, unknown>
    >)
  return before
}

const isSame = (a: Doubt, b: Doubt | undefined): boolean =>
  a.rule === b?.rule &&
  a.finding === b.finding &&
  a.reason === b.reason &&
  a.kind === b.kind &&
  a.container === b.container &&
  a.object.metadata.uid === b.object.metadata.uid

const byObject = byKeys(({ object: { metadata, kind: type }, kind, container }: Doubt) => [
  metadata.namespace ?? '',
  metadata.name,
  type,
  metadata.uid,
  kind,
  container ?? '',
])

/** What one rule cannot decide for one reason. */
interface Group {
  /** By the uids of objects. A set for each would be most of the memory of a large cluster. */
  readonly doubts: Map<string, Doubt | Set<Doubt>>
  /** The first of them in the order of objects; made again when it may be others. */
  first: readonly Doubt[] | undefined
}

/** Everything that is unknown, kept summed up. What is unknown of a finding that holds for another of its subjects is not counted. */
export class Doubts {
  readonly #byFinding = new Map<string, Doubt | Set<Doubt>>()
  readonly #hidden = new Set<string>()
  readonly #groups = new Map<string, Group>()

  add(doubt: Doubt): void {
    const { finding } = doubt
    add(this.#byFinding, finding, doubt)
    if (!this.#hidden.has(finding)) this.#count(doubt)
  }

  delete(doubt: Doubt): void {
    const { finding } = doubt
    take(this.#byFinding, finding, doubt)
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
    for (const doubt of membersOf(this.#byFinding.get(finding)))
      if (hidden) this.#discount(doubt)
      else this.#count(doubt)
  }

  /** By rule, then by reason. */
  summary(): UnknownSummary[] {
    return [...this.#groups.values()].flatMap((group) => summaryOf(group) ?? []).toSorted(byRule)
  }

  #count(doubt: Doubt): void {
    const key = keyOf(doubt)
    const group = this.#groups.get(key) ?? { doubts: new Map(), first: undefined }
    this.#groups.set(key, group)
    add(group.doubts, doubt.object.metadata.uid, doubt)
    const last = group.first?.at(-1)
    if (!last || (group.first?.length ?? 0) < SAMPLE || byObject(doubt, last) < 0) group.first = undefined
  }

  #discount(doubt: Doubt): void {
    const key = keyOf(doubt)
    const group = this.#groups.get(key)
    if (!group) return
    take(group.doubts, doubt.object.metadata.uid, doubt)
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
  const sample: SubjectReference[] = group.first.map(({ object }) => referenceTo(object))
  return { rule: rule.id, category: rule.category, reason, detail, subjects: { count: group.doubts.size, sample } }
}

/** The first doubt of each of the first objects, of so many as a sample names. One walk: there may be hundreds of thousands. */
function firstOf(doubts: Group['doubts']): Doubt[] {
  let first: Doubt[] = []
  for (const members of doubts.values()) {
    const [doubt] = membersOf(members).toSorted(byObject)
    const last = first.at(-1)
    if (!doubt || (last && first.length >= SAMPLE && byObject(doubt, last) >= 0)) continue
    first = [...first, doubt].toSorted(byObject).slice(0, SAMPLE)
  }
  return first
}

function add(sets: Map<string, Doubt | Set<Doubt>>, key: string, doubt: Doubt): void {
  const members = sets.get(key)
  if (members instanceof Set) members.add(doubt)
  else sets.set(key, members && members !== doubt ? new Set([members, doubt]) : doubt)
}

function take(sets: Map<string, Doubt | Set<Doubt>>, key: string, doubt: Doubt): void {
  const members = sets.get(key)
  if (members instanceof Set) members.delete(doubt)
  if (members === doubt || (members instanceof Set && members.size === 0)) sets.delete(key)
}

const membersOf = (members: Doubt | Set<Doubt> | undefined): readonly Doubt[] =>
  members === undefined ? [] : members instanceof Set ? [...members] : [members]
