import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  autoscaler,
  cronJob,
  customObject,
  daemonSet,
  deployment,
  job,
  pod,
  replicaSet,
  statefulSet,
  type Raw,
  type Seed,
} from '../../support/build.ts'
import { planOf, refusalOf } from '../../support/plans.ts'

const quarantine = (on: Raw, others: readonly Raw[] = []) => refusalOf({ action: 'quarantine-workload', on, others })
const THREE = { spec: { replicas: 3 } }
const cart = (seed: Seed = {}) => deployment({ name: 'cart', uid: 'd', ...THREE, ...seed })

test('Deployment, ReplicaSet without owner and StatefulSet go to zero, with the number in the same write', () => {
  for (const on of [cart(), replicaSet({ uid: 'r', ...THREE }), statefulSet({ uid: 's', ...THREE })]) {
    const { patch } = planOf({ action: 'quarantine-workload', on })
    assert.equal(patch?.contentType, 'application/merge-patch+json')
    assert.deepEqual(patch.body, {
      metadata: {
        uid: on.metadata['uid'],
        annotations: { 'dogwatch.io/replicas': '3', 'dogwatch.io/quarantine': 'some-rule-0a1b2c3d' },
      },
      spec: { replicas: 0 },
    })
  }
  assert.equal(
    planOf({ action: 'quarantine-workload', on: cart() }).effect,
    'scales Deployment shop/cart from 3 to 0 replicas',
  )
})

test('what is not written is one replica, as the API server takes it', () => {
  const { changes } = planOf({ action: 'quarantine-workload', on: cart({ spec: {} }) })
  assert.ok(changes.some(({ pointer, to }) => pointer.endsWith('~1replicas') && to === '1'))
})

test('Job and CronJob are suspended', () => {
  for (const on of [job({ uid: 'j', spec: { suspend: false } }), cronJob({ uid: 'c', spec: {} })]) {
    const { patch } = planOf({ action: 'quarantine-workload', on })
    assert.deepEqual(patch?.body['spec'], { suspend: true })
    assert.match(JSON.stringify(patch), /"dogwatch.io\/suspend":"false"/)
  }
})

const LABELLED = { 'app.kubernetes.io/managed-by': 'keda-operator' }
const hpa = (spec: object, rest: Seed = {}) =>
  autoscaler({
    name: 'hpa',
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' }, ...spec },
    ...rest,
  })
const awake = { status: { conditions: [{ type: 'ScaledToZero', status: 'True' }] } }
const deletes = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }
const retains = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Delete' } }
const rollout = customObject('argoproj.io/v1alpha1', 'Rollout', { uid: 'ro' })
const nightly = cronJob({ uid: 'c' })
const done = (type: string) => ({ status: { conditions: [{ type, status: 'True' }] } })

const TABLE: [what: string, outcome: string, on: Raw, others?: Raw[]][] = [
  ['a DaemonSet has no replicas', 'wrong-kind', daemonSet({ uid: 'x' })],
  ['a bare pod is not made anew', 'wrong-kind', pod({ uid: 'x' })],
  ['a custom object needs its own way', 'wrong-kind', rollout],
  ['at zero there is no number to save', 'at-zero', cart({ spec: { replicas: 0 } })],
  ['twice would overwrite the number', 'already-done', cart({ annotations: { 'dogwatch.io/quarantine': 'x' } })],
  [
    'a StatefulSet whose claims go with its pods',
    'deletes-claims',
    statefulSet({ uid: 's', spec: { replicas: 3, ...deletes } }),
  ],
  ['a StatefulSet whose claims stay', 'planned', statefulSet({ uid: 's', spec: { replicas: 3, ...retains } })],
  ['a ReplicaSet under a Deployment', 'has-controller', replicaSet({ uid: 'r', owner: cart() }), [cart()]],
  ['a ReplicaSet under an owner that is not there', 'has-controller', replicaSet({ uid: 'r', owner: rollout })],
  ['a Deployment under a custom owner', 'has-controller', cart({ owner: rollout }), [rollout]],
  ['a Job under a CronJob', 'has-controller', job({ uid: 'j', owner: nightly }), [nightly]],
  ['a Job that failed', 'finished', job({ uid: 'j', ...done('Failed') })],
  ['a Job that is complete', 'finished', job({ uid: 'j', ...done('Complete') })],
  ['a Job that is suspended', 'already-done', job({ uid: 'j', spec: { suspend: true } })],
  ['a CronJob that is suspended', 'already-done', cronJob({ uid: 'c', spec: { suspend: true } })],
  ['an autoscaler takes a zero for a pause', 'planned', cart(), [hpa({ minReplicas: 2 })]],
  ['an autoscaler that may go to zero', 'autoscaler-wakes', cart(), [hpa({ minReplicas: 0 })]],
  ['an autoscaler that went to zero', 'autoscaler-wakes', cart(), [hpa({ minReplicas: 1 }, awake)]],
  ['an autoscaler of KEDA', 'autoscaler-wakes', cart(), [hpa({ minReplicas: 1 }, { labels: LABELLED })]],
  [
    'an autoscaler owned by a ScaledObject',
    'autoscaler-wakes',
    cart(),
    [hpa({}, { owner: customObject('keda.sh/v1alpha1', 'ScaledObject') })],
  ],
]

for (const [what, outcome, on, others] of TABLE) {
  test(`${what}: ${outcome}`, () => assert.equal(quarantine(on, others), outcome))
}
