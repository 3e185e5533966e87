import type { Value } from '../facts/reading.ts'
import { didYouMean, quote } from '../util/issues.ts'
import { OPERATORS, type OperandShape, type OperatorName } from './operators.ts'
import type { RawLeaf, RawRule } from './schema.ts'
import { isRefused, type Slot, type SlotTable } from './slots.ts'

/** What a leaf compares with. A threshold is looked up when the rule is compiled, as an override may change it. */
export type Operand = { readonly value: Value } | { readonly threshold: string } | { readonly slot: Slot }

/** What is wrong, in words. */
export interface Fault {
  readonly fault: string
}
export const isFault = (result: object): result is Fault => 'fault' in result

export interface OperandNames {
  readonly rule: RawRule
  readonly slots: SlotTable
  /** The thresholds and definitions that something in the rule uses. */
  readonly used: Set<string>
}

/** Looks up what stands on the right of an operator and checks that it fits the fact on the left. */
export function resolveOperand({ operator, value }: RawLeaf, slot: Slot, names: OperandNames): Operand | Fault {
  if (typeof value === 'object' && value !== null) {
    if ('threshold' in value) return resolveThreshold(value.threshold, slot, names)
    if ('fact' in value) return resolveOther(operator, slot, names.slots.slot(value.fact, value.params))
  }
  const fault = literalFault(operator, slot, value)
  return fault === undefined ? { value } : { fault }
}

function resolveThreshold(name: string, slot: Slot, { rule, used }: OperandNames): Operand | Fault {
  const thresholds = rule.thresholds ?? {}
  used.add(`thresholds/${name}`)
  if (slot.type !== 'number') return { fault: `${slot.name} is a ${typeName(slot)}; a threshold is a number` }
  if (Object.hasOwn(thresholds, name)) return { threshold: name }
  return { fault: `no threshold is named ${quote(name)}${didYouMean(name, Object.keys(thresholds))}` }
}

function resolveOther(operator: OperatorName, slot: Slot, other: ReturnType<SlotTable['slot']>): Operand | Fault {
  if (isRefused(other)) return { fault: other.refused }
  const shape = OPERATORS[operator].operand
  if (shape === 'true') return { fault: `the value of ${operator} is true` }
  const wanted = shape === 'same' ? slot.type : shape === 'several' ? 'strings' : 'string'
  if (other.type !== wanted) return { fault: `${other.key} is a ${typeName(other)}; a ${wanted} is needed here` }
  // json-rules-engine throws on a list that is not there.
  if (shape === 'several' && other.nullable) return { fault: `${other.key} may be null; a list is needed here` }
  return { slot: other }
}

type LiteralCheck = (operator: OperatorName, slot: Slot, given: Value) => string | undefined

const LITERALS: Readonly<Record<OperandShape, LiteralCheck>> = {
  true: (operator, _slot, given) => (given === true ? undefined : `the value of ${operator} is true`),
  several: (operator, slot, given) =>
    isWords(given) ? firstFault(given, (word) => valueFault(slot, word)) : `${operator} takes a list of strings`,
  member: (operator, slot, given) =>
    typeof given === 'string' ? wordFault(slot, given) : `${operator} takes one string`,
  same: (operator, slot, given) =>
    given === null && OPERATORS[operator].falseOfNull
      ? `${operator} cannot compare with null`
      : valueFault(slot, given),
}

const literalFault: LiteralCheck = (operator, slot, given) =>
  LITERALS[OPERATORS[operator].operand](operator, slot, given)

/** The type of a fact in words. */
export const typeName = ({ type }: Slot): string => (type === 'strings' ? 'list of strings' : type)

const isWords = (value: Value): value is readonly string[] => Array.isArray(value)

/** What is wrong with a value as a reading of this slot, if anything. */
export function valueFault(slot: Slot, value: Value): string | undefined {
  if (value === null) return slot.nullable ? undefined : `${slot.key} is never null`
  if (slot.type === 'strings')
    return isWords(value) ? firstFault(value, (word) => wordFault(slot, word)) : wrongType(slot, value)
  if (typeof value !== slot.type) return wrongType(slot, value)
  return typeof value === 'string' ? wordFault(slot, value) : undefined
}

const wrongType = (slot: Slot, value: Value): string => `${slot.key} is a ${typeName(slot)}; ${quote(value)} is none`

function firstFault(words: readonly string[], faultOf: (word: string) => string | undefined): string | undefined {
  for (const word of words) {
    const fault = faultOf(word)
    if (fault !== undefined) return fault
  }
  return undefined
}

function wordFault({ key, values }: Slot, word: string): string | undefined {
  if (values === undefined || values.includes(word)) return undefined
  return `${key} is never ${quote(word)}; it is one of ${values.join(', ')}${didYouMean(word, values)}`
}
