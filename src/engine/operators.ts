import type { FactType } from '../facts/fact.ts'
import type { Bounds, Value } from '../facts/reading.ts'
import { FALSE, not, of, TRUE, UNKNOWN, type Truth } from './logic.ts'

export const OPERATOR_NAMES = [
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
  'in',
  'notIn',
  'contains',
  'doesNotContain',
  'isKnown',
  'isUnknown',
] as const
export type OperatorName = (typeof OPERATOR_NAMES)[number]

/** What stands on the right of an operator: a value of the fact's own type, several of them, one member of the list, or `true`. */
export type OperandShape = 'same' | 'several' | 'member' | 'true'

export interface Operator {
  readonly description: string
  readonly types: readonly FactType[]
  readonly operand: OperandShape
  /** Asks for an order, in which `null` has no place: false of `null`, so that `not` over it needs a guard. */
  readonly falseOfNull?: true
  /** Compares two known values. Absent where the operator asks about the reading instead. */
  readonly compare?: (actual: Value, expected: Value) => Truth
}

const EVERY: readonly FactType[] = ['number', 'string', 'boolean', 'strings']
const ORDERED: Pick<Operator, 'types' | 'operand' | 'falseOfNull'> = {
  types: ['number'],
  operand: 'same',
  falseOfNull: true,
}

export const OPERATORS: Readonly<Record<OperatorName, Operator>> = {
  equal: { description: 'is', types: ['number', 'string', 'boolean'], operand: 'same', compare: equal },
  notEqual: {
    description: 'is not',
    types: ['number', 'string', 'boolean'],
    operand: 'same',
    compare: (a, b) => not(equal(a, b)),
  },
  lessThan: { description: 'is below', ...ORDERED, compare: (a, b) => ordered(a, b, below) },
  lessThanInclusive: { description: 'is at most', ...ORDERED, compare: (a, b) => ordered(a, b, atMost) },
  greaterThan: { description: 'is above', ...ORDERED, compare: (a, b) => ordered(b, a, below) },
  greaterThanInclusive: { description: 'is at least', ...ORDERED, compare: (a, b) => ordered(b, a, atMost) },
  in: { description: 'is one of', types: ['string'], operand: 'several', compare: isIn },
  notIn: {
    description: 'is none of',
    types: ['string'],
    operand: 'several',
    compare: (a, b) => not(isIn(a, b)),
  },
  contains: { description: 'holds', types: ['strings'], operand: 'member', compare: contains },
  doesNotContain: {
    description: 'does not hold',
    types: ['strings'],
    operand: 'member',
    // As in json-rules-engine, only a list can lack a member; `null` is no list.
    compare: (a, b) => (Array.isArray(a) ? not(contains(a, b)) : FALSE),
  },
  isKnown: { description: 'could be read', types: EVERY, operand: 'true' },
  isUnknown: { description: 'could not be read', types: EVERY, operand: 'true' },
}

/** The operators that fit a type of fact, in the order they are documented. */
export const operatorsFor = (type: FactType): OperatorName[] =>
  OPERATOR_NAMES.filter((name) => OPERATORS[name].types.includes(type))

const isNumeric = (value: Value): value is number | Bounds =>
  typeof value === 'number' || (typeof value === 'object' && value !== null && 'atLeast' in value)

const low = (value: number | Bounds): number => (typeof value === 'number' ? value : value.atLeast)
const high = (value: number | Bounds): number => (typeof value === 'number' ? value : value.atMost)

function equal(a: Value, b: Value): Truth {
  if (typeof a !== 'object' && typeof b !== 'object') return of(a === b)
  if (!isNumeric(a) || !isNumeric(b)) return of(a === b)
  if (high(a) < low(b) || high(b) < low(a)) return FALSE
  return low(a) === high(a) && low(b) === high(b) ? TRUE : UNKNOWN
}

const below = (a: number, b: number): boolean => a < b
const atMost = (a: number, b: number): boolean => a <= b

function ordered(a: Value, b: Value, holds: (a: number, b: number) => boolean): Truth {
  if (typeof a === 'number' && typeof b === 'number') return of(holds(a, b))
  if (!isNumeric(a) || !isNumeric(b)) return FALSE
  if (holds(high(a), low(b))) return TRUE
  return holds(low(a), high(b)) ? UNKNOWN : FALSE
}

function isIn(a: Value, b: Value): Truth {
  return of(Array.isArray(b) && b.includes(a))
}

function contains(a: Value, b: Value): Truth {
  return of(Array.isArray(a) && a.includes(b))
}
