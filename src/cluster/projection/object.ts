import { both, isRecord, type Both, type Projected, type Shape } from './shape.ts'
import { fieldOf, type Tag, type Wire, type WireReader } from './wire.ts'

/** A field by its number in the binary form. */
interface Numbered<T> {
  readonly number: number
  readonly shape: Both<T>
  /** Whether JSON has it though it is 0, false or empty, which is left out of most fields. */
  readonly always: boolean
}

type Field<T> = Shape<T> | Numbered<T>
type Fields = Readonly<Record<string, Field<unknown>>>
type NumberedFields = Readonly<Record<string, Numbered<unknown>>>
type FieldType<F> = F extends Numbered<infer T> ? T : Projected<F>
type ObjectOf<F extends Fields> = { readonly [K in keyof F]?: FieldType<F[K]> }

/** A field with its number. `always`: a pointer in Go, or not `omitempty`, so that JSON tells 0, false and the empty string from nothing. */
export const at = <T>(number: number, shape: Both<T>, always?: 'always'): Numbered<T> => ({
  number,
  shape,
  always: always !== undefined,
})

// Such as the last state of every container that never ended.
const NOTHING = Object.freeze({})

type Made = Record<string, unknown>
const isNumbered = (field: Field<unknown>): field is Numbered<unknown> => typeof field === 'object'

/** The fields of a message of their own in the binary form that JSON writes among those around it. */
export interface Inlined<F extends Fields> {
  readonly number: number
  readonly fields: F
}
export const inline = <F extends Fields>(number: number, fields: F): Inlined<F> => ({ number, fields })

/** The named fields and no others: this is where an object of the API becomes the part of it that facts read. */
export function object<F extends NumberedFields>(fields: F): Both<ObjectOf<F>>
export function object<F extends NumberedFields, I extends NumberedFields>(
  fields: F,
  inlined: Inlined<I>,
): Both<ObjectOf<F & I>>
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>>
export function object(fields: Fields, inlined?: Inlined<Fields>): Shape<Made> {
  const list = Object.entries({ ...fields, ...inlined?.fields }).map(
    ([name, field]) => [name, isNumbered(field) ? field.shape : field] as const,
  )
  const make = makerOf()
  const json = (raw: unknown): Made | undefined => {
    if (!isRecord(raw)) return undefined
    let result: Made | undefined
    for (const [name, shape] of list) {
      const value = Object.hasOwn(raw, name) ? shape(raw[name]) : undefined
      if (value !== undefined) (result ??= make())[name] = value
    }
    return result ?? NOTHING
  }
  const message = messageOf(fields, inlined, make)
  return message ? both(json, (reader, tag) => fill(message, reader, tag) ?? NOTHING) : json
}

interface Entry {
  readonly name: string
  readonly wire: Wire<unknown>
  readonly always: boolean
  /** Instead of all that: fields that are written as a message, and are fields of this object. */
  readonly inlined?: Message
}

/** How an object is read from the binary form. */
interface Message {
  /** By the number of the field. */
  readonly entries: readonly (Entry | undefined)[]
  readonly make: () => Made
}

/** `undefined` when the number of a field is not known. */
function messageOf(fields: Fields, inlined: Inlined<Fields> | undefined, make: () => Made): Message | undefined {
  const entries: Entry[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (!isNumbered(field)) return undefined
    entries[field.number] = { name, wire: field.shape.wire, always: field.always }
  }
  const inner = inlined && messageOf(inlined.fields, undefined, make)
  if (inner) entries[inlined.number] = { name: '', wire: () => undefined, always: false, inlined: inner }
  // Without holes, which are slow to look into.
  return { entries: Array.from(entries), make }
}

function fill(message: Message, reader: WireReader, tag: Tag, before?: Made): Made | undefined {
  const { entries, make } = message
  let made = before
  const outer = reader.enter(tag)
  while (reader.isWithin) {
    const part = reader.tag()
    const entry = entries[fieldOf(part)]
    if (!entry) reader.skip(part)
    else if (entry.inlined) made = fill(entry.inlined, reader, part, made)
    else {
      const { name, wire, always } = entry
      const value = wire(reader, part, made?.[name])
      if (value !== undefined && (always || !isZero(value))) (made ??= make())[name] = value
    }
  }
  reader.leave(outer)
  return made
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false

/**
 * Makes plain objects that end up with nearly the same fields. V8 learns from the first of a constructor how much room its objects need;
 * one written `{}` has room for four fields, and of a large cluster a third of the memory is room for fields that are not there.
 */
function makerOf(): () => Record<string, unknown> {
  const Plain = function plain(): void {}
  Plain.prototype = Object.prototype
  return () => Reflect.construct(Plain, []) as Record<string, unknown>
}
