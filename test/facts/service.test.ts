import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  cronJob,
  customObject,
  daemonSet,
  deployment,
  endpointSlice,
  job,
  pod,
  replicaSet,
  service,
  snapshotOf,
  statefulSet,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const WEB = { kind: 'service', name: 'web' } as const
const LABELS = { app: 'web' }

const web = (seed: Seed = {}): Raw =>
  service({ name: 'web', spec: { selector: LABELS, clusterIP: '10.0.0.1' }, ...seed })
const slice = (...ready: (boolean | undefined)[]): Raw =>
  endpointSlice({
    name: 'web-1',
    labels: { 'kubernetes.io/service-name': 'web' },
    endpoints: ready.length === 0 ? null : ready.map((one) => ({ conditions: { ready: one } })),
  })
const backend = (status: 'True' | 'False', seed: Seed = {}): Raw =>
  pod({
    name: 'web-a',
    labels: LABELS,
    status: { phase: 'Running', conditions: [{ type: 'Ready', status, lastTransitionTime: ago('20m') }] },
    ...seed,
  })
const template = (labels: object, replicas?: number): Seed => ({
  spec: { replicas, template: { metadata: { labels } } },
})
const maker = (labels: object = LABELS, replicas = 2): Raw => deployment({ name: 'web', ...template(labels, replicas) })

const fault = (...objects: Raw[]): unknown => valueOf('endpointFault', WEB, snapshotOf(objects))

test('a ready endpoint is enough, and one that does not say is ready', () => {
  assert.equal(fault(web(), slice(false, true)), null)
  assert.equal(fault(web(), slice(undefined)), null)
  assert.equal(valueOf('readyEndpoints', WEB, snapshotOf([web(), slice(true, false, undefined)])), 2)
})

test('a Service that selects nothing, or points elsewhere, is not for Kubernetes to fill', () => {
  for (const spec of [
    {},
    { selector: {} },
    { type: 'ExternalName', externalName: 'db.example.test', selector: LABELS },
  ])
    assert.equal(fault(web({ spec })), null, JSON.stringify(spec))
})

test('pods that are there and not ready, since the last of them was', () => {
  const reading = readingOf('endpointFault', WEB, snapshotOf([web(), slice(), backend('False')]))
  assert.deepEqual(reading, { value: 'no-pod-ready', since: Date.parse(ago('20m')) })
  assert.equal(fault(web(), slice(false), backend('False'), maker()), 'no-pod-ready')
})

test('ready pods that nobody publishes', () => {
  assert.equal(fault(web(), slice(), backend('True')), 'not-published')
})

test('pods that ended or are being deleted do not count', () => {
  const gone = [
    backend('False', { deleted: ago('1m') }),
    backend('False', { name: 'web-b', status: { phase: 'Failed' } }),
  ]
  assert.equal(fault(web(), ...gone), 'no-pod-matches')
  assert.equal(valueOf('matchingPods', WEB, snapshotOf([web(), ...gone, backend('True', { name: 'web-c' })])), 1)
})

test('a workload that should have pods and has none', () => {
  assert.equal(fault(web(), maker()), 'no-pod-ready')
  const rollout = customObject('argoproj.io/v1alpha1', 'Rollout', { name: 'web', ...template(LABELS, 2) })
  assert.equal(fault(web(), rollout), 'no-pod-ready')
})

test('what sleeps is right to have no endpoints', () => {
  const asleep: Raw[] = [
    maker(LABELS, 0),
    statefulSet({ name: 'web', ...template(LABELS, 0) }),
    replicaSet({ name: 'web', ...template(LABELS, 0) }),
    daemonSet({ name: 'web', ...template(LABELS), status: { desiredNumberScheduled: 0 } }),
    job({ name: 'web', ...template(LABELS) }),
    cronJob({ name: 'web', spec: { jobTemplate: template(LABELS) } }),
    customObject('argoproj.io/v1alpha1', 'Rollout', { name: 'web', ...template(LABELS, 0) }),
  ]
  for (const one of asleep) assert.equal(fault(web(), slice(), one), null, one.kind)
})

test('an older ReplicaSet with the labels of the past does not excuse a Deployment that lost them', () => {
  const top = maker({ app: 'website' })
  const old = replicaSet({ name: 'web-1', owner: top, ...template(LABELS, 0) })
  assert.equal(fault(web(), top, old), 'no-pod-matches')
})

test('the Services of an operator may wait for a role that nobody has', () => {
  const cluster = customObject('postgresql.cnpg.io/v1', 'Cluster', { name: 'db' })
  const selector = { 'cnpg.io/cluster': 'db', 'cnpg.io/instanceRole': 'replica' }
  assert.equal(fault(web({ owner: cluster, spec: { selector } }), cluster), null)
  assert.equal(fault(web({ spec: { selector: { ...LABELS, role: 'replica' } } }), maker(), backend('True')), null)
  assert.equal(fault(web({ spec: { selector: { ...LABELS, role: 'replica' } } }), maker()), 'no-pod-ready')
  assert.equal(fault(web({ spec: { selector: { ...LABELS, role: 'replica' } } }), maker(LABELS, 0)), null)
})

test('a Service of one pod of a StatefulSet that was scaled down', () => {
  const selector = { 'statefulset.kubernetes.io/pod-name': 'web-2' }
  assert.equal(fault(web({ spec: { selector } })), null)
  const set = statefulSet({ name: 'web', ...template(LABELS, 1) })
  assert.equal(fault(web({ spec: { selector: { ...LABELS, ...selector } } }), set, backend('True')), null)
})

test('a selector that matches nothing is told with what comes nearest', () => {
  const told = (selector: object, ...objects: Raw[]): unknown[] =>
    ['endpointFault', 'serviceSelector', 'nearestWorkload'].map((fact) =>
      valueOf(fact, WEB, snapshotOf([web({ spec: { selector } }), ...objects])),
    )
  const front = deployment({ name: 'front', ...template({ app: 'front', tier: 'web' }, 1) })
  const api = statefulSet({ name: 'api', ...template({ app: 'api', tier: 'web' }, 1) })
  assert.deepEqual(told({ app: 'fornt', tier: 'web' }, front, api), [
    'no-pod-matches',
    'app=fornt,tier=web',
    'Deployment front with app=front,tier=web',
  ])
  assert.deepEqual(told({ app: 'webb' }, maker()), ['no-pod-matches', 'app=webb', 'Deployment web with app=web'])
  assert.deepEqual(told({ name: 'web' }, maker()), ['no-pod-matches', 'name=web', 'Deployment web with app=web'])
  assert.deepEqual(told({ app: 'other' }, maker()), ['no-pod-matches', 'app=other', null])
  assert.deepEqual(told({ app: 'web' }, maker(LABELS, 1)).slice(2), ['Deployment web with app=web'])
})

test('objects of other namespaces neither fill nor excuse a Service', () => {
  const elsewhere = [maker(), backend('True')].map((raw) => ({
    ...raw,
    metadata: { ...raw.metadata, namespace: 'other', uid: `other/${raw.kind}` },
  }))
  assert.equal(fault(web(), ...elsewhere), 'no-pod-matches')
})

test('what nobody looked at could be what the Service waits for', () => {
  const listed = ['services', 'pods', 'endpointslices.discovery.k8s.io', 'deployments.apps']
  assert.deepEqual(valueOf('endpointFault', WEB, snapshotOf([web()], { listed })), { unknown: 'not-listed' })
})

test('the recordings', () => {
  const told = (name: string, from: string): unknown =>
    valueOf('endpointFault', { kind: 'service', name }, recording(from))
  assert.equal(told('front', 'healthy'), null)
  assert.equal(told('web', 'rollout-stuck'), null)
  assert.equal(told('profile', 'readiness'), 'no-pod-ready')
})
