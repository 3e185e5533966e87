import { known, unknown, type Reading } from '../facts/reading.ts'
import { didYouMean, type Issue } from '../util/issues.ts'
import type { Path } from '../util/json.ts'
import type { Program } from './compile.ts'
import { FALSE, TRUE, UNKNOWN, type Truth } from './logic.ts'
import { valueFault } from './operand.ts'
import { referenceTruths } from './reference.ts'
import type { Conditions } from './conditions.ts'
import { Run, type Source } from './run.ts'
import type { Example, ExampleValue, RawRule } from './schema.ts'
import { isRefused, type Slot, type SlotTable } from './slots.ts'

/** Readings that the author of a rule gave, and what the rule should say to them. */
export interface ExampleCase {
  readonly path: Path
  readonly expected: Truth
  /** By slot key; what is missing is unknown. */
  readonly readings: ReadonlyMap<string, Reading>
}

const TRUTH_WORDS: Readonly<Record<Truth, string>> = { [TRUE]: 'true', [FALSE]: 'false', [UNKNOWN]: 'unknown' }

const GROUPS = [
  ['fires', TRUE],
  ['quiet', FALSE],
  ['unknown', UNKNOWN],
] as const

/** Reads the examples of a rule; every key must be a fact that the rule reads. */
export function resolveExamples({ examples }: RawRule, slots: SlotTable): { cases: ExampleCase[]; issues: Issue[] } {
  const issues: Issue[] = []
  const read = new Set(slots.slots.map(({ key }) => key))
  const cases = GROUPS.flatMap(([group, expected]) =>
    examples[group].map((example, index): ExampleCase => {
      const path = ['examples', group, index]
      return { path, expected, readings: readingsOf(example, path, { slots, read, issues }) }
    }),
  )
  return { cases, issues }
}

interface Reader {
  readonly slots: SlotTable
  readonly read: ReadonlySet<string>
  readonly issues: Issue[]
}

function readingsOf(example: Example, path: Path, reader: Reader): Map<string, Reading> {
  const readings = new Map<string, Reading>()
  for (const [key, value] of Object.entries(example)) {
    const slot = slotOf(key, reader)
    const fault = typeof slot === 'string' ? slot : exampleFault(slot, value)
    if (fault !== undefined) reader.issues.push({ path: [...path, key], key: typeof slot === 'string', message: fault })
    else if (typeof slot !== 'string') readings.set(slot.key, readingOf(value))
  }
  return readings
}

function slotOf(key: string, { slots, read }: Reader): Slot | string {
  const slot = slots.slotOfKey(key)
  if (isRefused(slot)) return slot.refused
  return read.has(slot.key) ? slot : `this rule does not read ${slot.key}${didYouMean(slot.key, read)}`
}

type Range = Extract<ExampleValue, { atLeast: number }>

const isRange = (value: ExampleValue): value is Range =>
  typeof value === 'object' && value !== null && 'atLeast' in value

function exampleFault(slot: Slot, value: ExampleValue): string | undefined {
  if (!isRange(value)) return valueFault(slot, value)
  if (slot.type !== 'number') return `${slot.key} is a ${slot.type}; only a number has bounds`
  return value.atLeast <= (value.atMost ?? Infinity) ? undefined : 'atLeast is above atMost'
}

const readingOf = (value: ExampleValue): Reading =>
  known(isRange(value) ? { atLeast: value.atLeast, atMost: value.atMost ?? Infinity } : value)

/** Readings of an example in place of those of a cluster. */
const sourceOfExample =
  ({ readings }: Pick<ExampleCase, 'readings'>): Source =>
  ({ key }) =>
    readings.get(key) ?? unknown('not-recorded', `the example does not say ${key}`)

/** The examples that the rule answers otherwise than they say. */
export function failedExamples(cases: readonly ExampleCase[], program: Program, stepBudget: number): Issue[] {
  return cases.flatMap((one) => {
    const run = new Run(sourceOfExample(one), stepBudget)
    const truth = program.truth(run)
    if (truth === one.expected) return []
    const why = truth === UNKNOWN ? `: ${program.doubt(run)?.detail ?? ''}` : ''
    const message = `the rule is ${TRUTH_WORDS[truth]} here, not ${TRUTH_WORDS[one.expected]}${why}`
    return [{ path: one.path, key: false, message }]
  })
}

/** The examples on which the reference engine disagrees. */
export async function disputedExamples(
  cases: readonly ExampleCase[],
  conditions: Conditions,
  pause?: () => Promise<void>,
): Promise<Issue[]> {
  const truths = await referenceTruths(conditions, cases.map(sourceOfExample), pause)
  return cases.flatMap(({ path, expected }, index) => {
    const truth = truths[index] ?? UNKNOWN
    if (truth === expected) return []
    const message = `json-rules-engine says ${TRUTH_WORDS[truth]} here, dogwatch ${TRUTH_WORDS[expected]}: a fault of dogwatch, please report it`
    return [{ path, key: false, message }]
  })
}
