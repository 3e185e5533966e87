import type { Engine, TopLevelCondition } from 'json-rules-engine'
import { isBounds, isUnknown, unknown, type Reading, type Value } from '../facts/reading.ts'
import { FALSE, TRUE, UNKNOWN, type Truth } from './logic.ts'
import { OPERATORS } from './operators.ts'
import type { Condition, Conditions, Leaf } from './conditions.ts'
import { Run, type Source } from './run.ts'
import { keyOf, type Slot } from './slots.ts'

type Nested = Extract<TopLevelCondition, { all: unknown }>['all'][number]

// Names that no fact, parameter or definition can have.
const CONSTANT = ' constant'
const OF = ' of'

/**
 * What json-rules-engine makes of conditions over several sets of readings. It knows only true and false, so it is asked twice: with
 * everything unknown at its worst for the outcome, then at its best. True at worst is true, false at best is false, all else unknown.
 * `pause` is waited for between any two sets: the reference copies whole rules, which takes milliseconds for each.
 */
export async function referenceTruths(
  conditions: Conditions,
  sources: readonly Source[],
  pause?: () => Promise<void>,
): Promise<Truth[]> {
  if (pause === undefined) return truthsOf(conditions, sources)
  const truths: Truth[] = []
  for (const source of sources) {
    await pause()
    truths.push(...(await truthsOf(conditions, [source])))
  }
  return truths
}

async function truthsOf(conditions: Conditions, sources: readonly Source[]): Promise<Truth[]> {
  const { createEngine } = await import('./reference-engine.ts')
  const engine = createEngine()
  engine.addFact(CONSTANT, ({ value }: Record<string, unknown>) => value, { cache: false })
  const facts = new Facts(engine, sources)
  for (const of of sources.keys())
    for (const hopeful of [false, true]) {
      const writer = new Writer(conditions, facts, of)
      engine.addRule({ name: nameOf(of, hopeful), conditions: writer.root(hopeful), event: { type: 'holds' } })
    }
  const held = new Set((await engine.run()).results.map(({ name }) => name))
  return sources
    .keys()
    .map((of) => (held.has(nameOf(of, false)) ? TRUE : held.has(nameOf(of, true)) ? UNKNOWN : FALSE))
    .toArray()
}

const nameOf = (of: number, hopeful: boolean): string => `${of} ${hopeful}`

/** The facts of the reference engine: one for all sets of readings, told apart by a parameter. */
class Facts {
  readonly engine: Engine
  readonly runs: readonly Run[]
  readonly #slots = new Map<string, Slot>()

  constructor(engine: Engine, sources: readonly Source[]) {
    this.engine = engine
    this.runs = sources.map((source) => new Run(source, Infinity))
  }

  ask(slot: Slot, of: number): { fact: string; params: Record<string, string | number> } {
    if (!this.#slots.has(slot.key))
      this.engine.addFact(
        slot.name,
        ({ [OF]: one, ...params }) => this.#valueOf(keyOf(slot.name, params), Number(one)),
        {
          cache: false,
        },
      )
    this.#slots.set(slot.key, slot)
    return { fact: slot.name, params: { ...slot.params, [OF]: of } }
  }

  #valueOf(key: string, of: number): Value | undefined {
    const slot = this.#slots.get(key)
    const reading = slot && this.runs[of]?.read(slot)
    return reading === undefined || isUnknown(reading) ? undefined : reading.value
  }
}

/** Writes conditions for the reference engine. `hopeful` is what becomes of a leaf that is open: true, or false; each `not` turns it. */
class Writer {
  readonly #conditions: Conditions
  readonly #facts: Facts
  readonly #of: number
  readonly #written = new Set<string>()

  constructor(conditions: Conditions, facts: Facts, of: number) {
    this.#conditions = conditions
    this.#facts = facts
    this.#of = of
  }

  root(hopeful: boolean): TopLevelCondition {
    return { all: [this.#write(this.#conditions.root, hopeful)] }
  }

  #write(condition: Condition, hopeful: boolean): Nested {
    if (condition.kind === 'leaf') return this.#leaf(condition, hopeful)
    if (condition.kind === 'named') return { condition: this.#named(condition.name, hopeful) }
    if (condition.kind === 'not') return { not: this.#write(condition.of, !hopeful) }
    const children = condition.of.map((child) => this.#write(child, hopeful))
    return condition.kind === 'all' ? { all: children } : { any: children }
  }

  #named(name: string, hopeful: boolean): string {
    const written = `${name} ${nameOf(this.#of, hopeful)}`
    const definition = this.#conditions.definitions.get(name)
    if (this.#written.has(written) || definition === undefined) return written
    this.#written.add(written)
    this.#facts.engine.setCondition(written, { all: [this.#write(definition, hopeful)] })
    return written
  }

  #leaf(leaf: Leaf, hopeful: boolean): Nested {
    const { slot, operator, operand } = leaf
    const actual = this.#read(slot)
    const { compare, falseOfNull } = OPERATORS[operator]
    if (compare === undefined) return constant((operator === 'isUnknown') === isUnknown(actual))
    const expected = 'slot' in operand ? this.#read(operand.slot) : { value: this.#literal(operand) }
    if (isUnknown(actual) || isUnknown(expected)) return constant(hopeful)
    // The reference takes a `null` on the right for 0.
    if (falseOfNull && expected.value === null) return constant(false)
    if (isBounds(actual.value) || isBounds(expected.value))
      return this.#ends(leaf, [actual.value, expected.value], hopeful)
    const value = 'slot' in operand ? this.#facts.ask(operand.slot, this.#of) : expected.value
    return { ...this.#facts.ask(slot, this.#of), operator, value }
  }

  #ends({ operator }: Leaf, [left, right]: readonly [Value, Value], hopeful: boolean): Nested {
    const ends = endsOf(left, right).map(([a, b]) => constant(a, operator, b))
    return hopeful ? { any: ends } : { all: ends }
  }

  #literal(operand: { readonly value: Value } | { readonly threshold: string }): Value {
    return 'value' in operand ? operand.value : (this.#conditions.thresholds[operand.threshold] ?? null)
  }

  #read(slot: Slot): Reading {
    return this.#facts.runs[this.#of]?.read(slot) ?? unknown('not-recorded')
  }
}

const constant = (left: Value, operator = 'equal', right: Value = true): Nested => ({
  fact: CONSTANT,
  params: { value: left },
  operator,
  value: right,
})

/**
 * Pairs of values that decide a comparison of bounds: whatever holds of each pair holds of every pair between them. Two ranges that
 * overlap can be equal inside, where neither end is.
 */
function endsOf(left: Value, right: Value): [Value, Value][] {
  const pairs = rangeOf(left).flatMap((a) => rangeOf(right).map((b): [Value, Value] => [a, b]))
  if (!isRange(left) || !isRange(right)) return pairs
  const meeting = Math.max(low(left), low(right))
  return meeting <= Math.min(high(left), high(right)) ? [...pairs, [meeting, meeting]] : pairs
}

type Range = number | { readonly atLeast: number; readonly atMost: number }
const isRange = (value: Value): value is Range => typeof value === 'number' || isBounds(value)
const rangeOf = (value: Value): Value[] => (isBounds(value) ? [value.atLeast, value.atMost] : [value])
const low = (range: Range): number => (typeof range === 'number' ? range : range.atLeast)
const high = (range: Range): number => (typeof range === 'number' ? range : range.atMost)
