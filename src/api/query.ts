import { didYouMean, quote } from '../util/issues.ts'
import { Refusal } from './errors.ts'

/** A query parameter of a route. */
export interface Parameter {
  readonly name: string
  readonly description: string
  /** The words it may have; any text when left out. */
  readonly values?: readonly string[] | undefined
  /** Words that could be expected of it, each with the way out. */
  readonly instead?: Readonly<Record<string, string>> | undefined
  /** Whether it may be repeated, or be a list with commas. */
  readonly list?: boolean | undefined
}

export type Query = ReadonlyMap<string, readonly string[]>

/** Most values of one parameter. */
const MOST_VALUES = 100

/**
 * Reads the query of a request: what a route does not know is refused by name, since a filter that is misspelt and ignored shows too much.
 * @throws Refusal
 */
export function readQuery(search: URLSearchParams, parameters: readonly Parameter[]): Query {
  const query = new Map<string, readonly string[]>()
  for (const name of new Set(search.keys())) {
    const parameter = parameters.find((one) => one.name === name)
    if (!parameter) throw unknown(name, parameters)
    query.set(name, valuesOf(parameter, search.getAll(name)))
  }
  return query
}

function unknown(name: string, parameters: readonly Parameter[]): Refusal {
  const names = parameters.map((one) => one.name)
  const known = names.length === 0 ? '; this takes none' : didYouMean(name, names) || `; there are ${names.join(', ')}`
  return new Refusal(400, 'unknown-parameter', `unknown parameter ${quote(name)}${known}`)
}

function valuesOf({ name, values, instead, list }: Parameter, given: readonly string[]): readonly string[] {
  if (list !== true && given.length > 1) throw bad(name, 'is given more than once')
  const words = list === true ? given.flatMap((text) => text.split(',')).map((word) => word.trim()) : given
  if (words.length > MOST_VALUES) throw bad(name, `has more than ${MOST_VALUES} values`)
  for (const word of words) {
    if (word === '') throw bad(name, 'is empty')
    if (values && !values.includes(word))
      throw bad(name, `cannot be ${quote(word)}${wayOut(word, instead) ?? wordsFor(word, values)}`)
  }
  return words
}

const wayOut = (word: string, instead: Parameter['instead'] = {}): string | undefined =>
  Object.hasOwn(instead, word) ? `: ${instead[word]}` : undefined

const wordsFor = (word: string, values: readonly string[]): string =>
  didYouMean(word, values) || `; it is one of ${values.join(', ')}`

/** A parameter that cannot be understood. */
export const bad = (name: string, why: string): Refusal =>
  new Refusal(400, 'bad-parameter', `${name} ${why}`, { details: { parameter: name } })
