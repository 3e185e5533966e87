import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evict, mergePatch, pathOf, pointerOf, remove, strategicPatch } from '../../src/remediation/request.ts'
import { customObject, deployment, node, pod, projected } from '../support/build.ts'

const CART = projected(deployment({ name: 'cart', uid: 'u1', spec: { replicas: 3 } }))
const POD = projected(pod({ name: 'cart-1', uid: 'u2' }))

test('paths are those of the API', () => {
  assert.equal(pathOf(CART), '/apis/apps/v1/namespaces/shop/deployments/cart')
  assert.equal(pathOf(POD, 'eviction'), '/api/v1/namespaces/shop/pods/cart-1/eviction')
  assert.equal(pathOf(projected(node({ name: 'a' }))), '/api/v1/nodes/a')
  assert.throws(() => pathOf(projected(customObject('acme.io/v1', 'Fleet'))), /no kind of ours/)
})

test('pointers escape what RFC 6901 says', () => {
  assert.equal(pointerOf(['metadata', 'annotations', 'a.io/b~c']), '/metadata/annotations/a.io~1b~0c')
  assert.equal(pointerOf([]), '')
})

test('a merge patch carries the uid, the new values, and what was there', () => {
  const written = mergePatch(CART, [
    [['spec', 'replicas'], 0],
    [['metadata', 'annotations', 'dogwatch.io/replicas'], '3'],
    [['spec', 'paused'], null],
  ])
  assert.deepEqual(written.changes, [
    { pointer: '/spec/replicas', from: 3, to: 0 },
    { pointer: '/metadata/annotations/dogwatch.io~1replicas', from: null, to: '3' },
    { pointer: '/spec/paused', from: null, to: null },
  ])
  assert.deepEqual(written.patch, {
    method: 'PATCH',
    path: '/apis/apps/v1/namespaces/shop/deployments/cart',
    contentType: 'application/merge-patch+json',
    body: {
      metadata: { uid: 'u1', annotations: { 'dogwatch.io/replicas': '3' } },
      spec: { replicas: 0, paused: null },
    },
  })
})

test('a strategic patch carries the uid', () => {
  assert.deepEqual(strategicPatch(CART, { spec: { x: 1 } }).body, { metadata: { uid: 'u1' }, spec: { x: 1 } })
})

test('an eviction and a deletion name the uid as precondition, and no dry run: that is the writer’s', () => {
  assert.deepEqual(evict(POD).patch.body, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'cart-1', namespace: 'shop' },
    deleteOptions: { preconditions: { uid: 'u2' } },
  })
  assert.deepEqual(remove(POD).patch, {
    method: 'DELETE',
    path: '/api/v1/namespaces/shop/pods/cart-1',
    contentType: 'application/json',
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u2' }, propagationPolicy: 'Background' },
  })
  for (const { changes } of [evict(POD), remove(POD)])
    assert.deepEqual(changes, [{ pointer: '', from: 'u2', to: null }])
})
