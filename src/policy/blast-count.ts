import type { AnyObject } from '../cluster/kinds.ts'
import type { Rule } from '../engine/rule.ts'
import { RESOURCES_OF, subjectsOf, type SubjectKind } from '../facts/subject.ts'
import type { Verdicts } from '../findings/ledger.ts'
import type { BlastCount } from './blast.ts'

interface Count {
  matched: number
  unknown: number
  of: number
}

/** Counts what rules say of a whole cluster, object by object. */
export class BlastCounter {
  readonly #rules: readonly Rule[]
  readonly #counts: ReadonlyMap<string, Count>

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
    this.#counts = new Map(rules.map(({ id }) => [id, { matched: 0, unknown: 0, of: 0 }]))
  }

  /** Takes in what was said of one object of a resource. */
  add(object: AnyObject, resource: string, { held, doubts }: Verdicts): void {
    for (const { id, subjects } of this.#rules) {
      const count = this.#counts.get(id)
      if (count) count.of += subjects.reduce((sum, kind) => sum + subjectsAmong(kind, object, resource), 0)
    }
    for (const { match } of held) this.#raise(match.rule.id, 'matched')
    for (const { rule } of doubts) this.#raise(rule.id, 'unknown')
  }

  counts(): ReadonlyMap<string, BlastCount> {
    return this.#counts
  }

  #raise(rule: string, what: 'matched' | 'unknown'): void {
    const count = this.#counts.get(rule)
    if (count) count[what]++
  }
}

const subjectsAmong = (kind: SubjectKind, object: AnyObject, resource: string): number =>
  RESOURCES_OF[kind].some((one) => one === resource) ? subjectsOf(kind, object).length : 0
