import { both, string, type Both, type Shape } from './shape.ts'

/** Different values that one shape remembers; then it begins anew, and only what comes later is no longer shared with what came before. */
const MOST = 50_000

/**
 * Equal values are one object. The pods of a workload agree in most of what they say, and a large cluster that keeps it for each
 * of them needs four times the memory. To compare costs less than a tenth of parsing; of the binary form what was seen before is not read again.
 */
export function shared<T>(shape: Both<T>): Both<T>
export function shared<T>(shape: Shape<T>): Shape<T>
export function shared<T>(shape: Shape<T>): Shape<T> {
  const known = new Map<string, T>()
  const seen = new Map<string, T>()
  const json = (raw: unknown): T | undefined => {
    const value = shape(raw)
    return value === undefined ? undefined : keptIn(known, JSON.stringify(value), () => value)
  }
  const { wire } = shape
  if (!wire) return json
  return both(json, (reader, tag, before) => {
    const from = reader.place
    reader.run(tag)
    const to = reader.place
    const key = reader.key(from, to)
    const same = before === undefined ? seen.get(key) : undefined
    if (same !== undefined) return same
    let value = before
    reader.back(from)
    for (let next = tag; reader.place < to;) {
      value = wire(reader, next, value)
      if (reader.place < to) next = reader.tag()
    }
    if (value === undefined) return undefined
    const made = value
    const one = keptIn(known, JSON.stringify(made), () => made)
    return before === undefined ? keptIn(seen, key, () => one) : one
  })
}

/** What is known by a key, or else is made now and known from then on. */
export function keptIn<K, T>(known: Map<K, T>, key: K, value: () => T): T {
  const same = known.get(key)
  if (same !== undefined) return same
  if (known.size >= MOST) known.clear()
  const one = value()
  known.set(key, one)
  return one
}

/** A string that many objects say: a reason, a phase, the time of a change. */
export const word: Both<string> = both(
  (raw) => (typeof raw === 'string' ? keptIn(WORDS, raw, () => raw) : undefined),
  (reader, tag) => {
    const text = string.wire(reader, tag)
    return text === undefined ? undefined : keptIn(WORDS, text, () => text)
  },
)
const WORDS = new Map<string, string>()
