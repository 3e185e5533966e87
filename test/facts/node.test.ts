import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, node, pod, snapshotOf, type Raw } from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const ONE = { kind: 'node', name: 'node-1' } as const
const SINCE = ago('20m')

const condition = (type: string, status: string): object => ({
  type,
  status,
  reason: `Reason${type}`,
  message: 'so it is',
  lastTransitionTime: SINCE,
})
const READY = condition('Ready', 'True')
const node1 = (conditions: readonly object[], spec: object = {}): Raw =>
  node({ name: 'node-1', spec, status: { conditions } })
const told = (fact: string, ...conditions: object[]): unknown => valueOf(fact, ONE, snapshotOf([node1(conditions)]))

test('the gravest trouble of a node, from when its condition turned', () => {
  const cases: readonly (readonly [string | null, ...object[]])[] = [
    [null, READY],
    ['unreachable', condition('Ready', 'Unknown'), condition('MemoryPressure', 'Unknown')],
    ['not-ready', condition('Ready', 'False'), condition('DiskPressure', 'True')],
    ['network-unavailable', READY, condition('NetworkUnavailable', 'True')],
    [null, READY, condition('NetworkUnavailable', 'False')],
    ['memory-pressure', READY, condition('PIDPressure', 'True'), condition('MemoryPressure', 'True')],
    ['disk-pressure', READY, condition('DiskPressure', 'True')],
    ['pid-pressure', READY, condition('PIDPressure', 'True')],
    [null, READY, condition('KernelDeadlock', 'True')],
  ]
  for (const [trouble, ...conditions] of cases) {
    const reading = readingOf('nodeTrouble', ONE, snapshotOf([node1(conditions)]))
    assert.deepEqual(reading, trouble === null ? { value: null } : { value: trouble, since: Date.parse(SINCE) })
  }
})

test('a node that nobody reported on yet is unknown', () => {
  assert.deepEqual(told('nodeTrouble'), { unknown: 'not-recorded' })
  assert.deepEqual(valueOf('nodeTrouble', ONE, snapshotOf([node({ name: 'node-1' })])), { unknown: 'not-recorded' })
})

test('the words of the condition, and what other watchers of nodes say', () => {
  assert.equal(told('nodeTroubleDetail', condition('Ready', 'False')), 'ReasonReady: so it is')
  assert.equal(told('nodeTroubleDetail', READY), null)
  assert.equal(told('nodeProblems', READY), null)
  const others = ['ReadonlyFilesystem', 'KernelDeadlock', 'KernelReady', 'Initialized'].map((type) =>
    condition(type, 'True'),
  )
  assert.deepEqual(told('nodeProblems', READY, ...others), ['KernelDeadlock', 'ReadonlyFilesystem'])
})

test('a cordon is told and is no trouble', () => {
  const snapshot = snapshotOf([node1([READY], { unschedulable: true })])
  assert.equal(valueOf('cordoned', ONE, snapshot), true)
  assert.equal(valueOf('nodeTrouble', ONE, snapshot), null)
  assert.equal(told('cordoned', READY), false)
})

test('pods on the node that have not ended', () => {
  const on = (name: string, phase: string, nodeName = 'node-1'): Raw =>
    pod({ name, spec: { nodeName }, status: { phase } })
  const objects = [
    node1([READY]),
    on('a', 'Running'),
    on('b', 'Pending'),
    on('c', 'Succeeded'),
    on('d', 'Failed'),
    on('e', 'Running', 'node-2'),
  ]
  assert.equal(valueOf('podsOnNode', ONE, snapshotOf(objects)), 2)
  assert.deepEqual(valueOf('podsOnNode', ONE, snapshotOf(objects, { namespaces: ['shop'] })), {
    atLeast: 2,
    atMost: Infinity,
  })
})

test('the recordings', () => {
  const snapshot = recording('cordon')
  assert.equal(valueOf('nodeTrouble', { kind: 'node', name: 'cordoned-1' }, snapshot), null)
  assert.deepEqual(readingOf('nodeTrouble', { kind: 'node', name: 'lost-1' }, snapshot), {
    value: 'unreachable',
    since: Date.parse('2026-11-21T11:43:30Z'),
  })
})
