import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../src/util/time.ts'
import {
  NOW,
  ago,
  controllerRevision,
  cronJob,
  daemonSet,
  deployed,
  deployment,
  job,
  pod,
  replicaSet,
  snapshotOf,
  statefulSet,
} from '../support/build.ts'
import { ended } from '../support/containers.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const of = (name: string) => ({ kind: 'pod', name }) as const

const over = (how: object, status: object = {}) =>
  pod({
    name: 'one',
    spec: { containers: [{ name: 'app' }] },
    status: { phase: 'Failed', containerStatuses: [{ name: 'app', state: ended('9m', '8m', { ...how }) }], ...status },
  })

test('podFailure names the exit codes and the reason, since the last container ended', () => {
  const failed = snapshotOf([over({ exitCode: 9 })])
  const expected = { value: 'container app exited with 9 (Error)', since: NOW - 8 * MINUTE }
  assert.deepEqual(readingOf('podFailure', of('one'), failed), expected)
  const shutDown = snapshotOf([over({ exitCode: 137 }, { reason: 'Terminated' })])
  assert.equal(valueOf('podFailure', of('one'), shutDown), 'Terminated; container app exited with 137 (Error)')
  assert.equal(
    valueOf('podFailure', of('one'), snapshotOf([pod({ name: 'one', status: { phase: 'Failed' } })])),
    'no container says why',
  )
  assert.equal(
    valueOf('podFailure', of('one'), snapshotOf([pod({ name: 'one', status: { phase: 'Succeeded' } })])),
    null,
  )
})

const EVICTIONS: readonly [message: string, cause: string][] = [
  ['Usage of EmptyDir volume "work" exceeds the limit "1Mi". ', 'emptydir-limit'],
  ['Container app exceeded its local ephemeral storage limit "1Gi". ', 'container-disk-limit'],
  ['Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ', 'pod-disk-limit'],
  ['The node was low on resource: memory. Threshold quantity: 100Mi, available: 60Mi. ', 'memory'],
  ['The node was low on resource: ephemeral-storage. ', 'disk'],
  ['The node was low on resource: inodes. ', 'inodes'],
  ['The node was low on resource: pids. ', 'pids'],
  ['The node had condition: [DiskPressure]. ', 'other'],
]

for (const [message, cause] of EVICTIONS)
  test(`evictionCause: ${cause}`, () => {
    const seen = snapshotOf([over({ exitCode: 137 }, { reason: 'Evicted', message })])
    assert.deepEqual(readingOf('evictionCause', of('one'), seen), { value: cause, since: NOW - 8 * MINUTE })
    assert.equal(valueOf('evictionMessage', of('one'), seen), message.trim())
  })

test('evictionCause: null for a pod that failed for another reason; undated when a container does not say when it ended', () => {
  assert.equal(valueOf('evictionCause', of('one'), snapshotOf([over({})])), null)
  const lost = over({ reason: 'ContainerStatusUnknown', finishedAt: null }, { reason: 'Evicted', message: 'x' })
  assert.deepEqual(readingOf('evictionCause', of('one'), snapshotOf([lost])), { value: 'other' })
})

test('podController is the controller that the pod names, null for a bare pod', () => {
  const { deployment: top, replicaSet: set, pod: one } = deployed()
  assert.equal(valueOf('podController', of('cart-6d4f-x2x4z'), snapshotOf([top, set, one])), 'ReplicaSet')
  assert.equal(valueOf('podController', of('one'), snapshotOf([pod({ name: 'one' })])), null)
})

test('podFinished and podDeleting', () => {
  const seen = snapshotOf([
    pod({ name: 'up', status: { phase: 'Running' } }),
    pod({ name: 'gone', deleted: ago('1m') }),
    over({}),
  ])
  assert.deepEqual(
    ['up', 'gone', 'one'].map((name) => valueOf('podFinished', of(name), seen)),
    [false, false, true],
  )
  assert.deepEqual(
    ['up', 'gone', 'one'].map((name) => valueOf('podDeleting', of(name), seen)),
    [false, true, false],
  )
  assert.deepEqual(
    ['up', 'gone', 'one'].map((name) => valueOf('podPhase', of(name), seen)),
    ['Running', { unknown: 'not-recorded' }, 'Failed'],
  )
})

test('ownedByJob: only a Job that is held; unknown when Jobs could not be read', () => {
  const owner = job({ name: 'import' })
  const made = pod({ name: 'one', owner })
  assert.equal(valueOf('ownedByJob', of('one'), snapshotOf([owner, made])), true)
  assert.equal(valueOf('ownedByJob', of('one'), snapshotOf([made])), false)
  const blind = { blind: { 'jobs.batch': { unknown: 'forbidden', detail: 'jobs' } } as const }
  assert.deepEqual(valueOf('ownedByJob', of('one'), snapshotOf([made], blind)), { unknown: 'forbidden' })
  assert.equal(valueOf('ownedByJob', of('bare'), snapshotOf([pod({ name: 'bare' })], blind)), false)
})

test('jobRecovered: the Job completed, or its CronJob has succeeded since the pod was made', () => {
  const recovered = (lastSuccessfulTime: string | undefined, conditions: object[] = []) => {
    const top = cronJob({ name: 'nightly', status: { lastSuccessfulTime } })
    const owner = job({ name: 'nightly-1', owner: top, status: { conditions } })
    return valueOf('jobRecovered', of('one'), snapshotOf([top, owner, pod({ name: 'one', owner, created: ago('1h') })]))
  }
  assert.equal(recovered(undefined), false)
  assert.equal(recovered(ago('2h')), false)
  assert.equal(recovered(ago('5m')), true)
  assert.equal(recovered(undefined, [{ type: 'Complete', status: 'True' }]), true)
  assert.equal(recovered(undefined, [{ type: 'Failed', status: 'True' }]), false)
  assert.equal(valueOf('jobRecovered', of('bare'), snapshotOf([pod({ name: 'bare' })])), false)
})

const REVISION = 'deployment.kubernetes.io/revision'

test('podRevision: by the revision of the ReplicaSet', () => {
  const top = deployment({ name: 'cart', annotations: { [REVISION]: '7' } })
  const revision = (name: string, number: string) =>
    replicaSet({ name, owner: top, annotations: { [REVISION]: number } })
  const [old, current] = [revision('a', '6'), revision('b', '7')]
  const seen = snapshotOf([
    top,
    old,
    current,
    pod({ name: 'x', owner: old }),
    pod({ name: 'y', owner: current }),
    pod({ name: 'z' }),
  ])
  assert.deepEqual(
    ['x', 'y', 'z'].map((name) => valueOf('podRevision', of(name), seen)),
    ['old', 'current', null],
  )
})

test('podRevision: by the update revision of a StatefulSet and the newest revision of a DaemonSet', () => {
  const labels = (hash: string) => ({ 'controller-revision-hash': hash })
  const set = statefulSet({ name: 's', status: { updateRevision: 's-2' } })
  const agents = daemonSet({ name: 'd' })
  const seen = snapshotOf([
    set,
    agents,
    controllerRevision({ name: 'd-1', owner: agents, labels: labels('1'), revision: 1 }),
    controllerRevision({ name: 'd-2', owner: agents, labels: labels('2'), revision: 2 }),
    pod({ name: 'a', owner: set, labels: labels('s-1') }),
    pod({ name: 'b', owner: set, labels: labels('s-2') }),
    pod({ name: 'c', owner: agents, labels: labels('1') }),
    pod({ name: 'd', owner: agents, labels: labels('2') }),
    pod({ name: 'e', owner: agents }),
  ])
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => valueOf('podRevision', of(name), seen)),
    ['old', 'current', 'old', 'current'],
  )
  assert.deepEqual(valueOf('podRevision', of('e'), seen), { unknown: 'not-recorded' })
})
