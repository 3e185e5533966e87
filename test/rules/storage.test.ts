import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  claim,
  customObject,
  deployed,
  deployment,
  endpointSlice,
  eventOn,
  job,
  namespace,
  node,
  pod,
  quota,
  service,
  snapshotOf,
  statefulSet,
  storageClass,
  volume,
  type Raw,
} from '../support/build.ts'
import { findingOf, judge, shown } from '../support/judge.ts'

const READY = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: ago('1d') }
const machine = (name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = {}): Raw =>
  node({
    name,
    labels: { 'kubernetes.io/hostname': name, ...labels },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [READY] },
  })

const CLUSTER = [namespace({ name: 'shop' }), machine('node-1'), machine('node-2')]
const RESOURCES = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } }
const container = (requests: Record<string, string> = {}): Record<string, unknown> => ({
  name: 'app',
  image: 'shop/cart:1.4',
  resources: { ...RESOURCES, requests: { ...RESOURCES.requests, ...requests } },
})
const mounting = (claimName: string): Record<string, unknown> => ({
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
})

const NO = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available.' }

const LATE = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }

/** A Deployment of one replica, its pod waiting since so long, and the Service in front of it. */
function waiting(podSpec: Record<string, unknown>, { name = 'cart', since = '20m' } = {}): Raw[] {
  const spec = { containers: [container()], ...podSpec }
  const labels = { app: name }
  const made = ago(since)
  const {
    deployment: top,
    replicaSet,
    pod: one,
  } = deployed({
    name,
    created: made,
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    status: {
      replicas: 1,
      updatedReplicas: 1,
      unavailableReplicas: 1,
      conditions: [
        { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', lastTransitionTime: made },
        ...(since === '1m' ? [] : [{ ...LATE, lastTransitionTime: made }]),
      ],
    },
    pod: {
      created: made,
      labels,
      spec,
      status: { phase: 'Pending', conditions: [{ ...NO, lastTransitionTime: made }] },
    },
  })
  const front = service({ name, created: made, spec: { selector: labels, ports: [{ port: 80 }] } })
  const slice = endpointSlice({ name, labels: { 'kubernetes.io/service-name': name }, endpoints: null })
  return [top, replicaSet, one, front, slice]
}

/** A pod that runs and serves, so that its namespace is not empty. */
const RUNNING = pod({
  name: 'web',
  spec: { nodeName: 'node-1', containers: [container()] },
  status: {
    phase: 'Running',
    conditions: [READY],
    containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: { startedAt: ago('1d') } } }],
  },
})

const bound = (name: string, seed: Record<string, unknown> = {}): Raw[] => [
  claim({
    name,
    created: ago('30d'),
    spec: { volumeName: `pv-${name}`, storageClassName: 'fast', accessModes: ['ReadWriteOnce'] },
    status: { phase: 'Bound', capacity: { storage: '20Gi' } },
    ...seed,
  }),
  volume({
    name: `pv-${name}`,
    spec: { persistentVolumeReclaimPolicy: 'Delete', claimRef: { namespace: 'shop', name } },
    status: { phase: 'Bound' },
  }),
]
const unusedFor = (since: string): Record<string, unknown> => ({
  status: { phase: 'Bound', conditions: [{ type: 'Unused', status: 'True', lastTransitionTime: ago(since) }] },
})

const PENDING: [what: string, objects: Raw[], words: RegExp][] = [
  [
    'cpu',
    waiting({ containers: [container({ cpu: '6' })] }),
    /6 cores of cpu; node-2, the largest of 2 nodes, has 4 allocatable and 4 free/,
  ],
  ['a selector', waiting({ nodeSelector: { disk: 'ssd' } }), /disk=ssd/],
  [
    'a taint',
    [
      ...waiting({ nodeSelector: { pool: 'db' } }),
      machine('db-1', { taints: [{ key: 'db', effect: 'NoSchedule' }] }, { pool: 'db' }),
    ],
    /taint db:NoSchedule of db-1/,
  ],
  [
    'a cordon',
    [...waiting({ nodeSelector: { pool: 'db' } }), machine('db-1', { unschedulable: true }, { pool: 'db' })],
    /db-1, is cordoned/,
  ],
  ['a claim that does not exist', waiting(mounting('notes')), /claim notes does not exist/],
]

for (const [what, objects, words] of PENDING) {
  test(`a pod that no node takes is said once, with its cause: ${what}`, async () => {
    const snapshot = snapshotOf([...CLUSTER, RUNNING, ...objects])
    assert.deepEqual(await shown(snapshot), ['pending-pod Deployment/cart'])
    const finding = await findingOf('pending-pod', snapshot)
    assert.equal(finding.state, 'firing')
    assert.match(finding.message, words)
  })
}

test('a pod that has waited for a minute is pending, and fires in time', async () => {
  const finding = await findingOf(
    'pending-pod',
    snapshotOf([...CLUSTER, ...waiting(mounting('notes'), { since: '1m' })]),
  )
  assert.equal(finding.state, 'pending')
  assert.equal(finding.firesAt, Date.parse(ago('1m')) + 300_000)
})

test('a claim that cannot be filled explains the pod that waits for it', async () => {
  const notes = claim({
    name: 'notes',
    created: ago('20m'),
    spec: { storageClassName: 'nvme' },
    status: { phase: 'Pending' },
  })
  const snapshot = snapshotOf([...CLUSTER, RUNNING, notes, ...waiting(mounting('notes'))])
  assert.deepEqual(await shown(snapshot), ['claim-pending PersistentVolumeClaim/notes'])
  const finding = await findingOf('claim-pending', snapshot)
  assert.equal(finding.state, 'firing')
  assert.match(finding.message, /StorageClass nvme does not exist/)
})

test('a claim that waits for its pod is no fault; what keeps the pod waiting is', async () => {
  const wait = storageClass({ name: 'wait', provisioner: 'x', volumeBindingMode: 'WaitForFirstConsumer' })
  const notes = claim({ name: 'notes', spec: { storageClassName: 'wait' }, status: { phase: 'Pending' } })
  assert.deepEqual(await shown(snapshotOf([...CLUSTER, RUNNING, wait, notes])), [])
  const full = waiting({ ...mounting('notes'), containers: [container({ cpu: '6' })] })
  assert.deepEqual(await shown(snapshotOf([...CLUSTER, RUNNING, wait, notes, ...full])), [
    'pending-pod Deployment/cart',
  ])
})

test('a provisioner that refuses is named', async () => {
  const fast = storageClass({ name: 'fast', provisioner: 'csi', volumeBindingMode: 'Immediate' })
  const notes = claim({
    name: 'notes',
    created: ago('20m'),
    spec: { storageClassName: 'fast' },
    status: { phase: 'Pending' },
  })
  const no = eventOn(notes, {
    reason: 'ProvisioningFailed',
    message: 'disk quota is used up',
    lastTimestamp: ago('1m'),
  })
  const finding = await findingOf('claim-pending', snapshotOf([...CLUSTER, RUNNING, fast, notes, no]))
  assert.match(finding.message, /disk quota is used up/)
})

test('a provisioner gets a quarter of an hour', async () => {
  const fast = storageClass({ name: 'fast', provisioner: 'csi', volumeBindingMode: 'Immediate' })
  const at = async (created: string): Promise<string> => {
    const notes = claim({ name: 'notes', created, spec: { storageClassName: 'fast' }, status: { phase: 'Pending' } })
    return (await findingOf('claim-pending', snapshotOf([...CLUSTER, RUNNING, fast, notes]))).state
  }
  assert.equal(await at(ago('10m')), 'pending')
  assert.equal(await at(ago('15m')), 'firing')
})

test('a lost claim is a claim without a volume', async () => {
  const lost = claim({ name: 'notes', spec: { volumeName: 'gone' }, status: { phase: 'Lost' } })
  const snapshot = snapshotOf([...CLUSTER, RUNNING, lost])
  assert.deepEqual(await shown(snapshot), ['claim-pending PersistentVolumeClaim/notes'])
})

const LEFT: [what: string, objects: Raw[], name: string, words: RegExp][] = [
  [
    'that nothing refers to',
    bound('old'),
    'old',
    /no pod, workload, Job.*holds 20Gi of class fast \(ReadWriteOnce\), volume pv-old, reclaim policy Delete/,
  ],
  [
    'that a smaller StatefulSet left',
    [
      ...bound('data-kafka-2'),
      statefulSet({
        name: 'kafka',
        spec: { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
        status: { replicas: 1, readyReplicas: 1, currentReplicas: 1, updatedReplicas: 1, availableReplicas: 1 },
      }),
    ],
    'data-kafka-2',
    /left by StatefulSet kafka, which now has 1 replica/,
  ],
  [
    'that a StatefulSet left which is gone',
    bound('data-kafka-0', { labels: { app: 'kafka' } }),
    'data-kafka-0',
    /left by StatefulSet kafka, which no longer exists/,
  ],
  [
    'that only ended pods name',
    [...bound('old'), pod({ name: 'done', spec: mounting('old'), status: { phase: 'Succeeded' } })],
    'old',
    /only pods that have ended/,
  ],
]

for (const [what, objects, name, words] of LEFT) {
  test(`a claim ${what} is found, and a look that cannot date it says pending`, async () => {
    const snapshot = snapshotOf([...CLUSTER, RUNNING, ...objects])
    assert.deepEqual(await shown(snapshot), [`orphaned-claim PersistentVolumeClaim/${name}`])
    const finding = await findingOf('orphaned-claim', snapshot)
    assert.equal(finding.state, 'pending')
    assert.match(finding.message, words)
    assert.match(finding.message, /evidence that is missing: since when it is unused/)
  })
}

test('a claim whose condition says that it has been unused for long enough fires', async () => {
  const at = async (since: string, name = 'old', more: Raw[] = []): Promise<string> =>
    (await findingOf('orphaned-claim', snapshotOf([...CLUSTER, RUNNING, ...bound(name, unusedFor(since)), ...more])))
      .state
  assert.equal(await at('8d'), 'firing')
  assert.equal(await at('6d'), 'pending')
  const kafka = statefulSet({
    name: 'kafka',
    spec: { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
  })
  assert.equal(await at('13d', 'data-kafka-1', [kafka]), 'pending')
  assert.equal(await at('15d', 'data-kafka-1', [kafka]), 'firing')
})

test('claims that are wanted are quiet', async () => {
  const rows: Raw[][] = [
    [deployment({ name: 'web', spec: { replicas: 0, template: { spec: mounting('old') } } })],
    [
      customObject('argoproj.io/v1alpha1', 'Rollout', {
        name: 'web',
        spec: { replicas: 0, template: { spec: mounting('old') } },
      }),
    ],
    [job({ name: 'now', spec: { suspend: true, template: { spec: mounting('old') } } })],
  ]
  for (const more of rows)
    assert.deepEqual(await shown(snapshotOf([...CLUSTER, RUNNING, ...bound('old'), ...more])), [])
  const { findings } = await judge(snapshotOf([...CLUSTER, RUNNING, ...bound('old', { deleted: ago('1h') })]))
  assert.ok(!findings.some(({ rule }) => rule.id === 'orphaned-claim'))
})

test('without a look at CronJobs claims are unknown, and the reason is told', async () => {
  const blind = { 'cronjobs.batch': { unknown: 'forbidden', detail: 'cronjobs.batch: forbidden' } } as const
  const { findings, unknown } = await judge(snapshotOf([...CLUSTER, RUNNING, ...bound('old')], { blind }))
  assert.ok(!findings.some(({ rule }) => rule.id === 'orphaned-claim'))
  assert.equal(unknown.find(({ rule }) => rule === 'orphaned-claim')?.reason, 'forbidden')
})

const VOLUMES: [phase: string, policy: string, since: string, state: string | undefined][] = [
  ['Bound', 'Delete', '9d', undefined],
  ['Available', 'Retain', '9d', undefined],
  ['Released', 'Retain', '2h', 'pending'],
  ['Released', 'Retain', '2d', 'firing'],
  ['Released', 'Delete', '5m', 'pending'],
  ['Released', 'Delete', '20m', 'firing'],
  ['Failed', 'Delete', '10m', 'firing'],
]

for (const [phase, policy, since, state] of VOLUMES) {
  test(`a volume ${phase} for ${since} with the policy ${policy} is ${state ?? 'quiet'}`, async () => {
    const one = volume({
      name: 'pv',
      spec: {
        capacity: { storage: '1Gi' },
        persistentVolumeReclaimPolicy: policy,
        claimRef: { namespace: 'shop', name: 'data' },
      },
      status: { phase, lastPhaseTransitionTime: ago(since) },
    })
    const { findings } = await judge(snapshotOf([...CLUSTER, RUNNING, one]))
    assert.equal(findings.find(({ rule }) => rule.id === 'released-volume')?.state, state)
  })
}

test('a quota that is used up is told, one with room or that forbids a kind is not', async () => {
  const at = (hard: string, used: string): Promise<string[]> =>
    shown(
      snapshotOf([
        ...CLUSTER,
        RUNNING,
        quota({ name: 'compact', status: { hard: { pods: hard }, used: { pods: used } } }),
      ]),
    )
  assert.deepEqual(await at('1', '1'), ['quota-full ResourceQuota/compact'])
  assert.deepEqual(await at('2', '1'), [])
  assert.deepEqual(await at('0', '0'), [])
})
