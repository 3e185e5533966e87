import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daemonSet, deployment, replicaSet, snapshotOf, statefulSet, type Raw } from '../support/build.ts'
import { valueOf } from '../support/readings.ts'

const FACTS = ['workloadKind', 'desiredPods', 'existingPods', 'readyPods', 'updatedPods', 'rolloutPaused']

const told = (object: Raw): unknown[] =>
  FACTS.map((fact) => valueOf(fact, { kind: 'workload', name: 'web' }, snapshotOf([object])))

const SPEC = { replicas: 3 }
const STATUS = { replicas: 4, readyReplicas: 2, updatedReplicas: 1 }

test('each kind counts its pods in its own words', () => {
  assert.deepEqual(told(deployment({ name: 'web', spec: SPEC, status: STATUS })), ['Deployment', 3, 4, 2, 1, false])
  assert.deepEqual(told(statefulSet({ name: 'web', spec: SPEC, status: STATUS })), ['StatefulSet', 3, 4, 2, 1, false])
  assert.deepEqual(told(replicaSet({ name: 'web', spec: SPEC, status: STATUS })), ['ReplicaSet', 3, 4, 2, 4, false])
  const status = { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, updatedNumberScheduled: 2 }
  assert.deepEqual(told(daemonSet({ name: 'web', status })), ['DaemonSet', 5, 4, 3, 2, false])
})

test('what Kubernetes leaves out is a default or zero', () => {
  assert.deepEqual(told(deployment({ name: 'web', spec: { paused: true }, status: {} })), [
    'Deployment',
    1,
    0,
    0,
    0,
    true,
  ])
  assert.deepEqual(told(daemonSet({ name: 'web' })), ['DaemonSet', 0, 0, 0, 0, false])
})
