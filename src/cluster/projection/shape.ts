import { fieldOf, type Wire } from './wire.ts'

/**
 * What a field is made of once it is known to be there: reads it from raw JSON, or gives `undefined` for anything of another type. `wire`
 * reads the same from the binary form, where that is known.
 */
export interface Shape<T> {
  (raw: unknown): T | undefined
  readonly wire?: Wire<T>
}

/** A shape that is read from both forms. */
export type Both<T> = Shape<T> & { readonly wire: Wire<T> }

/** The type that a shape reads. */
export type Projected<S> = S extends Shape<infer T> ? T : never

/** The same shape, told how it stands in the binary form. */
export const both = <T>(json: (raw: unknown) => T | undefined, wire: Wire<T>): Both<T> =>
  Object.assign((raw: unknown) => json(raw), { wire })

export const string: Both<string> = both(
  (raw) => (typeof raw === 'string' ? raw : undefined),
  (reader, tag) => reader.text(tag),
)
export const number: Both<number> = both(
  (raw) => (typeof raw === 'number' && Number.isFinite(raw) ? raw : undefined),
  (reader, tag) => reader.whole(tag),
)
export const boolean: Both<boolean> = both(
  (raw) => (typeof raw === 'boolean' ? raw : undefined),
  (reader, tag) => reader.whole(tag) !== 0,
)

/** That a field is there, whatever it holds. */
export const present: Both<true> = both(
  (raw) => (raw === undefined || raw === null ? undefined : true),
  (reader, tag) => {
    reader.skip(tag)
    return true
  },
)

/** `null` and a missing list are both the empty one: an empty EndpointSlice reads `endpoints: null`. */
export function array<T>(item: Both<T>): Both<readonly T[]>
export function array<T>(item: Shape<T>): Shape<readonly T[]>
export function array<T>(item: Shape<T>): Shape<readonly T[]> {
  const json = (raw: unknown): readonly T[] | undefined => (Array.isArray(raw) ? dense(raw.map(item)) : undefined)
  const { wire } = item
  return wire
    ? both(json, (reader, tag, before) => {
        const one = wire(reader, tag)
        // A list that another is spread into has room for sixteen more.
        return one === undefined ? (before ?? []) : before ? before.concat([one]) : [one]
      })
    : json
}

// A list that was filtered has room for sixteen more, which is more than most lists hold.
const dense = <T>(items: readonly (T | undefined)[]): readonly T[] =>
  isWhole(items) ? items : items.filter((item) => item !== undefined).slice()
const isWhole = <T>(items: readonly (T | undefined)[]): items is readonly T[] => !items.includes(undefined)

export const isRecord = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)

/** A map with free keys, such as labels, kept without a prototype since its keys are a user's. */
export function map<T>(value: Both<T>): Both<Readonly<Record<string, T>>>
export function map<T>(value: Shape<T>): Shape<Readonly<Record<string, T>>>
export function map<T>(value: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return mapWhere(value, () => true)
}

/** The entries of a map whose keys pass, so that annotations of megabytes are not carried along. */
export function mapWhere<T>(value: Both<T>, keep: (key: string) => boolean): Both<Readonly<Record<string, T>>>
export function mapWhere<T>(value: Shape<T>, keep: (key: string) => boolean): Shape<Readonly<Record<string, T>>>
export function mapWhere<T>(value: Shape<T>, keep: (key: string) => boolean): Shape<Readonly<Record<string, T>>> {
  const json = (raw: unknown): Record<string, T> | undefined => {
    if (!isRecord(raw)) return undefined
    const result = emptyMap<T>()
    for (const [key, item] of Object.entries(raw)) {
      const read = keep(key) ? value(item) : undefined
      if (read !== undefined) result[key] = read
    }
    return result
  }
  const { wire } = value
  return wire ? both(json, entriesOf(wire, keep)) : json
}

function entriesOf<T>(value: Wire<T>, keep: (key: string) => boolean): Wire<Readonly<Record<string, T>>> {
  return (reader, tag, before) => {
    const result: Record<string, T> = Object.assign(emptyMap<T>(), before)
    let [key, read]: [string, T | undefined] = ['', undefined]
    reader.message(tag, (part) => {
      if (fieldOf(part) === 1) key = reader.text(part)
      else if (fieldOf(part) === 2 && keep(key)) read = value(reader, part)
      else return false
      return true
    })
    if (read !== undefined) result[key] = read
    return result
  }
}

const emptyMap = <T>(): Record<string, T> => Object.create(null) as Record<string, T>
