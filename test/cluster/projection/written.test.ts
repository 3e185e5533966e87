import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pod } from '../../../src/cluster/projection/pod.ts'

const managedFields = [{ manager: 'helm', operation: 'Update' }]
const podOf = (owners: readonly object[]) =>
  pod({ metadata: { name: 'cart', uid: 'u', ownerReferences: owners, managedFields } })?.metadata

test('who wrote the fields of a pod is kept, unless a controller made it', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart', uid: 'r' }
  for (const owners of [[], [owner], [{ ...owner, controller: false }]])
    assert.deepEqual(podOf(owners)?.managedFields, managedFields)
  const made = podOf([{ ...owner, controller: true }])
  assert.equal(made?.managedFields, undefined)
  assert.equal(made?.name, 'cart')
})
