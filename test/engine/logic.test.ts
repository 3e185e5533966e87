import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compile } from '../../src/engine/compile.ts'
import { TRUE, UNKNOWN } from '../../src/engine/logic.ts'
import { Run } from '../../src/engine/run.ts'
import type { RawCondition } from '../../src/engine/schema.ts'
import { isUnknown, unknown, type Reading } from '../../src/facts/reading.ts'
import { canonicalJson } from '../../src/util/hash.ts'
import { rawConditions, readings, resolved, sourceOf, type GivenReadings, type RawConditions } from './arbitrary.ts'

const runOf = (given: GivenReadings) => new Run(sourceOf(given), 1_000_000)
const answer = (raw: RawConditions, given: GivenReadings) => compile(resolved(raw)).truth(runOf(given))

const PLAIN = rawConditions({ whatIsKnown: false })
const ASKING = rawConditions({ whatIsKnown: true })

test('knowing less never turns an answer round, and never makes one', () => {
  fc.assert(
    fc.property(PLAIN, readings, fc.infiniteStream(fc.boolean()), (raw, given, forget) => {
      const less = Object.fromEntries(
        Object.entries(given).map(([key, reading]): [string, Reading] => [
          key,
          forget.next().value ? unknown('not-recorded') : reading,
        ]),
      )
      const truth = answer(raw, less)
      if (truth !== UNKNOWN) assert.equal(truth, answer(raw, given))
    }),
    { numRuns: 3000 },
  )
})

test('with nothing known a rule is unknown', () => {
  fc.assert(fc.property(PLAIN, (raw) => assert.equal(answer(raw, {}), UNKNOWN)))
})

test('since is proved: what is dated later, or not at all, is not needed for the answer', () => {
  let dated = 0
  fc.assert(
    fc.property(ASKING, readings, (raw, given) => {
      const program = compile(resolved(raw))
      const run = runOf(given)
      const truth = program.truth(run)
      assert.equal(program.date(run), truth)
      const { since } = run
      if (truth === UNKNOWN || since === undefined) return
      dated++
      const then = Object.fromEntries(
        Object.entries(given).filter(([, reading]) => !isUnknown(reading) && (reading.since ?? Infinity) <= since),
      )
      assert.equal(program.truth(runOf(then)), truth)
    }),
    { numRuns: 3000 },
  )
  assert.ok(dated > 300, `${dated} are dated`)
})

/** The same conditions with every list turned round. */
function reversed(condition: RawCondition): RawCondition {
  if ('all' in condition) return { all: condition.all.map(reversed).toReversed() }
  if ('any' in condition) return { any: condition.any.map(reversed).toReversed() }
  if ('not' in condition) return { not: reversed(condition.not) }
  return condition
}

test('the order of conditions changes neither truth nor since nor evidence', () => {
  fc.assert(
    fc.property(ASKING, readings, ({ conditions, definitions }, given) => {
      const turned = {
        conditions: reversed(conditions),
        definitions: Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, reversed(one)])),
      }
      const [a, b] = [{ conditions, definitions }, turned].map((raw) => {
        const program = compile(resolved(raw))
        const run = runOf(given)
        const truth = program.truth(run)
        if (truth === UNKNOWN) return { truth }
        const evidence = program.evidence(run).map(canonicalJson).toSorted()
        program.date(run)
        return { truth, since: run.since, evidence }
      })
      assert.deepEqual(a, b)
    }),
    { numRuns: 3000 },
  )
})

test('evidence is enough: with nothing else known the rule is as true', () => {
  fc.assert(
    fc.property(PLAIN, readings, (raw, given) => {
      const conditions = resolved(raw)
      const program = compile(conditions)
      const run = runOf(given)
      if (program.truth(run) !== TRUE) return
      const seen = new Set<string>()
      const record = new Run(({ key }) => (seen.add(key), given[key] ?? unknown('not-recorded')), 1_000_000)
      program.truth(record)
      const named = new Set(
        program
          .evidence(run)
          .map(({ fact, params }) => (params === undefined ? fact : `${fact}(window=${params['window']})`)),
      )
      // A comparison of two facts names the first; the second is its expectation.
      const isCompared = (key: string) =>
        seen.has(key) && JSON.stringify(raw).includes(`"value":{"fact":"${key.split('(')[0]}"`)
      const only = Object.fromEntries(Object.entries(given).filter(([key]) => named.has(key) || isCompared(key)))
      assert.equal(program.truth(runOf(only)), TRUE)
    }),
    { numRuns: 2000 },
  )
})
