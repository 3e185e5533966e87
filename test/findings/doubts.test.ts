import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import { projectObject } from '../../src/cluster/dump.ts'
import { renewed, Doubts, type Doubt } from '../../src/findings/doubts.ts'
import type { Rule } from '../../src/engine/rule.ts'

function pod(name: string, resourceVersion = '1'): AnyObject {
  const raw = { metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion } }
  const object = projectObject({ apiVersion: 'v1', kind: 'Pod' }, raw)
  assert.ok(object)
  return object
}
const RULE = { id: 'memory-near-limit', category: 'capacity' } as unknown as Rule
const doubt = (object: AnyObject, container = 'app', detail = 'no sample'): Doubt => ({
  rule: RULE,
  finding: `memory-near-limit-${object.metadata.name}`,
  reason: 'insufficient-data',
  detail,
  object,
  kind: 'container',
  container,
})

test('the same doubts are kept, with the object as it is now', () => {
  const before = [doubt(pod('a'))]
  const after = renewed(before, [doubt(pod('a', '2'), 'app', 'one sample')])
  assert.equal(after, before)
  assert.equal(after[0]?.object.metadata.resourceVersion, '2')
  assert.equal(after[0]?.detail, 'one sample')
})

test('other doubts take their place', () => {
  const before = [doubt(pod('a'))]
  for (const now of [
    [],
    [doubt(pod('b'))],
    [doubt(pod('a'), 'sidecar')],
    [doubt(pod('a')), doubt(pod('a'), 'sidecar')],
  ])
    assert.equal(renewed(before, now), now)
})

test('objects are counted once, however many of their containers are in doubt', () => {
  const doubts = new Doubts()
  const all = [doubt(pod('b')), doubt(pod('a')), doubt(pod('a'), 'sidecar')]
  for (const one of all) doubts.add(one)
  const count = (): unknown =>
    doubts.summary().map(({ subjects: { count: n, sample } }) => [n, sample.map(({ name }) => name)])
  assert.deepEqual(count(), [[2, ['a', 'b']]])
  for (const one of all.slice(2)) doubts.delete(one)
  assert.deepEqual(count(), [[2, ['a', 'b']]])
  doubts.hide('memory-near-limit-a', true)
  assert.deepEqual(count(), [[1, ['b']]])
  doubts.hide('memory-near-limit-a', false)
  for (const one of all.slice(0, 2)) doubts.delete(one)
  assert.deepEqual(count(), [])
  assert.equal(doubts.has('memory-near-limit-b'), false)
})
