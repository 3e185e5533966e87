import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  autoscaler,
  claim,
  cronJob,
  customObject,
  deployment,
  job,
  pod,
  statefulSet,
  volume,
  type Raw,
  type Seed,
} from '../../support/build.ts'
import { planOf, refusalOf } from '../../support/plans.ts'
import { worker } from '../../support/situations.ts'

const cordoned = { spec: { unschedulable: true } }
const ours = { annotations: { 'dogwatch.io/cordoned': 'x' } }
const NOT_READY = { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }

test('cordon-node: leaves at least one other node that takes pods', () => {
  const cordon = (on: Raw, others: readonly Raw[], looked = {}) =>
    refusalOf({ action: 'cordon-node', on, others, looked })
  assert.equal(cordon(worker('a'), [worker('b')]), 'planned')
  assert.equal(cordon(worker('a'), []), 'no-other-node')
  assert.equal(cordon(worker('a'), [worker('b', cordoned), worker('c', NOT_READY)]), 'no-other-node')
  assert.equal(cordon(worker('a', cordoned), [worker('b')]), 'already-done')
  assert.equal(cordon(worker('a'), [worker('b')], { namespaces: ['shop'] }), 'not-seen')
})

test('uncordon-node: only what dogwatch cordoned, and only when it is well', () => {
  const uncordon = (seed: Seed) => refusalOf({ action: 'uncordon-node', on: worker('a', seed) })
  assert.equal(uncordon({ ...cordoned, ...ours }), 'planned')
  assert.equal(uncordon(cordoned), 'not-ours')
  assert.equal(uncordon(ours), 'already-done')
  assert.equal(uncordon({ ...cordoned, ...ours, ...NOT_READY }), 'not-ready')
  const { patch } = planOf({ action: 'uncordon-node', on: worker('a', { ...cordoned, ...ours }) })
  assert.deepEqual(patch?.body, {
    metadata: { uid: 'node-a', annotations: { 'dogwatch.io/cordoned': null } },
    spec: { unschedulable: null },
  })
})

test('annotate-object: once', () => {
  const mark = (annotations: Record<string, string>) =>
    refusalOf({ action: 'annotate-object', on: deployment({ uid: 'd', annotations }) })
  assert.equal(mark({}), 'planned')
  assert.equal(mark({ 'dogwatch.io/finding': 'other' }), 'planned')
  assert.equal(mark({ 'dogwatch.io/finding': 'some-rule-0a1b2c3d' }), 'already-done')
})

const done = (type: string, seed: Seed = {}) =>
  job({ name: 'load', uid: 'j', status: { conditions: [{ type, status: 'True' }] }, ...seed })

test('delete-job: a finished one that does not go by itself', () => {
  const remove = (on: Raw) => refusalOf({ action: 'delete-job', on })
  assert.equal(remove(done('Failed')), 'planned')
  assert.equal(remove(done('Complete', { owner: cronJob({ name: 'nightly', uid: 'c' }) })), 'planned')
  assert.equal(remove(done('Suspended')), 'not-finished')
  assert.equal(remove(job({ uid: 'j', status: { conditions: [{ type: 'Failed', status: 'False' }] } })), 'not-finished')
  assert.equal(remove(done('Failed', { spec: { ttlSecondsAfterFinished: 0 } })), 'goes-by-itself')
})

test('delete-job: says of whom, and what goes with it', () => {
  const nightly = cronJob({ name: 'nightly', uid: 'c' })
  const on = done('Failed', { owner: nightly })
  const pods = [pod({ name: 'a', uid: 'a', owner: on }), pod({ name: 'b', uid: 'b', owner: on })]
  assert.equal(
    planOf({ action: 'delete-job', on, others: [nightly, ...pods] }).effect,
    'deletes Job shop/load of CronJob nightly (Failed) with 2 pods and the logs',
  )
})

const scaler = (spec: object, rest: Seed = {}) => autoscaler({ uid: 'h', spec: { scaleTargetRef: spec }, ...rest })

test('delete-autoscaler: only when its target is known not to exist', () => {
  const remove = (on: Raw, others: readonly Raw[] = [], looked = {}) =>
    refusalOf({ action: 'delete-autoscaler', on, others, looked })
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' }
  assert.equal(remove(scaler(target)), 'planned')
  assert.equal(remove(scaler(target), [deployment({ name: 'cart', namespace: 'web' })]), 'planned')
  assert.equal(remove(scaler(target), [deployment({ name: 'cart' })]), 'in-use')
  const blind = { 'deployments.apps': { unknown: 'forbidden', detail: 'forbidden' } as const }
  assert.equal(remove(scaler(target), [], { blind }), 'not-seen')
  assert.equal(remove(scaler({ ...target, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' })), 'not-seen')
  assert.equal(remove(scaler({})), 'not-seen')
  const owner = customObject('keda.sh/v1alpha1', 'ScaledObject')
  assert.equal(remove(scaler(target, { owner })), 'has-controller')
})

const bound = { spec: { volumeName: 'pv', storageClassName: '' }, status: { phase: 'Bound' } }
const disk = (policy: string) => volume({ name: 'pv', spec: { persistentVolumeReclaimPolicy: policy } })
const running = pod({ name: 'other', uid: 'o', status: { phase: 'Running' } })
const mounts = (name: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: name } }] })

test('delete-claim: only what nothing refers to, and what becomes of the data is part of the plan', () => {
  const on = claim({ name: 'data', uid: 'c', ...bound })
  const deleted = planOf({ action: 'delete-claim', on, others: [disk('Delete'), running] })
  assert.deepEqual(deleted.parameters, { volume: 'pv', reclaimPolicy: 'Delete' })
  assert.equal(
    deleted.effect,
    'deletes PersistentVolumeClaim shop/data; its volume pv goes with it (Delete): the data is destroyed',
  )
  const kept = planOf({ action: 'delete-claim', on, others: [disk('Retain'), running] })
  assert.match(kept.effect, /its volume pv stays \(Retain\)/)
  assert.notEqual(deleted.planHash, kept.planHash)
})

test('delete-claim: refuses what is used, may be used, or cannot be known', () => {
  const on = claim({ name: 'data', uid: 'c', ...bound })
  const remove = (others: readonly Raw[], looked = {}, target = on) =>
    refusalOf({ action: 'delete-claim', on: target, others: [disk('Delete'), running, ...others], looked })
  assert.equal(remove([]), 'planned')
  assert.equal(remove([pod({ name: 'user', uid: 'u', spec: mounts('data'), status: { phase: 'Pending' } })]), 'in-use')
  assert.equal(
    remove([pod({ name: 'user', uid: 'u', spec: mounts('data'), status: { phase: 'Succeeded' } })]),
    'in-use',
  )
  assert.equal(remove([deployment({ spec: { replicas: 0, template: { spec: mounts('data') } } })]), 'in-use')
  const yearly = { jobTemplate: { spec: { template: { spec: mounts('data') } } } }
  assert.equal(remove([cronJob({ spec: yearly })]), 'in-use')
  const template = { metadata: { name: 'data' }, spec: {} }
  const stopped = statefulSet({ name: 'db', spec: { replicas: 0, volumeClaimTemplates: [template] } })
  const left = claim({ name: 'data-db-0', uid: 'c', ...bound })
  assert.equal(remove([stopped], {}, left), 'in-use')
  for (const kind of ['pods', 'statefulsets.apps', 'cronjobs.batch', 'jobs.batch'])
    assert.equal(remove([], { blind: { [kind]: { unknown: 'forbidden', detail: 'forbidden' } as const } }), 'not-seen')
  const unseen = refusalOf({ action: 'delete-claim', on, others: [running] })
  assert.equal(unseen, 'not-seen')
})

test('delete-claim: an approval for what is kept is none for what is destroyed', () => {
  const on = claim({ name: 'data', uid: 'c', ...bound })
  const parameters = { volume: 'pv', reclaimPolicy: 'Retain' }
  const outcome = (policy: string) =>
    refusalOf({ action: 'delete-claim', on, others: [disk(policy), running], parameters })
  assert.deepEqual([outcome('Retain'), outcome('Delete')], ['planned', 'out-of-bounds'])
})
