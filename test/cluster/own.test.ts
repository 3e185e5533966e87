import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { measuredIn, ownOf, uidsIn } from '../../src/cluster/own.ts'
import { ObjectStore } from '../../src/cluster/store.ts'
import { projectObject } from '../../src/cluster/dump.ts'
import type { AnyObject } from '../../src/cluster/kinds.ts'

function made(apiVersion: string, kind: string, uid: string): AnyObject {
  const object = projectObject({ apiVersion, kind }, { metadata: { name: 'web', namespace: 'shop', uid } })
  assert.ok(object)
  return object
}
const pod = made('v1', 'Pod', 'uid-1')
const service = made('v1', 'Service', 'uid-2')
const measurement = made('metrics.k8s.io/v1beta1', 'PodMetrics', 'uid-3')

describe('what is an object’s own', () => {
  test('is what has its uid for a name, in any family', () => {
    assert.equal(ownOf(pod)('uid', 'uid-1'), true)
    assert.equal(ownOf(pod)('eventsByObject', 'uid-1'), true)
    assert.equal(ownOf(pod)('uid', 'uid-10'), false)
  })

  test('is what is measured of it, and of no other', () => {
    assert.equal(ownOf(pod)('named pods.metrics.k8s.io', 'shop/web'), true)
    assert.equal(ownOf(pod)('named pods.metrics.k8s.io', 'shop/other'), false)
    assert.equal(ownOf(pod)('named services', 'shop/web'), false)
    assert.equal(ownOf(service)('named pods.metrics.k8s.io', 'shop/web'), false)
  })

  test('is what is remembered of it', () => {
    assert.equal(ownOf(pod)('past', 'runs/uid-1/app'), true)
    assert.equal(ownOf(pod)('past', 'runs/uid-2/app'), false)
  })
})

describe('whose own it is', () => {
  test('the uid is among what a key of the past may name, slashes in its parts or not', () => {
    assert.deepEqual([...uidsIn('runs/uid-1/app')], ['uid-1'])
    assert.deepEqual([...uidsIn('flips/uid-1/example.com/Ready')], ['uid-1/example.com', 'uid-1'])
    assert.deepEqual([...uidsIn('flips')], [])
  })

  test('a measurement is of the pod of its name', () => {
    const objects = new ObjectStore({
      takenAt: 0,
      cluster: 'test',
      looks: { listed: new Map(), blind: new Map(), unnamed: 'not-listed' },
    })
    const change = { before: undefined, after: measurement, witnessed: true, observedAt: 0 }
    assert.equal(measuredIn(change, objects), undefined)
    objects.put(pod)
    assert.equal(measuredIn(change, objects), 'uid-1')
    assert.equal(measuredIn({ ...change, after: service }, objects), undefined)
  })
})
