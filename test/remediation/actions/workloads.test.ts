import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customObject, daemonSet, deployment, statefulSet, type Raw, type Seed } from '../../support/build.ts'
import { outcomeOf, planOf, refusalOf } from '../../support/plans.ts'
import { rollout } from '../../support/situations.ts'

const restart = (on: Raw) => refusalOf({ action: 'restart-workload', on })
const TEMPLATE = { template: { spec: { containers: [{ name: 'app' }] } } }
const of = (kind: typeof deployment, spec: object, rest: Seed = {}) =>
  kind({ name: 'cart', uid: 'u', spec: { ...TEMPLATE, ...spec }, ...rest })

test('restart-workload: Deployment, StatefulSet and DaemonSet, by a mark that is no time', () => {
  const on = of(deployment, { replicas: 2 })
  const first = planOf({ action: 'restart-workload', on })
  assert.deepEqual(first, planOf({ action: 'restart-workload', on }))
  assert.match(JSON.stringify(first.patch?.body), /"dogwatch.io\/restart":"[0-9a-z]{8}"/)
  assert.equal(first.effect, 'restarts Deployment shop/cart: replaces 2 pods one after another')
  assert.equal(restart(of(statefulSet, { replicas: 2 })), 'planned')
  assert.equal(restart(of(daemonSet, {}, { status: { desiredNumberScheduled: 3 } })), 'planned')
})

test('restart-workload: the next restart for the same finding is another one', () => {
  const marked = (mark: string) => {
    const template = { metadata: { annotations: { 'dogwatch.io/restart': mark } } }
    return planOf({ action: 'restart-workload', on: of(deployment, { template }) }).changes[0]?.to
  }
  assert.notEqual(marked('a'), marked('b'))
  assert.notEqual(marked(String(marked('a'))), marked('a'))
})

test('restart-workload: not where the template does not reach the pods', () => {
  assert.equal(restart(of(deployment, { paused: true })), 'paused')
  assert.equal(restart(of(deployment, { replicas: 0 })), 'at-zero')
  assert.equal(restart(of(daemonSet, {}, { status: { desiredNumberScheduled: 0 } })), 'at-zero')
  for (const kind of [statefulSet, daemonSet])
    assert.equal(restart(of(kind, { replicas: 1, updateStrategy: { type: 'OnDelete' } })), 'paused')
  const partition = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }
  assert.equal(restart(of(statefulSet, { replicas: 2, ...partition })), 'paused')
})

type Change = Parameters<typeof rollout>[0]
const rollback = (change: Change = {}, looked = {}) => {
  const { top, all, broken } = rollout(change)
  return outcomeOf({ action: 'rollback-workload', on: top, others: all, looked, finding: { of: [broken] } })
}
const rollbackRefusal = (change: Change, looked = {}): string => {
  const outcome = rollback(change, looked)
  return 'refused' in outcome ? outcome.refused : 'planned'
}

test('rollback-workload: to the newest revision before that is available, bound by uid and template hash', () => {
  const found = rollback()
  assert.ok(!('refused' in found))
  assert.equal(found.patch, null)
  assert.deepEqual(found.parameters, { revision: 1, replicaSet: 'cart-1' })
  assert.deepEqual(found.changes, [
    {
      pointer: '/spec/template',
      from: { revision: 2, replicaSet: 'uid-cart-2', podTemplateHash: 'hash-2' },
      to: { revision: 1, replicaSet: 'uid-cart-1', podTemplateHash: 'hash-1' },
    },
  ])
  assert.equal(
    found.effect,
    'rolls Deployment shop/cart back from revision 2 to revision 1 (app: web:2 → web:1); the template is read from ReplicaSet cart-1 when it is done',
  )
})

const annotations = { 'deployment.kubernetes.io/revision': '2' }
const ROLLBACKS: [what: string, outcome: string, change: Change, looked?: object][] = [
  ['no earlier revision is available', 'no-available-revision', { old: { status: { availableReplicas: 0 } } }],
  ['the earlier revision has no hash to bind', 'no-available-revision', { old: { labels: {} } }],
  [
    'the only other revision is newer',
    'no-available-revision',
    { old: { annotations: { 'deployment.kubernetes.io/revision': '3' } } },
  ],
  [
    'the revision of a ReplicaSet is no number',
    'no-available-revision',
    { old: { annotations: { 'deployment.kubernetes.io/revision': 'x' } } },
  ],
  [
    'the present revision was not found',
    'not-seen',
    { deployment: { annotations: { 'deployment.kubernetes.io/revision': '7' } } },
  ],
  ['the Deployment states no revision', 'not-seen', { deployment: { annotations: {} } }],
  [
    'its controller has not seen its newest template',
    'not-seen',
    { deployment: { annotations, metadata: { generation: 9 } } },
  ],
  ['it is paused', 'paused', { deployment: { annotations, spec: { paused: true } } }],
  ['ReplicaSets were not looked at', 'not-seen', {}, { listed: ['pods', 'deployments.apps'] }],
]

for (const [what, outcome, change, looked] of ROLLBACKS) {
  test(`rollback-workload: ${what}: ${outcome}`, () => assert.equal(rollbackRefusal(change, looked), outcome))
}

test('rollback-workload: not to a revision whose own pods are broken', () => {
  const { top, all, old } = rollout()
  const { broken } = rollout({ pod: { owner: old } })
  const others = all.map((object) => (object.metadata['uid'] === broken.metadata['uid'] ? broken : object))
  assert.equal(
    refusalOf({ action: 'rollback-workload', on: top, others, finding: { of: [broken] } }),
    'no-available-revision',
  )
})

test('rollback-workload: another revision by parameters, when it is available too', () => {
  const { top, all } = rollout()
  const to = (revision: number, set: string) =>
    refusalOf({ action: 'rollback-workload', on: top, others: all, parameters: { revision, replicaSet: set } })
  assert.equal(to(1, 'cart-1'), 'planned')
  assert.equal(to(1, 'cart-2'), 'no-available-revision')
  assert.equal(to(2, 'cart-2'), 'no-available-revision')
  assert.equal(to(9, 'cart-9'), 'no-available-revision')
})

const scale = (on: Raw, replicas?: number) =>
  refusalOf({ action: 'scale-workload', on, ...(replicas !== undefined && { parameters: { replicas } }) })

test('scale-workload: from one to twice, never from or to zero', () => {
  const three = of(deployment, { replicas: 3 })
  for (const [to, outcome] of [
    [1, 'planned'],
    [6, 'planned'],
    [7, 'out-of-bounds'],
    [3, 'already-done'],
    [0, 'out-of-bounds'],
  ] as const)
    assert.equal(scale(three, to), outcome)
  assert.equal(scale(of(deployment, { replicas: 0 }), 1), 'at-zero')
  assert.equal(scale(three), 'no-proposal')
  const fleet = customObject('acme.io/v1', 'Fleet')
  assert.equal(scale(of(deployment, { replicas: 3 }, { owner: fleet }), 4), 'has-controller')
})

test('scale-workload: fewer replicas never delete claims', () => {
  const deletes = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }
  assert.equal(scale(of(statefulSet, { replicas: 3, ...deletes }), 2), 'deletes-claims')
  assert.equal(scale(of(statefulSet, { replicas: 3, ...deletes }), 4), 'planned')
  assert.equal(scale(of(statefulSet, { replicas: 3 }), 2), 'planned')
})

test('pause-rollout: while there is one', () => {
  const pause = (change: Change) => {
    const { top, all } = rollout(change)
    return refusalOf({ action: 'pause-rollout', on: top, others: all })
  }
  const whole = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
  const at = (status: object) => ({ deployment: { metadata: { generation: 1 }, spec: { replicas: 3 }, status } })
  assert.equal(pause({}), 'planned')
  assert.equal(pause(at(whole)), 'no-rollout')
  assert.equal(pause(at({ ...whole, observedGeneration: 0 })), 'planned')
  assert.equal(pause(at({ ...whole, updatedReplicas: 2 })), 'planned')
  assert.equal(pause(at({ ...whole, replicas: 4 })), 'planned')
  assert.equal(pause(at({ ...whole, availableReplicas: 0 })), 'no-rollout')
  assert.equal(pause(at({ ...whole, replicas: 0, updatedReplicas: 0 })), 'no-rollout')
  assert.equal(pause({ deployment: { spec: { paused: true } } }), 'already-done')
})
