import { isDeepStrictEqual } from 'node:util'
import { isJson, jsonOf, textOf, type Json } from './object.ts'
import { refusal, failure, Refusal } from './status.ts'

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'
const UNFIT = 'the server rejected our request due to an error in our request'

/**
 * A patch of either kind applied to an object.
 * @throws Refusal 400, 415, 422
 */
export function applyPatch(object: Json, contentType: string | undefined, body: string): Json {
  const type = contentType?.split(';')[0]?.trim()
  if (type === MERGE_PATCH) return jsonOf(mergePatch(object, objectIn(body)))
  if (type === JSON_PATCH) return jsonPatch(object, parsed(body))
  throw refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

function objectIn(body: string): Json {
  const patch = parsed(body)
  if (isJson(patch)) return patch
  throw refusal(
    400,
    'BadRequest',
    'error decoding patch: json: cannot unmarshal it into Go value of type map[string]interface {}',
  )
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw refusal(400, 'BadRequest', 'error decoding patch: the body is no JSON')
  }
}

/** RFC 7396: null takes away, objects are merged, anything else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch
  const merged = new Map(Object.entries(jsonOf(target)))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

type Step = (value: unknown, key: string) => unknown

/** RFC 6902, without `move` and `copy`. */
function jsonPatch(object: Json, operations: unknown): Json {
  if (!Array.isArray(operations)) throw refusal(400, 'BadRequest', 'the patch is no list')
  return jsonOf(operations.map(jsonOf).reduce<unknown>(applyOperation, object))
}

function applyOperation(object: unknown, { op, path, value }: Json): unknown {
  const keys = (textOf(path) ?? '')
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const step = typeof op === 'string' && Object.hasOwn(STEPS, op) ? STEPS[op] : undefined
  if (step === undefined) throw unfit()
  return keys.length === 0 ? value : at(object, keys, step(value))
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const unfit = (): Refusal => new Refusal(422, failure(422, 'Invalid', UNFIT, {}))

const STEPS: Readonly<Record<string, (value: unknown) => Step>> = {
  add: (value) => (holder, key) => put(holder, key, value, 0),
  replace: (value) => (holder, key) => put(holder, key, value, 1),
  remove: () => (holder, key) => {
    if (isList(holder)) return holder.toSpliced(Number(key), 1)
    if (!isJson(holder) || !Object.hasOwn(holder, key)) throw unfit()
    return Object.fromEntries(Object.entries(holder).filter(([name]) => name !== key))
  },
  test: (value) => (holder, key) => {
    const found = isList(holder) ? holder[Number(key)] : jsonOf(holder)[key]
    if (!isDeepStrictEqual(found ?? null, value)) throw unfit()
    return holder
  },
}

function put(holder: unknown, key: string, value: unknown, instead: number): unknown {
  if (isList(holder)) return holder.toSpliced(key === '-' ? holder.length : Number(key), instead, value)
  if (!isJson(holder)) throw unfit()
  return { ...holder, [key]: value }
}

function at(holder: unknown, [key = '', ...rest]: readonly string[], step: Step): unknown {
  if (rest.length === 0) return step(holder, key)
  if (isList(holder)) return holder.with(Number(key), at(holder[Number(key)], rest, step))
  if (!isJson(holder)) throw unfit()
  return { ...holder, [key]: at(holder[key], rest, step) }
}
