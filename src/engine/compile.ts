import { isUnknown, type UnknownReason, type Value } from '../facts/reading.ts'
import { earliest, FALSE, latest, not, TRUE, UNKNOWN, type Since, type Truth } from './logic.ts'
import type { Operand } from './operand.ts'
import { OPERATORS, type Operator } from './operators.ts'
import { renderReading, renderValue } from './render.ts'
import type { Condition, Conditions, Leaf } from './resolve.ts'
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
  /** Since when it has its present truth, true or false; `undefined` where that is not dated or not known. */
  readonly since: (run: Run) => Since
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

function negate(of: Program): Program {
  return { ...of, truth: (run) => not(of.truth(run)) }
}

/** `all` and `any` are each other's mirror: what decides `all` is one false child, what decides `any` is one true child. */
function combine(kind: 'all' | 'any', children: readonly Program[]): Program {
  const decisive = kind === 'all' ? FALSE : TRUE
  const truth = (run: Run): Truth => {
    let open = false
    for (const child of children) {
      const found = child.truth(run)
      if (found === decisive) return decisive
      if (found === UNKNOWN) open = true
    }
    return open ? UNKNOWN : not(decisive)
  }
  const deciding = (run: Run): readonly Program[] =>
    truth(run) === decisive ? children.filter((child) => child.truth(run) === decisive) : children
  return {
    truth,
    since: (run) => {
      const times = deciding(run).map((child) => child.since(run))
      return truth(run) === decisive ? earliest(times) : latest(times)
    },
    doubt: (run) => {
      for (const child of children) if (child.truth(run) === UNKNOWN) return child.doubt(run)
      return undefined
    },
    evidence: (run) => deciding(run).flatMap((child) => child.evidence(run)),
  }
}

/** What a leaf is compared with, in one run: a value, or `undefined` where it is a fact that is unknown. */
type Expected = (run: Run) => Value | undefined

function expectedOf(operand: Operand, thresholds: Conditions['thresholds']): Expected {
  if ('slot' in operand) return (run) => valueOf(operand.slot, run)
  const value = 'value' in operand ? operand.value : thresholds[operand.threshold]
  return () => value
}

function valueOf(slot: Slot, run: Run): Value | undefined {
  const reading = run.read(slot)
  return isUnknown(reading) ? undefined : reading.value
}

function shown(slot: Slot, run: Run): Value {
  const value = valueOf(slot, run)
  return value === undefined ? 'unknown' : value
}

function compileLeaf(leaf: Leaf, thresholds: Conditions['thresholds']): Program {
  const { slot, operator } = leaf
  const { compare } = OPERATORS[operator]
  if (compare === undefined) return compileQuestion(leaf, operator === 'isKnown')
  const expected = expectedOf(leaf.operand, thresholds)
  return {
    truth: (run) => {
      run.step()
      const reading = run.read(slot)
      if (isUnknown(reading)) return UNKNOWN
      const other = expected(run)
      return other === undefined ? UNKNOWN : compare(reading.value, other)
    },
    since: (run) => latest(slotsOf(leaf).map((read) => sinceOf(read, run))),
    doubt: (run) => doubtOf(leaf, run, expected(run)),
    evidence: (run) => [{ ...asked(leaf), expected: expected(run), actual: shown(slot, run) }],
  }
}

/** `isKnown` and `isUnknown`: the only ones that look at whether there is a value. */
function compileQuestion(leaf: Leaf, wantsKnown: boolean): Program {
  const { slot } = leaf
  return {
    truth: (run) => {
      run.step()
      return isUnknown(run.read(slot)) === wantsKnown ? FALSE : TRUE
    },
    since: (run) => sinceOf(slot, run),
    doubt: () => undefined,
    evidence: (run) => [{ ...asked(leaf), expected: true, actual: shown(slot, run) }],
  }
}

const slotsOf = ({ slot, operand }: Leaf): Slot[] => ('slot' in operand ? [slot, operand.slot] : [slot])

const asked = ({ slot, operator }: Leaf): Pick<Evidence, 'fact' | 'params' | 'operator'> => ({
  fact: slot.name,
  ...(slot.params === undefined ? {} : { params: slot.params }),
  operator,
})

function sinceOf(slot: Slot, run: Run): Since {
  const reading = run.read(slot)
  return isUnknown(reading) ? undefined : reading.since
}

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
