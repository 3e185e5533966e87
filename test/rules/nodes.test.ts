import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, deployed, endpointSlice, node, pod, service, snapshotOf, type Raw, type Seed } from '../support/build.ts'
import { findingOf, judge, shown } from '../support/judge.ts'
import { recording } from '../support/recordings.ts'

const RESOURCES = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } }

const worker = (name: string, conditions: readonly object[], seed: Seed = {}): Raw =>
  node({ name, status: { conditions, allocatable: { cpu: '4', memory: '8Gi', pods: '110' } }, ...seed })
const is = (type: string, status: string, at = '30m'): object => ({
  type,
  status,
  reason: `Because${type}`,
  lastTransitionTime: ago(at),
})

const FINE = worker('fine', [is('Ready', 'True')])
const lost = (at?: string): Raw =>
  worker('lost', [is('Ready', 'Unknown', at)], {
    spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] },
  })

/** A Deployment of one on a node, whose pod the node controller marked as not ready, and its Service. */
function stranded(at = '30m'): Raw[] {
  const labels = { app: 'cart', 'pod-template-hash': '6d4f' }
  const containers = [{ name: 'app', image: 'cart:1', resources: RESOURCES }]
  const parts = deployed({
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'cart' } },
      template: { metadata: { labels }, spec: { containers } },
    },
    status: { replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 },
    pod: {
      labels,
      spec: { nodeName: 'lost', containers },
      status: {
        phase: 'Running',
        startTime: ago('9h'),
        conditions: [
          { type: 'PodScheduled', status: 'True', lastTransitionTime: ago('9h') },
          { type: 'Ready', status: 'False', lastTransitionTime: ago(at) },
        ],
        containerStatuses: [
          { name: 'app', ready: true, started: true, restartCount: 0, state: { running: { startedAt: ago('9h') } } },
        ],
      },
    },
  })
  const cart = service({ name: 'cart', spec: { selector: { app: 'cart' } } })
  const slice = endpointSlice({
    name: 'cart-1',
    labels: { 'kubernetes.io/service-name': 'cart' },
    endpoints: [{ conditions: { ready: false } }],
  })
  return [parts.deployment, parts.replicaSet, parts.pod, cart, slice]
}

test('node-unhealthy: a lost node explains its pods, their workload and its Service', async () => {
  const snapshot = snapshotOf([FINE, lost(), ...stranded()])
  assert.deepEqual(await shown(snapshot), ['node-unhealthy Node/lost'])
  const { findings } = await judge(snapshot)
  const root = findings.find(({ rule }) => rule.id === 'node-unhealthy')
  assert.equal(root?.state, 'firing')
  const explained = findings.filter(({ state }) => state === 'inhibited')
  assert.ok(explained.some(({ rule }) => rule.id === 'not-ready'))
  for (const { causedBy, rule } of explained) assert.equal(causedBy, root?.id, rule.id)
})

test('node-unhealthy: it explains from pending on, and fires after five minutes', async () => {
  const snapshot = snapshotOf([FINE, lost('2m'), ...stranded('2m')])
  assert.deepEqual(await shown(snapshot), ['node-unhealthy Node/lost'])
  assert.equal((await findingOf('node-unhealthy', snapshotOf([lost('4m')]))).state, 'pending')
  assert.equal((await findingOf('node-unhealthy', snapshotOf([lost('6m')]))).state, 'firing')
})

test('node-unhealthy: pods elsewhere have their own faults', async () => {
  const objects = stranded().map((raw) =>
    raw.kind === 'Pod' ? { ...raw, spec: { ...(raw['spec'] as object), nodeName: 'fine' } } : raw,
  )
  const said = await shown(snapshotOf([FINE, lost(), ...objects]))
  assert.ok(said.includes('node-unhealthy Node/lost'))
  assert.ok(said.includes('not-ready Deployment/cart'), said.join())
})

test('node-unhealthy: what is wrong is said', async () => {
  const cases: readonly (readonly [Raw, RegExp])[] = [
    [worker('n', [is('Ready', 'False')]), /not-ready/],
    [worker('n', [is('Ready', 'True'), is('DiskPressure', 'True')]), /disk-pressure/],
    [worker('n', [is('Ready', 'True'), is('NetworkUnavailable', 'True')]), /network-unavailable/],
  ]
  for (const [one, says] of cases) assert.match((await findingOf('node-unhealthy', snapshotOf([one]))).title, says)
})

test('a cordoned node, a new one and a healthy one say nothing', async () => {
  const cordoned = worker('cordoned', [is('Ready', 'True')], { spec: { unschedulable: true } })
  const problem = worker('noisy', [is('Ready', 'True'), is('KernelDeadlock', 'True')])
  assert.deepEqual(await shown(snapshotOf([FINE, cordoned, problem, worker('new', [])])), [])
})

test('a pod that could run on a lost node alone waits for that node', async () => {
  const waiting = pod({
    name: 'cold',
    spec: { nodeSelector: { pool: 'cold' }, containers: [{ name: 'app', image: 'x:1', resources: RESOURCES }] },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime: ago('20m') }],
    },
  })
  const cold = worker('lost', [is('Ready', 'Unknown')], {
    labels: { pool: 'cold' },
    spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] },
  })
  assert.deepEqual(await shown(snapshotOf([FINE, cold, waiting])), ['node-unhealthy Node/lost'])
  const other = worker('lost', [is('Ready', 'Unknown')], {
    spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] },
  })
  assert.deepEqual(await shown(snapshotOf([FINE, other, waiting])), [
    'node-unhealthy Node/lost',
    'pending-pod Pod/cold',
  ])
})

test('the recordings', async () => {
  assert.deepEqual(await shown(recording('node-lost')), ['node-unhealthy Node/lost-1'])
  assert.ok(!(await shown(recording('cordon'))).includes('node-unhealthy Node/cordoned-1'))
})
