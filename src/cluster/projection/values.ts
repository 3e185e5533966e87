import { both, number, string, type Both, type Shape } from './shape.ts'
import { keptIn, word } from './shared.ts'
import { fieldOf, type Tag, type WireReader } from './wire.ts'

/** A quantity is a string, but a hand-written dump may hold it as a number. */
export const quantity: Both<string> = both(
  (raw) => (typeof raw === 'number' ? String(raw) : string(raw)),
  (reader, tag) => {
    let text = ''
    reader.message(tag, (part) => {
      if (fieldOf(part) !== 1) return false
      text = reader.text(part)
      return true
    })
    return text
  },
)

const TEXT = 1

/** An `IntOrString`, such as the port of a probe. */
export const intOrString: Both<string | number> = both(
  (raw) => string(raw) ?? number(raw),
  (reader, tag) => {
    let [type, whole, text] = [0, 0, '']
    reader.message(tag, (part) => {
      if (fieldOf(part) === 1) type = reader.whole(part)
      else if (fieldOf(part) === 2) whole = reader.whole(part)
      else if (fieldOf(part) === 3) text = reader.text(part)
      else return false
      return true
    })
    return type === TEXT ? text : whole
  },
)

/** A time, in seconds since 1970 and what is beyond them; `undefined` for Go's zero time, which is written as nothing. */
function timestamp(reader: WireReader, tag: Tag): { readonly seconds: number; readonly nanos: number } | undefined {
  let [seconds, nanos, told] = [0, 0, false]
  reader.message(tag, (part) => {
    told = true
    if (fieldOf(part) === 1) seconds = reader.whole(part)
    else if (fieldOf(part) === 2) nanos = reader.whole(part)
    else return false
    return true
  })
  return told ? { seconds, nanos } : undefined
}

const TIMES = new Map<number, string>()
// Up to the second, without what follows.
const written = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length)

/** A time of whole seconds, as RFC 3339. */
export const time: Both<string> = both(word, (reader, tag) => {
  const told = timestamp(reader, tag)
  return told && keptIn(TIMES, told.seconds, () => `${written(told.seconds)}Z`)
})

const MICRO_DIGITS = 6

/** A time of microseconds, as RFC 3339. */
export const microTime: Both<string> = both(string, (reader, tag) => {
  const told = timestamp(reader, tag)
  const micros = told && String(Math.trunc(told.nanos / 1000)).padStart(MICRO_DIGITS, '0')
  return told && `${written(told.seconds)}.${micros}Z`
})

/** What in the binary form is JSON too, such as the fields that somebody owns. */
export const json = <T>(shape: Shape<T>): Both<T> =>
  both(shape, (reader, tag) => {
    let read: T | undefined
    reader.message(tag, (part) => {
      if (fieldOf(part) !== 1) return false
      read = shape(JSON.parse(reader.text(part)))
      return true
    })
    return read
  })
