import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  blastKey,
  firstEvaluation,
  inForce,
  isToBeCounted,
  objections,
  type Blast,
  type BlastCount,
} from '../../src/policy/blast.ts'

const RULE = { id: 'mine', version: `sha256:${'a'.repeat(64)}` }
const OTHER = { id: 'mine', version: `sha256:${'b'.repeat(64)}` }

const COUNTS: [matched: number, unknown: number, of: number, state: Blast['state']][] = [
  [0, 0, 0, 'passed'],
  [5, 0, 5, 'passed'],
  [6, 0, 6, 'held'],
  [6, 0, 100, 'held'],
  [5, 0, 100, 'passed'],
  [6, 0, 120, 'passed'],
  [7, 0, 120, 'held'],
  [50, 0, 1_000, 'passed'],
  [51, 0, 1_000, 'held'],
  [0, 1_000, 1_000, 'undecided'],
  [3, 3, 6, 'undecided'],
  [3, 2, 6, 'passed'],
  [6, 100, 106, 'held'],
]
for (const [matched, unknown, of, state] of COUNTS)
  test(`invariant 11: true of ${matched} and unknown of ${unknown} of ${of} subjects: ${state}`, () =>
    assert.deepEqual(firstEvaluation(RULE, { matched, unknown, of }), {
      rule: RULE.id,
      version: RULE.version,
      state,
      matched,
      unknown,
      of,
    }))

test('whatever the unknown ones turn out to be: what passed would have passed, what is held would be held', () => {
  const counts = fc.tuple(fc.nat(200), fc.nat(200), fc.nat(200)).map(([matched, unknown, rest]): BlastCount => ({
    matched,
    unknown,
    of: matched + unknown + rest,
  }))
  fc.assert(
    fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
      const { state } = firstEvaluation(RULE, count)
      const matched = count.matched + Math.floor(count.unknown * share)
      const known = firstEvaluation(RULE, { ...count, matched, unknown: 0 }).state
      assert.ok(state === 'undecided' || state === known, `${state}, then ${known}`)
    }),
  )
})

const blasts = (...states: Blast['state'][]): Map<string, Blast> =>
  new Map(
    states.map((state) => [
      blastKey(RULE),
      { rule: RULE.id, version: RULE.version, state, matched: 9, unknown: 0, of: 9 },
    ]),
  )

test('a rule is counted until it is decided, and each version of it anew', () => {
  assert.ok(isToBeCounted(RULE, new Map()))
  assert.ok(isToBeCounted(RULE, blasts('undecided')))
  assert.ok(!isToBeCounted(RULE, blasts('held')))
  assert.ok(!isToBeCounted(RULE, blasts('passed')))
  assert.ok(isToBeCounted(OTHER, blasts('passed')))
})

test('what stands against a rule: that it was not counted, that it matched too much; nothing once it is acknowledged', () => {
  const against = (counted: Partial<Parameters<typeof objections>[0]>) =>
    objections({ own: [RULE], blasts: new Map(), acks: [], ...counted }).get('mine')
  assert.equal(against({}), 'not-counted')
  for (const state of ['held', 'undecided'] as const) {
    const found = against({ blasts: blasts(state) })
    assert.equal(typeof found === 'object' && found.state, state)
  }
  assert.equal(against({ blasts: blasts('passed') }), undefined)
  const acks = [{ rule: 'mine', version: RULE.version }]
  assert.equal(against({ blasts: blasts('held'), acks }), undefined)
  assert.equal(against({ acks }), undefined)
  assert.equal(
    against({ own: [OTHER], blasts: blasts('passed'), acks }),
    'not-counted',
    'a changed rule is another one',
  )
  assert.equal(against({ own: [] }), undefined, 'a shipped rule is never held')
})

test('only outcomes of rules in force are kept', () => {
  assert.deepEqual([...inForce(blasts('held'), [RULE]).keys()], [blastKey(RULE)])
  assert.deepEqual([...inForce(blasts('held'), [OTHER]).keys()], [])
})
