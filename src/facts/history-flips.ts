import type { ObjectOf } from '../cluster/kinds.ts'
import { HOUR } from '../util/time.ts'
import { conditionOf, conditionSince } from './condition.ts'
import type { Flips } from './past.ts'

type Node = ObjectOf<'nodes'>

/** The condition of nodes whose changes are remembered, and how many of them. */
export const REMEMBERED_CONDITION = 'Ready'
const MOST_FLIPS = 50

const MISSED_AFTER = HOUR

interface Remembered extends Flips {
  /** When the object was last seen. */
  lookedAt: number
  restoredAt: number | undefined
}

/** What is remembered of a condition under this key is read from `Past.flips`. */
export const flipsKey = (object: { readonly metadata: { readonly uid: string } }, type: string): string =>
  `${object.metadata.uid}/${type}`

/** When conditions of nodes changed. */
export class FlipHistory {
  readonly #flips = new Map<string, Remembered>()
  #missedUntil = 0

  flips(key: string): Flips | undefined {
    return this.#flips.get(key)
  }

  get size(): number {
    return this.#flips.size
  }

  /** Nothing was seen until a time in milliseconds. */
  gap(to: number): void {
    this.#missedUntil = Math.max(this.#missedUntil, to)
  }

  changed(before: Node | undefined, after: Node | undefined, observedAt: number): string[] {
    const node = after ?? before
    if (!node) return []
    const key = flipsKey(node, REMEMBERED_CONDITION)
    if (!after) return this.#flips.delete(key) ? [key] : []
    const condition = conditionOf(after.status?.conditions, REMEMBERED_CONDITION)
    if (condition?.status === undefined) return []
    const change = { at: Math.min(conditionSince(condition) ?? observedAt, observedAt), status: condition.status }
    return this.#seen(key, change, observedAt) ? [key] : []
  }

  #seen(key: string, change: Flips['changes'][number], observedAt: number): boolean {
    const known = this.#flips.get(key)
    const last = known?.changes[0]
    if (known && last && last.status === change.status && last.at === change.at) {
      known.lookedAt = observedAt
      known.restoredAt = undefined
      return false
    }
    const changes = [change, ...(known?.changes ?? []).filter(({ at }) => at < change.at)].slice(0, MOST_FLIPS)
    this.#flips.set(key, {
      changes,
      since: known && this.#missedNothing(known, change) ? sinceOf(known, changes) : change.at,
      lookedAt: observedAt,
      restoredAt: undefined,
    })
    return true
  }

  // The condition names its last change alone. Of two that lie between two looks the first is never seen, and when both end where they
  // began only their time tells of it.
  #missedNothing({ lookedAt, changes: [last] }: Remembered, change: Flips['changes'][number]): boolean {
    return lookedAt > this.#missedUntil && last?.status !== change.status && (last?.at ?? 0) < change.at
  }

  sweep(now: number): string[] {
    const gone = [...this.#flips].flatMap(([key, { restoredAt = now }]) => (now - restoredAt > MISSED_AFTER ? key : []))
    for (const key of gone) this.#flips.delete(key)
    return gone
  }

  *entries(): Iterable<readonly [key: string, flips: Flips]> {
    for (const [key, { since, changes }] of this.#flips) yield [key, { since, changes }]
  }

  restore(key: string, { since, changes }: Flips, now: number): void {
    this.#flips.set(key, { since, changes, lookedAt: 0, restoredAt: now })
  }
}

// What was cut off at the end was seen, and is known no more.
const sinceOf = ({ since }: Remembered, changes: Flips['changes']): number =>
  changes.length < MOST_FLIPS ? since : Math.max(since, changes.at(-1)?.at ?? since)
