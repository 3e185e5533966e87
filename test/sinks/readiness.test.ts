import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readinessOf, unreadOf } from '../../src/sinks/status.ts'
import { freshness } from '../support/freshness.ts'

for (const state of ['syncing', 'stale', 'failed'] as const)
  test(`samples of use that are ${state} do not make it unready, and are said to be unread; pods that are so do`, () => {
    const samples = freshness('pods.metrics.k8s.io', { state })
    assert.deepEqual(readinessOf([samples], true), { synced: true, fresh: true, waitingFor: [] })
    assert.equal(unreadOf([samples]).length, 1)
    const { fresh, waitingFor } = readinessOf([samples, freshness('pods', { state })], true)
    assert.deepEqual([fresh, waitingFor], [false, [`pods: ${state}`]])
  })
