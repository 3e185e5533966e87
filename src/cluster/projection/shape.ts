/** What a field is made of once it is known to be there: reads it from raw JSON, or gives `undefined` for anything of another type. */
export type Shape<T> = (raw: unknown) => T | undefined

/** The type that a shape reads. */
export type Projected<S> = S extends Shape<infer T> ? T : never

type Fields = Readonly<Record<string, Shape<unknown>>>
type ObjectOf<F extends Fields> = { readonly [K in keyof F]?: Projected<F[K]> }

export const string: Shape<string> = (raw) => (typeof raw === 'string' ? raw : undefined)
export const number: Shape<number> = (raw) => (typeof raw === 'number' && Number.isFinite(raw) ? raw : undefined)
export const boolean: Shape<boolean> = (raw) => (typeof raw === 'boolean' ? raw : undefined)

/** A quantity is a string, but a hand-written dump may hold it as a number. */
export const quantity: Shape<string> = (raw) => (typeof raw === 'number' ? String(raw) : string(raw))

/** An `IntOrString`, such as the port of a probe. */
export const intOrString: Shape<string | number> = (raw) => string(raw) ?? number(raw)

/** That a field is there, whatever it holds. */
export const present: Shape<true> = (raw) => (raw === undefined || raw === null ? undefined : true)

/** `null` and a missing list are both the empty one: an empty EndpointSlice reads `endpoints: null`. */
export const array =
  <T>(item: Shape<T>): Shape<readonly T[]> =>
  (raw) =>
    Array.isArray(raw) ? dense(raw.map(item)) : undefined

// A list that was filtered has room for sixteen more, which is more than most lists hold.
const dense = <T>(items: readonly (T | undefined)[]): readonly T[] =>
  isWhole(items) ? items : items.filter((item) => item !== undefined).slice()
const isWhole = <T>(items: readonly (T | undefined)[]): items is readonly T[] => !items.includes(undefined)

const isRecord = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)

/** A map with free keys, such as labels, kept without a prototype since its keys are a user's. */
export const map =
  <T>(value: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (raw) => {
    const result: unknown = Object.create(null)
    if (!isRecord(raw) || !isMapOf<T>(result)) return undefined
    for (const [key, item] of Object.entries(raw)) {
      const read = value(item)
      if (read !== undefined) result[key] = read
    }
    return result
  }

const isMapOf = <T>(raw: unknown): raw is Record<string, T> => isRecord(raw) && Object.keys(raw).length === 0

/** The entries of a map whose keys pass, so that annotations of megabytes are not carried along. */
export const mapWhere =
  <T>(value: Shape<T>, keep: (key: string) => boolean): Shape<Readonly<Record<string, T>>> =>
  (raw) =>
    isRecord(raw) ? map(value)(Object.fromEntries(Object.entries(raw).filter(([key]) => keep(key)))) : undefined

// Such as the last state of every container that never ended.
const NOTHING = Object.freeze({})

/** The named fields and no others: this is where an object of the API becomes the part of it that facts read. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const list = Object.entries(fields)
  const make = makerOf()
  return (raw) => {
    if (!isRecord(raw)) return undefined
    let result: Record<string, unknown> | undefined
    for (const [name, shape] of list) {
      const value = Object.hasOwn(raw, name) ? shape(raw[name]) : undefined
      if (value !== undefined) (result ??= make())[name] = value
    }
    return result ?? NOTHING
  }
}

/**
 * Makes plain objects that end up with nearly the same fields. V8 learns from the first of a constructor how much room its objects need;
 * one written `{}` has room for four fields, and of a large cluster a third of the memory is room for fields that are not there.
 */
function makerOf(): () => Record<string, unknown> {
  const Plain = function plain(): void {}
  Plain.prototype = Object.prototype
  return () => Reflect.construct(Plain, []) as Record<string, unknown>
}
