import { byKeys, compareText, firstNotBefore, firstOf } from '../util/order.ts'
import { Multimap } from '../util/multimap.ts'
import type { Doubt } from './doubts.ts'
import { referenceTo, SAMPLE } from './sample.ts'
import type { UnknownSummary } from './unknown.ts'

/** How many of the first objects are known: more than are shown, so that not each of them that goes makes us look for another. */
const KNOWN = 10 * SAMPLE

const placeOf = ({ object }: Doubt): string => object.metadata.namespace ?? ''
const uidOf = ({ object }: Doubt): string => object.metadata.uid

const byObject = byKeys(({ object: { metadata, kind: type }, kind, container }: Doubt) => [
  metadata.namespace ?? '',
  metadata.name,
  type,
  metadata.uid,
  kind,
  container ?? '',
])

/** What one rule cannot decide for one reason. Of hundreds of thousands of objects the first few are told, and how many there are. */
export class DoubtGroup {
  /** By namespace, and there by the uids of objects: the first are found without looking at all. */
  readonly #places = new Map<string, Multimap<Doubt>>()
  /** The first doubt of each of the first objects; found again when it may be others. */
  #first: readonly Doubt[] | undefined
  #objects = 0

  get isEmpty(): boolean {
    return this.#objects === 0
  }

  add(doubt: Doubt): void {
    const place = this.#places.get(placeOf(doubt)) ?? new Multimap()
    this.#places.set(placeOf(doubt), place)
    const isNew = !place.has(uidOf(doubt))
    place.add(uidOf(doubt), doubt)
    if (isNew) this.#objects++
    if (this.#first) this.#first = isNew ? this.#with(this.#first, doubt) : undefined
  }

  delete(doubt: Doubt): void {
    const place = this.#places.get(placeOf(doubt))
    if (!place?.has(uidOf(doubt))) return
    place.delete(uidOf(doubt), doubt)
    const isGone = !place.has(uidOf(doubt))
    if (place.size === 0) this.#places.delete(placeOf(doubt))
    if (isGone) this.#objects--
    if (this.#first?.includes(doubt) === true) this.#first = isGone ? this.#without(this.#first, doubt) : undefined
  }

  summary(): UnknownSummary | undefined {
    this.#first ??= this.#find()
    const [one] = this.#first
    if (!one) return undefined
    const { rule, reason, detail } = one
    const sample = this.#first.slice(0, SAMPLE).map(({ object }) => referenceTo(object))
    return { rule: rule.id, category: rule.category, reason, detail, subjects: { count: this.#objects, sample } }
  }

  #with(first: readonly Doubt[], doubt: Doubt): readonly Doubt[] {
    const at = firstNotBefore(first, (one) => byObject(one, doubt) < 0)
    const isKnown = at < first.length || this.#objects === first.length + 1
    return isKnown ? first.toSpliced(at, 0, doubt).slice(0, KNOWN) : first
  }

  #without(first: readonly Doubt[], doubt: Doubt): readonly Doubt[] | undefined {
    const left = first.filter((one) => one !== doubt)
    return left.length >= Math.min(SAMPLE, this.#objects) ? left : undefined
  }

  #find(): readonly Doubt[] {
    const first: Doubt[] = []
    for (const name of firstOf(this.#places.keys(), KNOWN, compareText)) {
      const doubts = firstsIn(this.#places.get(name))
      first.push(...firstOf(doubts, KNOWN - first.length, byObject))
      if (first.length === KNOWN) break
    }
    return first
  }
}

/** The first doubt of each object. */
function* firstsIn(place: Multimap<Doubt> | undefined): Generator<Doubt> {
  for (const members of place?.values() ?? []) yield* firstOf(members, 1, byObject)
}
