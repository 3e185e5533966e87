import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
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

const NOT_READY = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }
const EVICTED = { phase: 'Failed', reason: 'Evicted' }
const cart = deployment({ name: 'cart', uid: 'd' })
const set = (seed: Seed = {}) =>
  replicaSet({ name: 'cart-1', uid: 'rs', owner: cart, spec: { replicas: 2 }, status: {}, ...seed })
const one = (seed: Seed = {}) => pod({ name: 'cart-1-x', uid: 'p', owner: set(), status: NOT_READY, ...seed })
const running = (name: string, owner: Raw, seed: Seed = {}) =>
  pod({ name, uid: name, owner, status: { phase: 'Running' }, ...seed })

const evict = (on: Raw, others: readonly Raw[] = [cart, set()]) => refusalOf({ action: 'evict-pod', on, others })

test('evict-pod: a pod that does not serve and that its ReplicaSet, StatefulSet or DaemonSet makes anew', () => {
  assert.equal(evict(one()), 'planned')
  assert.equal(evict(one({ status: { phase: 'Pending' } })), 'planned')
  for (const owner of [statefulSet({ uid: 's' }), daemonSet({ uid: 's' })])
    assert.equal(evict(one({ owner }), [owner]), 'planned')
  assert.equal(
    planOf({ action: 'evict-pod', on: one(), others: [cart, set()] }).effect,
    'evicts Pod shop/cart-1-x; ReplicaSet cart-1 makes a new one',
  )
})

test('evict-pod: never what serves, nor what nothing would make anew', () => {
  assert.equal(evict(one({ status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })), 'serving')
  assert.equal(evict(pod({ name: 'bare', uid: 'p', status: NOT_READY })), 'no-controller')
  assert.equal(evict(one(), []), 'no-controller')
  assert.equal(evict(one(), [cart, set({ uid: 'other' })]), 'no-controller')
  assert.equal(evict(one(), [cart, set({ spec: { replicas: 0 } })]), 'not-replaced')
  assert.equal(evict(one(), [cart, set({ deleted: '2026-11-21T11:59:00Z' })]), 'not-replaced')
  const load = job({ name: 'load', uid: 'j' })
  assert.equal(evict(one({ owner: load }), [load]), 'not-replaced')
  const fleet = customObject('acme.io/v1', 'Fleet', { uid: 'f' })
  assert.equal(evict(one({ owner: fleet }), [fleet]), 'not-replaced')
  assert.equal(evict(one({ status: EVICTED })), 'finished')
  assert.equal(evict(one({ deleted: '2026-11-21T11:59:00Z' })), 'terminating')
})

test('evict-pod: data on the node and marks not to disturb are kept, unless the pod says that it may go', () => {
  const safe = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' }
  for (const volume of [
    { name: 'd', emptyDir: {} },
    { name: 'd', hostPath: { path: '/x' } },
  ]) {
    const spec = { volumes: [volume] }
    assert.equal(evict(one({ spec })), 'local-storage')
    assert.equal(evict(one({ spec, annotations: safe })), 'planned')
  }
  const claims = {
    volumes: [
      { name: 'd', persistentVolumeClaim: { claimName: 'x' } },
      { name: 'c', configMap: { name: 'x' } },
    ],
  }
  assert.equal(evict(one({ spec: claims })), 'planned')
  const marks = [
    { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
    { 'karpenter.sh/do-not-disrupt': 'true' },
  ]
  for (const annotations of marks) assert.equal(evict(one({ annotations })), 'do-not-disrupt')
})

const remove = (on: Raw, others: readonly Raw[], looked = {}) => refusalOf({ action: 'delete-pod', on, others, looked })

test('delete-pod: a failed pod that its controller has replaced', () => {
  const rs = set()
  const two = [running('a', rs), running('b', rs)]
  assert.equal(remove(one({ status: EVICTED }), [cart, rs, ...two]), 'planned')
  assert.equal(remove(one({ status: { phase: 'Failed' } }), [cart, rs, ...two]), 'planned')
  assert.equal(remove(one({ status: EVICTED }), [cart, set({ spec: { replicas: 0 } })]), 'planned')
  const planned = planOf({ action: 'delete-pod', on: one({ status: EVICTED }), others: [cart, rs, ...two] })
  assert.equal(planned.effect, 'deletes Pod shop/cart-1-x (Evicted), which ReplicaSet cart-1 has replaced')
})

test('delete-pod: not before it is replaced, and only pods that count', () => {
  const rs = set()
  const failed = one({ status: EVICTED })
  assert.equal(remove(failed, [cart, rs, running('a', rs)]), 'not-replaced')
  const leaving = running('b', rs, { deleted: '2026-11-21T11:59:00Z' })
  const ended = running('c', rs, { status: { phase: 'Failed' } })
  assert.equal(remove(failed, [cart, rs, running('a', rs), leaving, ended]), 'not-replaced')
  const blind = { blind: { pods: { unknown: 'forbidden', detail: 'pods: forbidden' } } }
  assert.equal(remove(failed, [cart, rs, running('a', rs), running('b', rs)], blind), 'not-seen')
})

test('delete-pod: a DaemonSet has replaced it when another runs on the same node', () => {
  const agent = daemonSet({ name: 'agent', uid: 'ds' })
  const failed = one({ owner: agent, status: EVICTED, spec: { nodeName: 'n1' } })
  assert.equal(remove(failed, [agent, running('a', agent, { spec: { nodeName: 'n2' } })]), 'not-replaced')
  assert.equal(remove(failed, [agent, running('a', agent, { spec: { nodeName: 'n1' } })]), 'planned')
})

test('delete-pod: not what runs, has succeeded, belongs to a Job or to nobody', () => {
  assert.equal(remove(one(), [cart, set()]), 'not-finished')
  assert.equal(remove(one({ status: { phase: 'Succeeded' } }), [cart, set()]), 'not-finished')
  const load = job({ name: 'load', uid: 'j' })
  assert.equal(remove(one({ owner: load, status: EVICTED }), [load]), 'not-replaced')
  assert.equal(remove(pod({ uid: 'p', status: EVICTED }), []), 'no-controller')
})

test('delete-finished-pod: a pod that has ended and that nobody looks after', () => {
  const finished = (seed: Seed) => refusalOf({ action: 'delete-finished-pod', on: pod({ uid: 'p', ...seed }) })
  assert.equal(finished({ status: { phase: 'Failed' } }), 'planned')
  assert.equal(finished({ status: { phase: 'Succeeded' } }), 'planned')
  assert.equal(finished({ status: { phase: 'Running' } }), 'not-finished')
  assert.equal(finished({}), 'not-finished')
  assert.equal(finished({ owner: set(), status: { phase: 'Failed' } }), 'has-controller')
})
