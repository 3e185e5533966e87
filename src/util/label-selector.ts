import { quote } from './issues.ts'

/** One requirement of a label selector, in the form that `matchesSelector` takes. */
export interface Requirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values?: readonly string[]
}

export interface LabelSelector {
  readonly matchExpressions: readonly Requirement[]
}

/** A text that is no label selector; the message says where and what was expected. */
export class LabelSelectorError extends Error {}

const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/
const TOKEN = /\s*(==|!=|[=!,()]|[^\s=!,()]+)/y

/**
 * Reads a label selector as kubectl writes it: `app=cart`, `app==cart`, `tier!=db`, `env in (a,b)`, `env notin (a)`, `app`, `!app`,
 * joined by commas.
 * @throws LabelSelectorError when the text is none.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokensOf(text)
  if (tokens.length === 0) throw new LabelSelectorError('the selector is empty; leave it out to select everything')
  const matchExpressions: Requirement[] = []
  do matchExpressions.push(requirement(tokens))
  while (separator(tokens))
  return { matchExpressions }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) tokens.push(match[1] ?? '')
  return tokens
}

function separator(tokens: string[]): boolean {
  const next = tokens.shift()
  if (next === undefined) return false
  if (next === ',') return true
  throw new LabelSelectorError(`a comma is expected before ${quote(next)}`)
}

function requirement(tokens: string[]): Requirement {
  const first = tokens.shift()
  if (first === '!') return { key: keyOf(tokens.shift()), operator: 'DoesNotExist' }
  const key = keyOf(first)
  const [next] = tokens
  if (next === undefined || next === ',') return { key, operator: 'Exists' }
  tokens.shift()
  if (next === '=' || next === '==') return { key, operator: 'In', values: [single(tokens)] }
  if (next === '!=') return { key, operator: 'NotIn', values: [single(tokens)] }
  if (next === 'in') return { key, operator: 'In', values: several(tokens) }
  if (next === 'notin') return { key, operator: 'NotIn', values: several(tokens) }
  throw new LabelSelectorError(
    `after ${quote(key)} one of =, ==, !=, in, notin or a comma is expected, not ${quote(next)}`,
  )
}

function keyOf(token: string | undefined): string {
  if (token === undefined) throw new LabelSelectorError('a label is expected at the end')
  if (!KEY.test(token)) throw new LabelSelectorError(`${quote(token)} is no label`)
  return token
}

// `app=` asks for the empty value.
function single(tokens: string[]): string {
  return tokens.length === 0 || tokens[0] === ',' ? '' : valueOf(tokens.shift())
}

function several(tokens: string[]): string[] {
  if (tokens.shift() !== '(') throw new LabelSelectorError('in and notin take a list in parentheses, such as (a,b)')
  const values: string[] = []
  do values.push(tokens[0] === ',' || tokens[0] === ')' ? '' : valueOf(tokens.shift()))
  while (tokens[0] === ',' && tokens.shift() === ',')
  if (tokens.shift() !== ')') throw new LabelSelectorError('the closing ) of a list is missing')
  return values
}

function valueOf(token: string | undefined): string {
  if (token === undefined) throw new LabelSelectorError('a value is expected at the end')
  if (!VALUE.test(token)) throw new LabelSelectorError(`${quote(token)} is no value of a label`)
  return token
}
