import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readSuppression, SUPPRESSION_PROBLEMS } from '../../src/facts/suppression.ts'
import { ago, deployment, NOW, snapshotOf } from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const IGNORE = 'dogwatch.io/ignore'
const REASON = 'dogwatch.io/ignore-reason'
const UNTIL = 'dogwatch.io/ignore-until'

const LATER = new Date(NOW + 3_600_000).toISOString()
const mark = (ignore?: string, reason?: string, until?: string): Record<string, string> =>
  Object.fromEntries(
    [
      [IGNORE, ignore],
      [REASON, reason],
      [UNTIL, until],
    ].filter((entry): entry is [string, string] => entry[1] !== undefined),
  )

test('no mark', () => {
  for (const annotations of [undefined, {}, { other: 'x' }]) assert.equal(readSuppression(annotations, NOW), undefined)
})

test('rules, reason and end', () => {
  assert.deepEqual(readSuppression(mark('crash-loop, oom-kill ,', ' being rewritten ', LATER), NOW), {
    rules: ['crash-loop', 'oom-kill'],
    reason: 'being rewritten',
    until: NOW + 3_600_000,
    problem: null,
  })
  assert.equal(readSuppression(mark('crash-loop', 'why'), NOW)?.until, undefined)
})

test('what makes a mark worth nothing', () => {
  const cases: readonly (readonly [ReturnType<typeof mark>, string | null])[] = [
    [mark('', 'why'), 'no-rules'],
    [mark(' , ', 'why'), 'no-rules'],
    [mark(undefined, 'why'), 'no-rules'],
    [mark(undefined, undefined, LATER), 'no-rules'],
    [mark('crash-loop'), 'no-reason'],
    [mark('crash-loop', ' '), 'no-reason'],
    [mark('crash-loop', 'why', 'tomorrow'), 'unreadable-until'],
    [mark('crash-loop', 'why', ''), 'unreadable-until'],
    [mark('crash-loop', 'why', '2027'), 'unreadable-until'],
    [mark('crash-loop', 'why', '2027-01-01'), 'unreadable-until'],
    [mark('crash-loop', 'why', '2027-13-01T00:00:00Z'), 'unreadable-until'],
    [mark('crash-loop', 'why', ago('1s')), 'expired'],
    [mark('crash-loop', 'why', ago('0s')), 'expired'],
    [mark('crash-loop', 'why', '2027-01-01T00:00:00+01:00'), null],
    [mark('crash-loop', 'why', '2027-01-01T00:00:00.5z'), null],
  ]
  for (const [annotations, problem] of cases)
    assert.equal(readSuppression(annotations, NOW)?.problem, problem, JSON.stringify(annotations))
})

test('any annotation has a problem of the closed list or none', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (ignore, reason, until) => {
      const problem = readSuppression(mark(ignore, reason, until), NOW)?.problem ?? null
      assert.ok(problem === null || SUPPRESSION_PROBLEMS.includes(problem))
    }),
  )
})

test('as facts: a mark expires at its time', () => {
  const cart = { kind: 'workload', name: 'cart' } as const
  const at = (annotations: Record<string, string>): ReturnType<typeof snapshotOf> =>
    snapshotOf([deployment({ name: 'cart', annotations })])
  const told = (annotations: Record<string, string>): unknown => readingOf('suppressionProblem', cart, at(annotations))
  assert.deepEqual(told({}), { value: null })
  assert.deepEqual(told(mark('crash-loop')), { value: 'no-reason' })
  assert.deepEqual(told(mark('crash-loop', 'why')), { value: null })
  assert.deepEqual(told(mark('crash-loop', 'why', LATER)), { value: null, until: NOW + 3_600_000 })
  assert.deepEqual(told(mark('crash-loop', 'why', ago('1h'))), { value: 'expired', since: NOW - 3_600_000 })
  assert.deepEqual(valueOf('suppressedRules', cart, at(mark('a,b', 'why'))), ['a', 'b'])
  assert.equal(valueOf('suppressionUntil', cart, at(mark('a', 'why', 'soon'))), 'soon')
  assert.equal(valueOf('suppressionUntil', cart, at({})), null)
})
