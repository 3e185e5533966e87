import type { Fact, FactType, Parameter, Parameters } from '../facts/fact.ts'
import type { SubjectKind } from '../facts/subject.ts'
import { formatDuration, parseDuration } from '../util/duration.ts'
import { didYouMean, quote } from '../util/issues.ts'

/** A fact with its parameters as a rule reads it: read at most once per evaluation, however often it is asked. */
export interface Slot {
  readonly index: number
  readonly name: string
  /** The fact with its parameters in table order: `restartsIn(window=15m)`. */
  readonly key: string
  /** As people read them; `undefined` for a fact without parameters. */
  readonly params: Readonly<Record<string, string | number>> | undefined
  /** As the reader takes them: durations in milliseconds. */
  readonly parameters: Parameters
  readonly type: FactType
  readonly nullable: boolean
  /** The closed list of its words, where there is one. */
  readonly values: readonly string[] | undefined
  readonly facts: ReadonlyMap<SubjectKind, Fact>
}

/** The facts of every kind of subject, by name. */
export type FactTable = ReadonlyMap<SubjectKind, ReadonlyMap<string, Fact>>

/** @throws TypeError when two facts of one kind of subject have the same name: a mistake of ours, not of a rule. */
export function factTable(facts: readonly Fact[]): FactTable {
  const table = new Map<SubjectKind, Map<string, Fact>>()
  for (const fact of facts)
    for (const kind of fact.subjects) {
      const names = table.get(kind) ?? new Map<string, Fact>()
      table.set(kind, names)
      if (names.has(fact.name)) throw new TypeError(`two facts of a ${kind} are named ${fact.name}`)
      names.set(fact.name, fact)
    }
  return table
}

/** What is wrong, in words. */
export interface Refusal {
  readonly refused: string
  /** The key of a condition that it is about. */
  readonly part: 'fact' | 'params'
}
export const isRefused = (result: object): result is Refusal => 'refused' in result
const refuse = (refused: string, part: Refusal['part'] = 'fact'): Refusal => ({ refused, part })

type Given = Readonly<Record<string, string | number>>

/** The slots of one rule, in the order they are first named. */
export class SlotTable {
  readonly slots: Slot[] = []
  readonly #byKey = new Map<string, Slot>()
  readonly #table: FactTable
  /** The kinds of subject that the rule is about. */
  readonly kinds: readonly SubjectKind[]

  constructor(table: FactTable, kinds: readonly SubjectKind[]) {
    this.#table = table
    this.kinds = kinds
  }

  /** The slot of a fact with parameters as they stand in a condition, or what is wrong with them. */
  slot(name: string, given: Given = {}): Slot | Refusal {
    const found = this.#find(name)
    if (isRefused(found)) return found
    const [first] = found.values()
    if (first === undefined) return refuse('no subject is named')
    const bound = bind(first, given)
    if (isRefused(bound)) return bound
    const key = keyOf(name, bound.params)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const slot = { index: this.slots.length, name, key, ...bound, ...typeOf([...found.values()]), facts: found }
    this.slots.push(slot)
    this.#byKey.set(key, slot)
    return slot
  }

  /** The slot of a fact written as a key: `restartsIn(window=15m)`. */
  slotOfKey(text: string): Slot | Refusal {
    const parsed = parseKey(text)
    if (parsed === undefined) return refuse(`${quote(text)} is not written like fact(name=value,name=value)`)
    const { name, given } = parsed
    const slot = this.slot(name, given)
    if (isRefused(slot)) return slot
    const written = keyOf(name, Object.fromEntries(Object.entries(slot.params ?? {}).filter(([key]) => key in given)))
    return written === text ? slot : refuse(`${quote(text)} is written "${written}"`)
  }

  #find(name: string): ReadonlyMap<SubjectKind, Fact> | Refusal {
    const found = new Map<SubjectKind, Fact>()
    for (const kind of this.kinds) {
      const fact = this.#table.get(kind)?.get(name)
      if (fact === undefined) return refuse(this.#unknown(name, kind))
      found.set(kind, fact)
    }
    const [first, ...others] = found.values()
    const same = others.every((fact) => fact.type === first?.type && sameParameters(fact.parameters, first.parameters))
    return same ? found : refuse(`the fact ${quote(name)} differs between the subjects of this rule`)
  }

  #unknown(name: string, kind: SubjectKind): string {
    const elsewhere = [...this.#table].filter(([, names]) => names.has(name)).map(([other]) => other)
    if (elsewhere.length > 0) return `the fact ${quote(name)} is there for ${elsewhere.join(', ')}, not for ${kind}`
    return `unknown fact ${quote(name)} of a ${kind}${didYouMean(name, this.#table.get(kind)?.keys() ?? [])}`
  }
}

/** A fact with its parameters, as keys of examples are written. */
export const keyOf = (name: string, params: Given | undefined): string => {
  const parts = Object.entries(params ?? {}).map(([key, value]) => `${key}=${value}`)
  return parts.length === 0 ? name : `${name}(${parts.join(',')})`
}

function parseKey(text: string): { name: string; given: Record<string, string> } | undefined {
  const open = text.indexOf('(')
  if (open < 0) return { name: text, given: {} }
  if (!text.endsWith(')')) return undefined
  const pairs = text
    .slice(open + 1, -1)
    .split(',')
    .map((part): [string, string] => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)])
  return pairs.some(([key]) => key === '') ? undefined : { name: text.slice(0, open), given: Object.fromEntries(pairs) }
}

function typeOf(facts: readonly Fact[]): Pick<Slot, 'type' | 'nullable' | 'values'> {
  const closed = facts.every(({ values }) => values !== undefined)
  return {
    type: facts[0]?.type ?? 'string',
    nullable: facts.some(({ nullable }) => nullable === true),
    values: closed ? [...new Set(facts.flatMap(({ values = [] }) => values))] : undefined,
  }
}

const sameParameters = (a: Fact['parameters'] = {}, b: Fact['parameters'] = {}): boolean =>
  Object.entries(a).every(([key, { type }]) => Object.hasOwn(b, key) && b[key]?.type === type) &&
  Object.keys(a).length === Object.keys(b).length

interface Bound {
  readonly params: Given | undefined
  readonly parameters: Parameters
}

function bind({ name, parameters: declared = {} }: Fact, given: Given): Bound | Refusal {
  const extra = Object.keys(given).find((key) => !Object.hasOwn(declared, key))
  if (extra !== undefined)
    return refuse(
      `the fact ${quote(name)} has no parameter ${quote(extra)}${didYouMean(extra, Object.keys(declared))}`,
      'params',
    )
  const params: Record<string, string | number> = {}
  const parameters: Record<string, string | number> = {}
  for (const [key, parameter] of Object.entries(declared)) {
    const value = Object.hasOwn(given, key) ? given[key] : parameter.default
    if (value === undefined) return refuse(`the fact ${quote(name)} needs the parameter "${key}"`, 'params')
    const read = readParameter(parameter, value)
    if (read === undefined)
      return refuse(
        `the parameter "${key}" of ${quote(name)} is a ${parameter.type}; ${quote(value)} is none`,
        'params',
      )
    params[key] = read.text
    parameters[key] = read.value
  }
  return { params: Object.keys(params).length === 0 ? undefined : params, parameters }
}

function readParameter(
  { type }: Parameter,
  value: string | number,
): { text: string | number; value: string | number } | undefined {
  if (type === 'string') return typeof value === 'string' ? { text: value, value } : undefined
  if (type === 'number') {
    const number = value === '' ? Number.NaN : Number(value)
    return Number.isFinite(number) ? { text: number, value: number } : undefined
  }
  const ms = typeof value === 'string' ? parseDuration(value) : undefined
  return ms === undefined ? undefined : { text: formatDuration(ms), value: ms }
}
