import type * as z from 'zod'
import type { Path } from './json.ts'
import { nearest, plainText, truncate } from './text.ts'

/** One thing that a schema has against a value, in words for the person who wrote it. */
export interface Issue {
  readonly path: Path
  /** Whether the key at the path is meant, not its value. */
  readonly key: boolean
  readonly message: string
}

/** Every key that may stand somewhere in a value, by its JSON Schema: candidates for the nearest right name. */
export function schemaKeys(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties } = schema as { properties?: unknown }
  const own = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
  return [...new Set([...own, ...Object.values(schema).flatMap(schemaKeys)])]
}

type ZodIssue = z.core.$ZodIssue

/** A word as it is shown in a message: in quotes, on one line, cut short. */
export const quote = (word: unknown): string =>
  `"${truncate(plainText(typeof word === 'string' ? word : (JSON.stringify(word) ?? 'nothing')), 60)}"`

/** `; did you mean "x"?` with the nearest of the right words, or nothing when none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = word.length > 100 ? undefined : nearest(word, candidates)
  return near === undefined || near === word ? '' : `; did you mean "${near}"?`
}

/**
 * Puts what zod found into words. `keys` are the keys that exist anywhere in the schema, for the nearest right name. Of a union
 * only the alternative that the value comes nearest to is spoken of.
 */
export function describeIssues(issues: readonly ZodIssue[], keys: readonly string[], value: unknown): Issue[] {
  return issues.flatMap((issue) => describe(issue, { keys, value, path: [] }))
}

interface Place {
  readonly keys: readonly string[]
  readonly value: unknown
  readonly path: Path
}

function describe(issue: ZodIssue, { keys, value, path: before }: Place): Issue[] {
  const path = [...before, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  const found = valueAt(value, path)
  if (found === undefined) return [{ path, key: false, message: `${quote(path.at(-1) ?? 'value')} is missing` }]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, keys))
  if (issue.code === 'invalid_union' && issue.errors.every(isWrongType))
    return [{ path, key: false, message: typesOf(issue.errors, found) }]
  if (issue.code === 'invalid_union')
    return nearestAlternative(issue.errors).flatMap((inner) => describe(inner, { keys, value, path }))
  if (issue.code === 'invalid_key')
    return [{ path, key: true, message: issue.issues[0]?.message ?? 'not allowed as a key' }]
  return [{ path, key: false, message: wordsOf(issue, found) }]
}

const unknownKey = (key: string, path: Path, keys: readonly string[]): Issue => ({
  path: [...path, key],
  key: true,
  message: `unknown key ${quote(key)}${didYouMean(key, keys)}`,
})

function wordsOf(issue: ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String)
    const near = typeof value === 'string' ? didYouMean(value, words) : ''
    return near === '' ? `${quote(value)} is not one of ${words.join(', ')}` : `unknown ${quote(value)}${near}`
  }
  if (issue.code === 'invalid_type') return `${issue.expected} expected, ${typeName(value)} found`
  return issue.message
}

const isWrongType = (issues: readonly ZodIssue[]): boolean =>
  issues.length === 1 && issues[0]?.code === 'invalid_type' && issues[0].path.length === 0

function typesOf(alternatives: readonly (readonly ZodIssue[])[], value: unknown): string {
  const expected = alternatives.flatMap(([issue]) => (issue?.code === 'invalid_type' ? [issue.expected] : []))
  return `${[...new Set(expected)].join(' or ')} expected, ${typeName(value)} found`
}

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value)

function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Record<string, unknown>)[part]
  }
  return found
}

const nearestAlternative = (alternatives: readonly (readonly ZodIssue[])[]): readonly ZodIssue[] =>
  alternatives.toSorted((a, b) => distance(a) - distance(b))[0] ?? []

// Faults at the top of an alternative say that another one was meant; faults deeper in it, that this one was.
const distance = (issues: readonly ZodIssue[]): number =>
  issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length
    return sum + (issue.path.length === 0 ? 3 : issue.path.length === 1 ? 1 : 0.001)
  }, 0)
