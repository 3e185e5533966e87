import * as fc from 'fast-check'
import type { Conditions } from '../../src/engine/conditions.ts'
import { resolveConditions } from '../../src/engine/resolve.ts'
import type { Source } from '../../src/engine/run.ts'
import { ruleSchema, type RawCondition, type RawRule } from '../../src/engine/schema.ts'
import { factTable, SlotTable } from '../../src/engine/slots.ts'
import { known, unknown, type Reading, type Value } from '../../src/facts/reading.ts'
import { crashLoop, FACTS } from './facts.ts'

/** Values are few, so that comparisons meet: at the number, beside it, far from it. */
const small = fc.integer({ min: 0, max: 4 })
const WORDS = ['a', 'b', 'c']
const word = fc.constantFrom(...WORDS)
const state = fc.constantFrom('running', 'waiting', 'terminated')
const words = fc.subarray(WORDS)

const comparison = fc.constantFrom(
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
)
const equality = fc.constantFrom('equal', 'notEqual')
const membership = fc.constantFrom('in', 'notIn')
const holding = fc.constantFrom('contains', 'doesNotContain')

const WINDOWS = ['15m', '1h'] as const
const numberFact = fc.oneof(
  fc.constantFrom(
    { fact: 'restartCount' },
    { fact: 'memoryUsageBytes' },
    { fact: 'lastExitCode' },
    { fact: 'memoryLimitBytes' },
  ),
  fc.constantFrom(...WINDOWS).map((window) => ({ fact: 'restartsIn', params: { window } })),
)

const leaf: fc.Arbitrary<RawCondition> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(numberFact, comparison, small).map(([fact, operator, value]) => ({ ...fact, operator, value })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(numberFact, comparison, numberFact)
      .map(([fact, operator, value]) => ({ ...fact, operator, value })),
  },
  { weight: 1, arbitrary: equality.map((operator) => ({ fact: 'lastExitCode', operator, value: null })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(numberFact, comparison)
      .map(([fact, operator]) => ({ ...fact, operator, value: { threshold: 'two' } })),
  },
  { weight: 2, arbitrary: fc.tuple(equality, word).map(([operator, value]) => ({ fact: 'image', operator, value })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(equality, fc.option(word))
      .map(([operator, value]) => ({ fact: 'lastTerminationReason', operator, value })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(membership, fc.subarray(['running', 'waiting', 'terminated'], { minLength: 1 }))
      .map(([operator, value]) => ({ fact: 'state', operator, value })),
  },
  { weight: 1, arbitrary: membership.map((operator) => ({ fact: 'image', operator, value: { fact: 'reasons' } })) },
  { weight: 2, arbitrary: fc.tuple(holding, word).map(([operator, value]) => ({ fact: 'reasons', operator, value })) },
  { weight: 1, arbitrary: holding.map((operator) => ({ fact: 'reasons', operator, value: { fact: 'image' } })) },
  {
    weight: 2,
    arbitrary: fc.tuple(equality, fc.boolean()).map(([operator, value]) => ({ fact: 'ready', operator, value })),
  },
)

const question: fc.Arbitrary<RawCondition> = fc
  .tuple(numberFact, fc.constantFrom('isKnown', 'isUnknown'))
  .map(([fact, operator]) => ({ ...fact, operator, value: true }))

/** Whether a rule may ask what is known: such a rule may answer more when less is known. */
export interface Asking {
  readonly whatIsKnown: boolean
}

const tree = ({ whatIsKnown }: Asking, names: readonly string[]): fc.Arbitrary<RawCondition> => {
  const end = fc.oneof(
    { weight: 12, arbitrary: leaf },
    { weight: whatIsKnown ? 1 : 0, arbitrary: question },
    {
      weight: names.length === 0 ? 0 : 3,
      arbitrary: fc.constantFrom(...names, '').map((condition) => ({ condition })),
    },
  )
  return fc.letrec<{ node: RawCondition; group: RawCondition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'tree' },
      { weight: 3, arbitrary: end },
      { weight: 2, arbitrary: tie('group') },
    ),
    group: fc.oneof(
      { weight: 3, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })) },
      { weight: 3, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
      { weight: 2, arbitrary: tie('node').map((not) => ({ not })) },
    ),
  })).group
}

/** Conditions with named ones, as a file has them. */
export interface RawConditions {
  readonly conditions: RawCondition
  readonly definitions: Record<string, RawCondition>
}

/** Random conditions: nested, named, over every type of fact; every name in them is right. */
export const rawConditions = (asking: Asking): fc.Arbitrary<RawConditions> =>
  fc
    .record({ first: tree(asking, []), second: tree(asking, ['first']), conditions: tree(asking, ['first', 'second']) })
    .map(({ first, second, conditions }) => ({
      conditions: named(conditions),
      definitions: { first, second: named(second) },
    }))

// The empty name stands for "no name here": it makes the others rarer.
const named = (condition: RawCondition): RawCondition =>
  JSON.parse(
    JSON.stringify(condition).replaceAll(
      '{"condition":""}',
      '{"fact":"restartCount","operator":"greaterThan","value":2}',
    ),
  ) as RawCondition

const bounds = fc
  .tuple(small, fc.option(small))
  .map(([atLeast, more]) => ({ atLeast, atMost: more === null ? Infinity : atLeast + more }))
const count = fc.oneof({ weight: 3, arbitrary: small }, { weight: 2, arbitrary: bounds })
const perhapsNone = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) })

const VALUES: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  restartCount: count,
  memoryUsageBytes: count,
  lastExitCode: perhapsNone(count),
  memoryLimitBytes: perhapsNone(count),
  'restartsIn(window=15m)': count,
  'restartsIn(window=1h)': count,
  image: word,
  lastTerminationReason: perhapsNone(word),
  state,
  reasons: words,
  ready: fc.boolean(),
}

const time = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined })

const reading = (value: fc.Arbitrary<Value>): fc.Arbitrary<Reading> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ value, since: time }).map((given) => known(given.value, { since: given.since })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Reading>(unknown('not-recorded'), unknown('forbidden'), unknown('insufficient-data')),
    },
  )

export type GivenReadings = Readonly<Record<string, Reading>>

/** A random reading of every fact that random conditions ask. */
export const readings: fc.Arbitrary<GivenReadings> = fc.record(
  Object.fromEntries(Object.entries(VALUES).map(([key, value]) => [key, reading(value)])),
)

export const sourceOf =
  (given: GivenReadings): Source =>
  ({ key }) =>
    given[key] ?? unknown('not-recorded')

const BASE = ruleSchema.parse(crashLoop())
const TABLE = factTable(FACTS)

/** Random conditions with every name looked up, as the loader would. */
export function resolved({ conditions, definitions }: RawConditions): Conditions {
  const used: Record<string, RawCondition> = {}
  // A definition may name those before it, so the last decides first.
  for (const [name, definition] of Object.entries(definitions).toReversed())
    if (JSON.stringify([conditions, used]).includes(`{"condition":"${name}"}`)) used[name] = definition
  const written = JSON.stringify([conditions, used])
  const thresholds = written.includes('"threshold"') ? { two: 2 } : undefined
  const raw = { ...BASE, conditions, definitions: used, thresholds } as RawRule
  const found = resolveConditions(raw, new SlotTable(TABLE, ['container']))
  if (found.conditions === undefined) throw new Error(JSON.stringify(found.issues))
  return found.conditions
}
