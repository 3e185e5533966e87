import { isDeepStrictEqual } from 'node:util'

interface Schema {
  readonly [keyword: string]: unknown
}

interface Place {
  readonly root: Schema
  readonly value: unknown
  readonly path: string
}

type Check = (expected: never, place: Place, schema: Schema) => string[]

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value

const unless = (holds: boolean, { path }: Place, what: string): string[] => (holds ? [] : [`${path || '/'}: ${what}`])
const inside = (place: Place, key: string | number, value: unknown): Place => ({
  ...place,
  value,
  path: `${place.path}/${key}`,
})
const passes = (schema: Schema | boolean, place: Place): boolean => faultsOf(schema, place).length === 0

function entries(place: Place): [string, Place][] {
  const { value } = place
  return isObject(value) ? Object.entries(value).map(([key, child]) => [key, inside(place, key, child)]) : []
}

/** Keywords that check nothing, and `then`, which `if` looks at. */
const SILENT = new Set(['$schema', '$id', 'title', 'description', 'default', 'definitions', 'then'])

/** The keywords that our own schemas use; any other is a fault of the test. */
const KEYWORDS: Readonly<Record<string, Check>> = {
  $ref: (ref: string, place) => {
    const target = (place.root['definitions'] as Record<string, Schema>)[ref.replace('#/definitions/', '')]
    if (target === undefined) throw new Error(`${ref} leads nowhere`)
    return faultsOf(target, place)
  },
  type: (types: string | string[], place) =>
    unless([types].flat().includes(typeOf(place.value)), place, `is no ${String(types)}`),
  const: (wanted: unknown, place) =>
    unless(isDeepStrictEqual(place.value, wanted), place, `is not ${JSON.stringify(wanted)}`),
  enum: (wanted: unknown[], place) =>
    unless(
      wanted.some((one) => isDeepStrictEqual(place.value, one)),
      place,
      'is none of the words',
    ),
  pattern: (pattern: string, place) =>
    unless(
      typeof place.value !== 'string' || new RegExp(pattern, 'u').test(place.value),
      place,
      `does not match ${pattern}`,
    ),
  minLength: (least: number, place) =>
    unless(typeof place.value !== 'string' || place.value.length >= least, place, 'is too short'),
  minItems: (least: number, place) =>
    unless(!Array.isArray(place.value) || place.value.length >= least, place, 'has too few items'),
  required: (keys: string[], place) =>
    keys.flatMap((key) => unless(!isObject(place.value) || Object.hasOwn(place.value, key), place, `lacks ${key}`)),
  properties: (schemas: Record<string, Schema>, place) =>
    entries(place).flatMap(([key, child]) => (Object.hasOwn(schemas, key) ? faultsOf(schemas[key]!, child) : [])),
  additionalProperties: (schema: Schema | boolean, place, { properties = {} }) =>
    entries(place).flatMap(([key, child]) => (Object.hasOwn(properties as object, key) ? [] : faultsOf(schema, child))),
  propertyNames: (schema: Schema, place) =>
    entries(place).flatMap(([key]) => faultsOf(schema, inside(place, key, key))),
  items: (schema: Schema, place) =>
    Array.isArray(place.value)
      ? place.value.flatMap((item, index) => faultsOf(schema, inside(place, index, item)))
      : [],
  contains: (schema: Schema, place) =>
    unless(
      !Array.isArray(place.value) || place.value.some((item, index) => passes(schema, inside(place, index, item))),
      place,
      'does not contain it',
    ),
  allOf: (schemas: Schema[], place) => schemas.flatMap((schema) => faultsOf(schema, place)),
  anyOf: (schemas: Schema[], place) =>
    unless(
      schemas.some((schema) => passes(schema, place)),
      place,
      'fits nothing that may be here',
    ),
  not: (schema: Schema, place) => unless(!passes(schema, place), place, 'may not be so'),
  if: (schema: Schema, place, { then: consequence }) =>
    passes(schema, place) ? faultsOf(consequence as Schema, place) : [],
}

function faultsOf(schema: Schema | boolean, place: Place): string[] {
  if (typeof schema === 'boolean') return unless(schema, place, 'is not allowed')
  return Object.entries(schema).flatMap(([keyword, expected]) => {
    if (SILENT.has(keyword)) return []
    const check = KEYWORDS[keyword]
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known here`)
    return check(expected as never, place, schema)
  })
}

/** What a JSON Schema (draft 7, as far as ours use it) has against a value. */
export const schemaFaults = (schema: object, value: unknown): string[] =>
  faultsOf(schema as Schema, { root: schema as Schema, value, path: '' })
