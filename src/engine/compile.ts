import { isUnknown, type Reading, type UnknownReason, type Value } from '../facts/reading.ts'
import { earlier, FALSE, later, not, of, TRUE, UNKNOWN, type Since, type Truth } from './logic.ts'
import type { Operand } from './operand.ts'
import { OPERATORS, type Operator } from './operators.ts'
import { renderReading, renderValue } from './render.ts'
import type { Condition, Conditions, Leaf } from './conditions.ts'
import type { Evidence } from './rule.ts'
import type { Run } from './run.ts'
import type { Slot } from './slots.ts'

/** Why a condition is unknown. */
export interface Doubt {
  readonly reason: UnknownReason | 'undecided'
  readonly detail: string
}

/** A condition made ready to run. Everything but `truth` is asked only of the few subjects where it matters. */
export interface Program {
  readonly truth: (run: Run) => Truth
  /**
   * The truth once more, and in `run.since` since when it has been true or false: `undefined` where that is not dated, meaningless where
   * it is unknown. Looks at every part, where `truth` stops as soon as it can.
   */
  readonly date: (run: Run) => Truth
  /** The first question, in the order of the file, that could not be decided. Only of one that is unknown. */
  readonly doubt: (run: Run) => Doubt | undefined
  /** The questions that make it what it is, true or false, in the order of the file. */
  readonly evidence: (run: Run) => readonly Evidence[]
}

/** Compiles conditions once for one set of thresholds. */
export function compile({ root, definitions, thresholds }: Conditions): Program {
  const named = new Map<string, Program>()
  const program = (condition: Condition): Program => {
    if (condition.kind === 'leaf') return compileLeaf(condition, thresholds)
    if (condition.kind === 'named') return ofName(condition.name)
    if (condition.kind === 'not') return negate(program(condition.of))
    return combine(condition.kind, condition.of.map(program))
  }
  const ofName = (name: string): Program => {
    const before = named.get(name)
    if (before !== undefined) return before
    const definition = definitions.get(name)
    if (definition === undefined) throw new TypeError(`no definition ${name}`)
    const compiled = program(definition)
    named.set(name, compiled)
    return compiled
  }
  return program(root)
}

function negate(inner: Program): Program {
  return { ...inner, truth: (run) => not(inner.truth(run)), date: (run) => not(inner.date(run)) }
}

/** `all` and `any` are each other's mirror: what decides `all` is one false child, what decides `any` is one true child. */
function combine(kind: 'all' | 'any', children: readonly Program[]): Program {
  const decisive = kind === 'all' ? FALSE : TRUE
  const otherwise = not(decisive)
  // By index, as this runs for every subject and an iterator costs half as much again.
  const truth = (run: Run): Truth => {
    let found = otherwise
    for (let i = 0; i < children.length; i++) {
      const one = children[i]?.truth(run)
      if (one === decisive) return decisive
      if (one === UNKNOWN) found = UNKNOWN
    }
    return found
  }
  return {
    truth,
    date: (run) => {
      let found = otherwise
      let deciding: Since
      let together: Since = Number.NEGATIVE_INFINITY
      for (let i = 0; i < children.length; i++) {
        const one = children[i]?.date(run) ?? UNKNOWN
        if (one === decisive) deciding = earlier(deciding, run.since)
        else together = later(together, run.since)
        if (found !== decisive && one !== otherwise) found = one
      }
      run.since = found === decisive ? deciding : together
      return found
    },
    doubt: (run) => {
      for (const child of children) if (child.truth(run) === UNKNOWN) return child.doubt(run)
      return undefined
    },
    evidence: (run) => {
      const whole = truth(run)
      return children.filter((child) => child.truth(run) === whole).flatMap((child) => child.evidence(run))
    },
  }
}

/** What a leaf is compared with, in one run: a value, or `undefined` where it is a fact that is unknown. */
type Expected = (run: Run) => Value | undefined

function expectedOf(operand: Operand, thresholds: Conditions['thresholds']): Expected {
  if ('slot' in operand) return (run) => valueOf(run.read(operand.slot))
  const value = 'value' in operand ? operand.value : thresholds[operand.threshold]
  return () => value
}

const valueOf = (reading: Reading): Value | undefined => (isUnknown(reading) ? undefined : reading.value)
const shown = (reading: Reading): Value => (isUnknown(reading) ? 'unknown' : reading.value)

function compileLeaf(leaf: Leaf, thresholds: Conditions['thresholds']): Program {
  const { slot, operator } = leaf
  const { compare } = OPERATORS[operator]
  if (compare === undefined) return compileQuestion(leaf, operator === 'isKnown')
  const expected = expectedOf(leaf.operand, thresholds)
  const judge = (reading: Reading, run: Run): Truth => {
    if (isUnknown(reading)) return UNKNOWN
    const other = expected(run)
    return other === undefined ? UNKNOWN : compare(reading.value, other)
  }
  const other = 'slot' in leaf.operand ? leaf.operand.slot : undefined
  return {
    truth: (run) => judge(run.ask(slot), run),
    date: (run) => {
      const reading = run.ask(slot)
      const since = sinceOf(reading)
      run.since = other === undefined ? since : later(since, sinceOf(run.read(other)))
      return judge(reading, run)
    },
    doubt: (run) => doubtOf(leaf, run, expected(run)),
    evidence: (run) => [{ ...asked(leaf), expected: expected(run), actual: shown(run.read(slot)) }],
  }
}

/** `isKnown` and `isUnknown`: the only ones that look at whether there is a value. */
function compileQuestion(leaf: Leaf, wantsKnown: boolean): Program {
  const { slot } = leaf
  const judge = (reading: Reading): Truth => of(isUnknown(reading) !== wantsKnown)
  return {
    truth: (run) => judge(run.ask(slot)),
    date: (run) => {
      const reading = run.ask(slot)
      run.since = sinceOf(reading)
      return judge(reading)
    },
    doubt: () => undefined,
    evidence: (run) => [{ ...asked(leaf), expected: true, actual: shown(run.read(slot)) }],
  }
}

const slotsOf = ({ slot, operand }: Leaf): Slot[] => ('slot' in operand ? [slot, operand.slot] : [slot])

/** A fact as evidence names it. */
export const namesOf = ({ name, params }: Slot): Pick<Evidence, 'fact' | 'params'> => ({
  fact: name,
  ...(params === undefined ? {} : { params }),
})

const asked = ({ slot, operator }: Leaf): Pick<Evidence, 'fact' | 'params' | 'operator'> => ({
  ...namesOf(slot),
  operator,
})

const sinceOf = (reading: Reading): Since => (isUnknown(reading) ? undefined : reading.since)

function doubtOf(leaf: Leaf, run: Run, expected: Value | undefined): Doubt {
  for (const slot of slotsOf(leaf)) {
    const reading = run.read(slot)
    if (isUnknown(reading)) return { reason: reading.unknown, detail: reading.detail ?? `${slot.key} is not known` }
  }
  const { description }: Operator = OPERATORS[leaf.operator]
  const seen = renderReading(leaf.slot, run.read(leaf.slot))
  const asks = expected === undefined ? '' : ` ${renderValue(leaf.slot.name, expected)}`
  return { reason: 'undecided', detail: `${leaf.slot.key} is ${seen}; whether it ${description}${asks} is open` }
}
