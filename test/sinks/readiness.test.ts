import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Freshness } from '../../src/cluster/freshness.ts'
import { readinessOf, unreadOf } from '../../src/sinks/status.ts'

const row = (resource: string, state: Freshness['state']): Freshness => ({
  resource,
  state,
  namespace: undefined,
  detail: '',
  objects: 0,
  syncedAt: undefined,
  heardAt: undefined,
  continuousSince: undefined,
  restarts: 0,
  relists: 0,
  missed: 0,
  malformed: 0,
})

for (const state of ['syncing', 'stale', 'failed'] as const)
  test(`samples of use that are ${state} do not make it unready, and are said to be unread; pods that are so do`, () => {
    const samples = row('pods.metrics.k8s.io', state)
    assert.deepEqual(readinessOf([samples], true), { synced: true, fresh: true, waitingFor: [] })
    assert.equal(unreadOf([samples]).length, 1)
    const { fresh, waitingFor } = readinessOf([samples, row('pods', state)], true)
    assert.deepEqual([fresh, waitingFor], [false, [`pods: ${state}`]])
  })
