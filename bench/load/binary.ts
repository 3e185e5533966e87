import { MESSAGES, type MessageField } from './messages.ts'
import type { Values } from './template.ts'

/** Bytes, each as one character; all texts here are ASCII. */
type Bytes = string
/** Bytes that are always the same, or that depend on what is filled in. */
export type Piece = Bytes | ((values: Values) => Bytes)

const VARINT = 0
const DELIMITED = 2
const MORE = 0x80
const LOW = 0x7f
const SECOND_MS = 1000
const MICRO_NANOS = 1000

export const bytesOf = (piece: Piece, values: Values): Bytes => (typeof piece === 'string' ? piece : piece(values))

/** A whole number that is not negative, in groups of seven bits. */
function varint(value: number): Bytes {
  let [rest, text] = [value, '']
  for (; rest >= MORE; rest = Math.floor(rest / MORE)) text += String.fromCharCode(MORE + (rest & LOW))
  return text + String.fromCharCode(rest)
}

const tagOf = (number: number, type: number): Bytes => varint(number * 8 + type)

/** Bytes behind their length, as a field of a message. */
export const delimited = (number: number, bytes: Bytes): Bytes =>
  tagOf(number, DELIMITED) + varint(bytes.length) + bytes

const within = (number: number, piece: Piece): Piece =>
  typeof piece === 'string' ? delimited(number, piece) : (values) => delimited(number, piece(values))

function joined(pieces: readonly Piece[]): Piece {
  const merged: Piece[] = []
  for (const piece of pieces) {
    const last = merged.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') merged[merged.length - 1] = last + piece
    else merged.push(piece)
  }
  const [only = ''] = merged
  if (merged.length <= 1) return only
  return (values) => {
    let text = ''
    for (const piece of merged) text += bytesOf(piece, values)
    return text
  }
}

const valueIn = (values: Values, name: string): string | number | boolean => {
  const value = values[name]
  if (value === undefined) throw new Error(`nothing to fill in for ${name}`)
  return value
}

/** The name of a place that is a whole value. */
const placeOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? /^<=(\w+)>$/.exec(value)?.[1] : undefined

/** A text with places in it. */
function textPiece(value: string): Piece {
  const place = placeOf(value)
  // What is filled in for a whole value is JSON.
  if (place !== undefined) return (values) => String(JSON.parse(String(valueIn(values, place))))
  return joined(
    value.split(/<(\w+)>/).map((part, at) => (at % 2 === 0 ? part : (values: Values) => String(valueIn(values, part)))),
  )
}

/** A number or a boolean. */
function wholePiece(number: number, value: unknown): Piece {
  const place = placeOf(value)
  const written = (of: unknown): Bytes => tagOf(number, VARINT) + varint(Number(of))
  return place === undefined ? written(value) : (values) => written(valueIn(values, place))
}

const timed = (at: string): Bytes => {
  const ms = Date.parse(at)
  const nanos = (ms % SECOND_MS) * SECOND_MS * MICRO_NANOS
  return tagOf(1, VARINT) + varint(Math.floor(ms / SECOND_MS)) + tagOf(2, VARINT) + varint(nanos)
}
function timePiece(value: string): Piece {
  const piece = textPiece(value)
  return typeof piece === 'string' ? timed(piece) : (values) => timed(piece(values))
}

const TEXT = 1
const isText = (value: unknown): value is string => typeof value === 'string'
const intOrString = (value: unknown): Piece =>
  isText(value)
    ? joined([wholePiece(1, TEXT), within(3, textPiece(value))])
    : joined([wholePiece(1, 0), wholePiece(2, value)])

/** Values that are not messages of their own, by type. */
const VALUES: Readonly<Record<string, (number: number, value: unknown) => Piece>> = {
  string: (number, value) => within(number, textPiece(String(value))),
  int: wholePiece,
  bool: wholePiece,
  time: (number, value) => within(number, timePiece(String(value))),
  microTime: (number, value) => within(number, timePiece(String(value))),
  quantity: (number, value) => within(number, within(1, textPiece(String(value)))),
  intOrString: (number, value) => within(number, intOrString(value)),
  json: (number, value) => within(number, within(1, textPiece(JSON.stringify(value)))),
}

function field({ number, type, isMap }: MessageField, value: unknown): Piece {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return joined(value.map((item) => field({ name: '', number, type, isMap }, item)))
  if (isMap) return joined(Object.entries(value).map(([key, item]) => within(number, entry(type, key, item))))
  const of = VALUES[type]
  if (of) return of(number, value)
  const place = placeOf(value)
  // Whoever fills it in has written the fields already.
  return place === undefined ? within(number, message(value, type)) : (values) => String(valueIn(values, place))
}

const entry = (type: string, key: string, value: unknown): Piece =>
  joined([within(1, textPiece(key)), field({ name: '', number: 2, type, isMap: false }, value)])

/** The binary form of an object with places in it. What the API does not know is left out. */
export function message(object: unknown, type: string): Piece {
  const fields = MESSAGES.get(type)
  if (!fields) throw new Error(`nothing is known of ${type}`)
  const given = new Map(Object.entries(object as object))
  return joined(
    fields.map((one) => {
      if (one.name !== '') return field(one, given.get(one.name))
      const inner = message(object, one.type)
      return inner === '' ? '' : within(one.number, inner)
    }),
  )
}
