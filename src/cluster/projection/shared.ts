import { both, string, type Both } from './shape.ts'
import type { Tag, WireReader } from './wire.ts'

/** Different values that one shape remembers; then it begins anew, and only what comes later is no longer shared with what came before. */
const MOST = 50_000

/** Bytes that one shape remembers: objects of a workload come one after the other, and bytes that name something of their own never come again. */
const MOST_BYTES = 2_000

/** What is known by a key, or else is made now and known from then on. */
export function keptIn<K, T>(known: Map<K, T>, key: K, make: () => T, most = MOST): T {
  const same = known.get(key)
  if (same !== undefined) return same
  if (known.size >= most) known.clear()
  const made = make()
  known.set(key, made)
  return made
}

/**
 * Equal values are one object. The pods of a workload agree in most of what they say, and a large cluster that keeps it for each
 * of them needs four times the memory. To compare costs less than a tenth of parsing; of the binary form what was seen lately is not read again.
 * `unread`: fields of each message by which objects differ, and which are not read.
 */
export function shared<T>(shape: Both<T>, unread: readonly number[] = []): Both<T> {
  const values = new Map<string, T>()
  const first = (value: T): T => keptIn(values, JSON.stringify(value), () => value)
  const known = new Map<string, T>()
  return both(
    (raw) => {
      const value = shape(raw)
      return value === undefined ? undefined : first(value)
    },
    (reader, tag, before) => {
      const from = reader.place
      const key = before === undefined ? reader.run(tag, unread) : ''
      const same = known.get(key)
      if (same !== undefined) return same
      reader.back(from)
      const value = readRun(shape, { reader, tag, before })
      if (value === undefined || before !== undefined) return value
      return keptIn(known, key, () => first(value), MOST_BYTES)
    },
  )
}

interface Run<T> {
  readonly reader: WireReader
  readonly tag: Tag
  readonly before: T | undefined
}

/** This occurrence of a field and those that follow at once. */
function readRun<T>(shape: Both<T>, { reader, tag, before }: Run<T>): T | undefined {
  let value = shape.wire(reader, tag, before)
  while (reader.next(tag)) value = shape.wire(reader, tag, value)
  return value
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
