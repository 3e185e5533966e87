import type { AnyObject } from '../cluster/kinds.ts'
import type { Rule, Undecided } from '../engine/rule.ts'
import type { SubjectKind } from '../facts/subject.ts'
import { Interned } from '../util/interned.ts'
import { Multimap } from '../util/multimap.ts'
import { DoubtGroup } from './doubt-group.ts'
import type { Match } from './match.ts'
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

/** Everything that is unknown, kept summed up. What is unknown of a finding that holds for another of its subjects is not counted. */
export class Doubts {
  readonly #byFinding = new Multimap<Doubt>()
  readonly #hidden = new Set<string>()
  readonly #groups = new Map<string, DoubtGroup>()

  add(doubt: Doubt): void {
    const { finding } = doubt
    this.#byFinding.add(finding, doubt)
    if (!this.#hidden.has(finding)) this.#count(doubt)
  }

  delete(doubt: Doubt): void {
    const { finding } = doubt
    this.#byFinding.delete(finding, doubt)
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
    for (const doubt of this.#byFinding.of(finding))
      if (hidden) this.#discount(doubt)
      else this.#count(doubt)
  }

  /** By rule, then by reason. */
  summary(): UnknownSummary[] {
    return [...this.#groups.values()].flatMap((group) => group.summary() ?? []).toSorted(byRule)
  }

  #count(doubt: Doubt): void {
    const key = keyOf(doubt)
    const group = this.#groups.get(key) ?? new DoubtGroup()
    this.#groups.set(key, group)
    group.add(doubt)
  }

  #discount(doubt: Doubt): void {
    const key = keyOf(doubt)
    const group = this.#groups.get(key)
    group?.delete(doubt)
    if (group?.isEmpty === true) this.#groups.delete(key)
  }
}

const keyOf = ({ rule, reason }: Doubt): string => `${rule.id} ${reason}`
