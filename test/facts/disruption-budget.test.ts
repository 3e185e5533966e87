import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, disruptionBudget, snapshotOf, type Raw, type Seed } from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const WEB = { kind: 'disruption-budget', name: 'web' } as const

const status = (expectedPods: number, desiredHealthy: number, currentHealthy: number): object => ({
  expectedPods,
  desiredHealthy,
  currentHealthy,
  disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
  conditions: [{ type: 'DisruptionAllowed', status: 'False', lastTransitionTime: ago('1h') }],
})
const budget = (seed: Seed): Raw => disruptionBudget({ name: 'web', spec: { minAvailable: 1 }, ...seed })
const never = (of: object): unknown => valueOf('neverAllowsEviction', WEB, snapshotOf([budget({ status: of })]))

test('one that wants every pod it has, while all are healthy', () => {
  assert.deepEqual(readingOf('neverAllowsEviction', WEB, snapshotOf([budget({ status: status(2, 2, 2) })])), {
    value: true,
    since: Date.parse(ago('1h')),
  })
  assert.equal(never(status(1, 1, 1)), true)
  assert.equal(never(status(2, 5, 2)), true)
})

test('one that allows evictions, that has no pods, or whose pods are unhealthy', () => {
  assert.equal(never(status(3, 2, 3)), false)
  assert.equal(never(status(3, 2, 2)), false)
  assert.equal(never(status(0, 0, 0)), false)
  assert.equal(never(status(2, 2, 1)), false)
  assert.equal(never(status(2, 2, 0)), false)
})

test('one that its controller has not looked at', () => {
  assert.deepEqual(valueOf('neverAllowsEviction', WEB, snapshotOf([budget({})])), { unknown: 'not-recorded' })
  const late = budget({ metadata: { generation: 2 }, status: { ...status(2, 2, 2), observedGeneration: 1 } })
  assert.deepEqual(valueOf('neverAllowsEviction', WEB, snapshotOf([late])), { unknown: 'not-recorded' })
})

test('what it asks for, as written', () => {
  const asks = (spec: object): unknown => valueOf('budget', WEB, snapshotOf([budget({ spec })]))
  assert.equal(asks({ minAvailable: '100%' }), 'minAvailable 100%')
  assert.equal(asks({ maxUnavailable: 0 }), 'maxUnavailable 0')
  assert.equal(asks({}), 'nothing')
})

test('its numbers', () => {
  const snapshot = snapshotOf([budget({ status: status(3, 2, 3) })])
  const numbers = ['expectedPods', 'desiredHealthy', 'currentHealthy', 'disruptionsAllowed'].map((fact) =>
    valueOf(fact, WEB, snapshot),
  )
  assert.deepEqual(numbers, [3, 2, 3, 1])
})

test('the recordings', () => {
  const told = (name: string, from: string): unknown =>
    valueOf('neverAllowsEviction', { kind: 'disruption-budget', name }, recording(from))
  assert.equal(told('sessions', 'pdb-all'), true)
  assert.equal(told('front', 'healthy'), false)
})
