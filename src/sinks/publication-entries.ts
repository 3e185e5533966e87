import { byGravity, type Graded } from '../engine/gravity.ts'
import { firstNotBefore } from '../util/order.ts'
import type { FindingView } from './envelope.ts'

/** A finding as it is published. It is never changed, only replaced: an answer on its way out keeps what it began with. */
export class Entry {
  readonly view: FindingView
  /** The `n` of the revision that it last changed with. */
  readonly changedIn: number
  /** When its evidence was taken over, in milliseconds. */
  readonly takenAt: number
  #json: Buffer | undefined

  constructor(view: FindingView, changedIn: number, takenAt: number) {
    this.view = view
    this.changedIn = changedIn
    this.takenAt = takenAt
  }

  /** The finding as JSON in UTF-8, made once: ten thousand of them go out without being written or encoded again. */
  get json(): Uint8Array {
    return (this.#json ??= Buffer.from(JSON.stringify(this.view)))
  }
}

const entriesByGravity = ({ view: a }: Entry, { view: b }: Entry): number => byGravity(a, b)

/** Above so many at a time, to sort all anew is cheaper than to put each in its place. */
const MANY = 256

/** Findings by id, and in the order in which they are given out. */
export class Entries {
  readonly #byId = new Map<string, Entry>()
  #sorted: Entry[] | undefined = []

  get(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  get size(): number {
    return this.#byId.size
  }

  /** By severity, then by id. */
  sorted(): readonly Entry[] {
    return (this.#sorted ??= [...this.#byId.values()].toSorted(entriesByGravity))
  }

  /** The same from behind a place on, whether or not anything stands there. */
  *after(place: Graded | undefined): Generator<Entry> {
    const sorted = this.sorted()
    const from = place ? firstNotBefore(sorted, ({ view }) => byGravity(view, place) <= 0) : 0
    for (let at = from; at < sorted.length; at++) {
      const entry = sorted[at]
      if (entry) yield entry
    }
  }

  put(entries: readonly Entry[]): void {
    const places = entries.length > MANY ? undefined : this.#sorted
    if (!places) this.#sorted = undefined
    for (const entry of entries) {
      if (places) this.#replace(places, entry)
      this.#byId.set(entry.view.id, entry)
    }
  }

  delete(id: string): Entry | undefined {
    const entry = this.#byId.get(id)
    if (!entry) return undefined
    this.#byId.delete(id)
    if (this.#sorted) this.#sorted.splice(placeOf(this.#sorted, entry), 1)
    return entry
  }

  #replace(sorted: Entry[], entry: Entry): void {
    const before = this.#byId.get(entry.view.id)
    if (before) sorted.splice(placeOf(sorted, before), 1)
    sorted.splice(placeOf(sorted, entry), 0, entry)
  }
}

const placeOf = (sorted: readonly Entry[], entry: Entry): number =>
  firstNotBefore(sorted, (there) => entriesByGravity(there, entry) < 0)
