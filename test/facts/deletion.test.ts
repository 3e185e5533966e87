import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../src/util/time.ts'
import { NOW, ago, claim, namespace, node, pod, snapshotOf } from '../support/build.ts'
import { running } from '../support/containers.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const POD = { kind: 'pod', name: 'one' } as const
const NAMESPACE = { kind: 'namespace', name: 'shop' } as const
const LATER = new Date(NOW + MINUTE).toISOString()

test('deletionOverdue: once the grace period is over', () => {
  const read = (deleted?: string) =>
    readingOf('deletionOverdue', POD, snapshotOf([pod({ name: 'one', ...(deleted === undefined ? {} : { deleted }) })]))
  assert.deepEqual(read(), { value: false })
  assert.deepEqual(read(LATER), { value: false, until: NOW + MINUTE })
  assert.deepEqual(read(ago('7m')), { value: true, since: NOW - 7 * MINUTE })
  assert.equal('unknown' in read('yesterday'), true)
})

test('deletionHeldBy: finalizers, containers that still run, a node that cannot say so', () => {
  const status = { phase: 'Running', containerStatuses: [{ name: 'app', state: running('9m') }] }
  const spec = { nodeName: 'node-1', containers: [{ name: 'app' }] }
  const kept = pod({ name: 'one', deleted: ago('7m'), finalizers: ['example.test/wait'], spec, status })
  const up = (ready: string) => node({ name: 'node-1', status: { conditions: [{ type: 'Ready', status: ready }] } })
  assert.deepEqual(valueOf('deletionHeldBy', POD, snapshotOf([kept, up('True')])), [
    'finalizer example.test/wait',
    'container app still runs on node node-1',
  ])
  const gone = pod({ name: 'one', deleted: ago('7m'), spec })
  assert.deepEqual(valueOf('deletionHeldBy', POD, snapshotOf([gone, up('Unknown')])), ['its node node-1 is not ready'])
  assert.deepEqual(valueOf('deletionHeldBy', POD, snapshotOf([gone])), ['its node node-1 does not exist'])
  const blind = { blind: { nodes: { unknown: 'forbidden', detail: 'nodes' } } as const }
  assert.deepEqual(valueOf('deletionHeldBy', POD, snapshotOf([gone], blind)), ['nothing that the object names'])
  assert.deepEqual(valueOf('deletionHeldBy', POD, snapshotOf([pod({ name: 'one', finalizers: ['x'] })])), [])
})

test('deletionHeldBy: what is left in a namespace', () => {
  const conditions = [
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'All resources successfully discovered' },
    {
      type: 'NamespaceFinalizersRemaining',
      status: 'True',
      message: 'example.test/hold in 1 resource instances\u001B[2J',
    },
  ]
  const seen = snapshotOf([namespace({ name: 'shop', deleted: ago('7m'), status: { conditions } })])
  assert.deepEqual(valueOf('deletionHeldBy', NAMESPACE, seen), [
    'NamespaceFinalizersRemaining: example.test/hold in 1 resource instances [2J',
  ])
})

test('namespaceDeleted: known only where the namespace is held', () => {
  const kept = claim({ name: 'data', deleted: ago('7m') })
  const of = { kind: 'claim', name: 'data' } as const
  assert.equal(
    valueOf('namespaceDeleted', of, snapshotOf([kept, namespace({ name: 'shop', deleted: ago('8m') })])),
    true,
  )
  assert.equal(valueOf('namespaceDeleted', of, snapshotOf([kept, namespace({ name: 'shop' })])), false)
  assert.equal(valueOf('namespaceDeleted', of, snapshotOf([kept])), false)
  assert.equal(
    valueOf('namespaceDeleted', NAMESPACE, snapshotOf([namespace({ name: 'shop', deleted: ago('8m') })])),
    false,
  )
})
