import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Snapshot } from '../../src/cluster/snapshot.ts'
import { nodesWaitedFor } from '../../src/facts/scheduling-diagnosis.ts'
import {
  ago,
  claim,
  eventOn,
  namespace,
  node,
  pod,
  snapshotOf,
  storageClass,
  volume,
  type Looked,
  type Raw,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const WEB = { kind: 'pod', name: 'web' } as const

interface NodeSeed {
  readonly labels?: Record<string, string>
  readonly taints?: readonly Record<string, string>[]
  readonly unschedulable?: boolean
  readonly allocatable?: Record<string, string>
}

const machine = (name: string, { labels = {}, taints = [], unschedulable, allocatable = {} }: NodeSeed = {}): Raw =>
  node({
    name,
    labels: { 'kubernetes.io/hostname': name, ...labels },
    spec: { taints, ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi', ...allocatable } },
  })

const taint = (key: string, value = '', effect = 'NoSchedule'): Record<string, string> => ({ key, value, effect })
const LOST = [taint('node.kubernetes.io/unreachable'), taint('node.kubernetes.io/unreachable', '', 'NoExecute')]

const asks = (requests: Record<string, string>): Record<string, unknown> => ({ name: 'app', resources: { requests } })

const refused = (message = '0/3 nodes are available.', since = ago('10m')): Record<string, unknown> => ({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: since }],
})

/** The pod that waits. */
const web = (spec: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): Raw =>
  pod({
    name: 'web',
    labels: { app: 'web' },
    spec: { containers: [asks({ cpu: '1' })], ...spec },
    status: refused(),
    ...rest,
  })

/** A pod that runs on a node. */
const running = (name: string, nodeName: string, rest: Record<string, unknown> = {}): Raw => {
  const { spec = {}, ...more } = rest as { spec?: Record<string, unknown> }
  return pod({
    name,
    spec: { nodeName, containers: [asks({ cpu: '1' })], ...spec },
    status: { phase: 'Running' },
    ...more,
  })
}

const uses = (claimName: string): Record<string, unknown> => ({
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
})

const bound = (name: string, spec: Record<string, unknown> = {}): Raw[] => [
  claim({ name, spec: { volumeName: `pv-${name}`, accessModes: ['ReadWriteOnce'] }, status: { phase: 'Bound' } }),
  volume({ name: `pv-${name}`, spec: { capacity: { storage: '1Gi' }, ...spec }, status: { phase: 'Bound' } }),
]

const near = (of: 'podAffinity' | 'podAntiAffinity', app: string, topologyKey: string): Record<string, unknown> => ({
  affinity: {
    [of]: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey }],
    },
  },
})

const nodeAffinity = (matchExpressions: readonly unknown[]): Record<string, unknown> => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  },
})

const spread = (maxSkew: number): Record<string, unknown> => ({
  topologySpreadConstraints: [
    {
      maxSkew,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
})

const A = machine('a')
const B = machine('b')
const local = {
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }] }] },
  },
}

const CAUSES: [what: string, objects: Raw[], obstacle: string, words: RegExp][] = [
  [
    'more cores than any node has',
    [web({ containers: [asks({ cpu: '64' })] }), A, machine('big', { allocatable: { cpu: '8' } })],
    'cpu',
    /64 cores of cpu; big, the largest of 2 nodes, has 8 allocatable and 8 free$/,
  ],
  [
    'more cores than are free',
    [web({ containers: [asks({ cpu: '3500m' })] }), A, B, running('x', 'a'), running('y', 'b'), running('z', 'b')],
    'cpu',
    /3500m of cpu; a, the emptiest of 2 nodes, has 4 allocatable and 3 free$/,
  ],
  [
    'pods that have ended do not count',
    [
      web({ containers: [asks({ cpu: '5' })] }),
      A,
      pod({ name: 'x', spec: { nodeName: 'a', containers: [asks({ cpu: '4' })] }, status: { phase: 'Succeeded' } }),
    ],
    'cpu',
    /a, the only node, has 4 allocatable and 4 free$/,
  ],
  [
    'memory',
    [web({ containers: [asks({ memory: '64Gi' })] }), A],
    'memory',
    /64Gi of memory; a, the only node, has 8Gi allocatable/,
  ],
  [
    'ephemeral storage',
    [web({ containers: [asks({ 'ephemeral-storage': '1Ti' })] }), A],
    'ephemeral-storage',
    /1Ti of ephemeral-storage/,
  ],
  [
    'the number of pods',
    [web(), machine('a', { allocatable: { pods: '1' } }), running('x', 'a')],
    'pods',
    /has room for 0 more of its 1 pods$/,
  ],
  ['an init container that needs more', [web({ initContainers: [asks({ cpu: '6' })] }), A], 'cpu', /6 cores of cpu/],
  [
    'sidecars add up with containers',
    [
      web({ initContainers: [{ ...asks({ cpu: '2' }), restartPolicy: 'Always' }], containers: [asks({ cpu: '3' })] }),
      A,
    ],
    'cpu',
    /5 cores of cpu/,
  ],
  ['overhead', [web({ containers: [asks({ cpu: '4' })], overhead: { cpu: '250m' } }), A], 'cpu', /4250m of cpu/],
  ['requests of the pod as a whole', [web({ resources: { requests: { cpu: '5' } } }), A], 'cpu', /5 cores/],
  [
    'cpu and memory at once',
    [web({ containers: [asks({ cpu: '64', memory: '64Gi' })] }), A],
    'cpu',
    /64 cores of cpu; .*; it asks for 64Gi of memory/,
  ],
  [
    'a device that no node offers',
    [web({ containers: [asks({ 'example.com/gpu': '1' })] }), A, B],
    'extended-resource',
    /1 example.com\/gpu; none of 2 nodes that it may use offers any/,
  ],
  [
    'a device that is taken',
    [
      web({ containers: [asks({ 'example.com/gpu': '1' })] }),
      A,
      machine('g', { allocatable: { 'example.com/gpu': '1' } }),
      running('x', 'g', { spec: { containers: [asks({ 'example.com/gpu': '1' })] } }),
    ],
    'extended-resource',
    /g, the only one of 2 nodes that it may use, has 1 allocatable and 0 free/,
  ],
  [
    'devices on tainted nodes',
    [
      web({ containers: [asks({ 'example.com/gpu': '1' })] }),
      A,
      machine('g', { allocatable: { 'example.com/gpu': '1' }, taints: [taint('gpu', 'yes')] }),
    ],
    'taint',
    /taint gpu=yes:NoSchedule of g$/,
  ],
  [
    'a selector that no node meets',
    [web({ nodeSelector: { disk: 'ssd' } }), machine('a', { labels: { disk: 'hdd' } }), B],
    'selector',
    /no node has the label disk=ssd of its node selector; nodes have disk=hdd$/,
  ],
  ['a label that no node has', [web({ nodeSelector: { disk: 'ssd' } }), A], 'selector', /no node has a label disk$/],
  [
    'labels that no node has together',
    [
      web({ nodeSelector: { disk: 'ssd', zone: 'x' } }),
      machine('a', { labels: { disk: 'ssd' } }),
      machine('b', { labels: { zone: 'x' } }),
    ],
    'selector',
    /all labels of its node selector: disk=ssd, zone=x$/,
  ],
  [
    'node affinity',
    [web(nodeAffinity([{ key: 'zone', operator: 'In', values: ['x', 'y'] }])), A, B],
    'affinity',
    /none of 2 nodes satisfies its required node affinity: zone In \[x, y\]$/,
  ],
  [
    'node affinity by number',
    [web(nodeAffinity([{ key: 'cores', operator: 'Gt', values: ['8'] }])), machine('a', { labels: { cores: '8' } })],
    'affinity',
    /cores Gt \[8\]/,
  ],
  [
    'a taint',
    [web(), machine('a', { taints: [taint('dedicated', 'db')] }), machine('b', { taints: [taint('dedicated', 'db')] })],
    'taint',
    /does not tolerate taint dedicated=db:NoSchedule of a and b$/,
  ],
  [
    'a toleration of another value',
    [
      web({ tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'web' }] }),
      machine('a', { taints: [taint('dedicated', 'db')] }),
    ],
    'taint',
    /dedicated=db/,
  ],
  [
    'a cordon, where the selector leaves that node alone',
    [web({ nodeSelector: { pool: 'edge' } }), A, machine('e', { labels: { pool: 'edge' }, unschedulable: true })],
    'cordon',
    /^the only node that it may use, e, is cordoned/,
  ],
  [
    'several cordoned nodes',
    [web(), machine('a', { unschedulable: true }), machine('b', { unschedulable: true })],
    'cordon',
    /^all 2 nodes that it may use are, a and b, cordoned/,
  ],
  [
    'a full node beside a cordoned one',
    [web({ containers: [asks({ cpu: '4' })] }), A, running('x', 'a'), machine('b', { unschedulable: true })],
    'cpu',
    /a, the only one of 2 nodes/,
  ],
  [
    'a lost node',
    [web({ nodeSelector: { pool: 'cold' } }), A, machine('l', { labels: { pool: 'cold' }, taints: LOST })],
    'node-not-ready',
    /the only node that it may use, l, is not ready \(taint node.kubernetes.io\/unreachable:NoSchedule\)/,
  ],
  [
    'a full node beside a lost one',
    [web({ containers: [asks({ cpu: '4' })] }), A, running('x', 'a'), machine('l', { taints: LOST })],
    'cpu',
    /a, the only one/,
  ],
  [
    'a node under pressure',
    [web(), machine('a', { taints: [taint('node.kubernetes.io/disk-pressure')] })],
    'node-pressure',
    /disk-pressure/,
  ],
  [
    'a host port',
    [
      web({ containers: [{ name: 'app', ports: [{ hostPort: 80, containerPort: 80 }] }] }),
      A,
      running('x', 'a', { spec: { containers: [{ name: 'p', ports: [{ hostPort: 80, containerPort: 80 }] }] } }),
    ],
    'port',
    /^on a host port 80\/TCP is taken by shop\/x$/,
  ],
  [
    'anti-affinity of its own',
    [web(near('podAntiAffinity', 'db', 'kubernetes.io/hostname')), A, running('x', 'a', { labels: { app: 'db' } })],
    'anti-affinity',
    /on a its required anti-affinity by kubernetes.io\/hostname keeps it away from shop\/x/,
  ],
  [
    'anti-affinity of another',
    [web(), A, running('x', 'a', { spec: near('podAntiAffinity', 'web', 'kubernetes.io/hostname') })],
    'anti-affinity',
    /the anti-affinity of shop\/x/,
  ],
  [
    'affinity to a pod that is nowhere',
    [web(near('podAffinity', 'db', 'kubernetes.io/hostname')), A, running('x', 'a')],
    'pod-affinity',
    /no pod that its affinity by kubernetes.io\/hostname asks for is there/,
  ],
  [
    'topology spread',
    [
      web(spread(1)),
      machine('a', { labels: { zone: 'x' } }),
      machine('b', { labels: { zone: 'y' }, taints: [taint('t')] }),
      running('p', 'a', { labels: { app: 'web' } }),
    ],
    'topology-spread',
    /zone x already has 1 of such pods, the emptiest domain has 0 and 1 apart is allowed/,
  ],
  ['a claim that does not exist', [web(uses('notes')), A], 'claim-missing', /^claim notes does not exist$/],
  [
    'a claim that is being deleted',
    [web(uses('notes')), claim({ name: 'notes', deleted: ago('1h') }), A],
    'claim-deleting',
    /being deleted/,
  ],
  [
    'a claim without a volume',
    [web(uses('notes')), claim({ name: 'notes', spec: { storageClassName: '' } }), A],
    'claim-unbound',
    /claim notes is not bound: its class is ""/,
  ],
  [
    'a claim of a class that does not exist',
    [web(uses('notes')), claim({ name: 'notes', spec: { storageClassName: 'fast' } }), A],
    'claim-class',
    /StorageClass fast does not exist/,
  ],
  [
    'a volume that does not exist',
    [web(uses('notes')), claim({ name: 'notes', spec: { volumeName: 'pv-1' }, status: { phase: 'Bound' } }), A],
    'claim-unbound',
    /pv-1, which does not exist/,
  ],
  [
    'a claim for one pod alone',
    [
      web(uses('notes')),
      claim({
        name: 'notes',
        spec: { volumeName: 'pv', accessModes: ['ReadWriteOncePod'] },
        status: { phase: 'Bound' },
      }),
      A,
      running('x', 'a', { spec: uses('notes') }),
    ],
    'claim-in-use',
    /ReadWriteOncePod.*pod x uses it/,
  ],
  [
    'a volume in another zone',
    [web(uses('notes')), ...bound('notes', local), machine('a', { labels: { zone: 'y' } }), B],
    'volume-zone',
    /volume pv-notes of claim notes can be used only where zone In \[x\], and none of 2 nodes is there/,
  ],
  [
    'a volume on a cordoned node',
    [web(uses('notes')), ...bound('notes', local), machine('a', { labels: { zone: 'x' }, unschedulable: true }), B],
    'cordon',
    /the only node that it may use, a,/,
  ],
  [
    'a zone where the class makes no volumes',
    [
      web(uses('notes')),
      claim({ name: 'notes', spec: { storageClassName: 'zonal' } }),
      storageClass({
        name: 'zonal',
        provisioner: 'x',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['x'] }] }],
      }),
      A,
    ],
    'volume-zone',
    /the volume for claim notes can be used only where zone In \[x\]/,
  ],
  [
    'local volumes on other nodes',
    [
      web({ ...uses('notes'), nodeSelector: { zone: 'y' } }),
      claim({ name: 'notes', spec: { storageClassName: 'local' } }),
      storageClass({
        name: 'local',
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      }),
      volume({ name: 'disk', spec: { storageClassName: 'local', ...local }, status: { phase: 'Available' } }),
      machine('a', { labels: { zone: 'y' } }),
      machine('b', { labels: { zone: 'x' } }),
    ],
    'volume-zone',
    /volume disk, which fits claim notes,/,
  ],
  ['no nodes', [web()], 'no-nodes', /no nodes/],
  [
    'preemption under way',
    [
      web({ containers: [asks({ cpu: '4' })] }, { status: { ...refused(), nominatedNodeName: 'a' } }),
      A,
      running('x', 'a'),
    ],
    'preemption',
    /pods of lower priority to leave a$/,
  ],
  [
    'a scheduler that never looked',
    [web({ schedulerName: 'mine' }, { status: { phase: 'Pending' } }), A],
    'no-scheduler',
    /scheduler mine, which it names, has not looked at it/,
  ],
  [
    'what is not computed',
    [web({ schedulerName: 'mine', resourceClaims: [{ name: 'gpu' }] }, { status: refused('no\nluck') }), A],
    'unexplained',
    /^a would take it by all that dogwatch computes; scheduler mine has rules of its own; resource claims are not computed; the scheduler says: "no luck"$/,
  ],
]

for (const [what, objects, obstacle, words] of CAUSES) {
  test(`an unscheduled pod: ${what}`, () => {
    const snapshot = snapshotOf([namespace({ name: 'shop' }), ...objects])
    assert.equal(valueOf('schedulingState', WEB, snapshot), 'unscheduled')
    assert.equal(
      valueOf('schedulingObstacle', WEB, snapshot),
      obstacle,
      String(valueOf('schedulingExplanation', WEB, snapshot)),
    )
    assert.match(String(valueOf('schedulingExplanation', WEB, snapshot)), words)
  })
}

const tolerant = { tolerations: [{ operator: 'Exists' }] }
const FITS: [what: string, objects: Raw[]][] = [
  ['a toleration of everything', [web(tolerant), machine('a', { taints: [taint('x', 'y')], unschedulable: true })]],
  ['a taint that only prefers', [web(), machine('a', { taints: [taint('x', 'y', 'PreferNoSchedule')] })]],
  ['exactly what is free', [web({ containers: [asks({ cpu: '3' })] }), A, running('x', 'a')]],
  [
    'fractions that add up',
    [
      web({ containers: ['100m', '200m', '700m'].map((cpu) => asks({ cpu })) }),
      machine('a', { allocatable: { cpu: '1' } }),
    ],
  ],
  ['the first pod of its kind near itself', [web(near('podAffinity', 'web', 'kubernetes.io/hostname')), A]],
  [
    'the same host port of another address',
    [
      web({ containers: [{ name: 'app', ports: [{ hostPort: 80, hostIP: '10.0.0.1' }] }] }),
      A,
      running('x', 'a', { spec: { containers: [{ name: 'p', ports: [{ hostPort: 80, hostIP: '10.0.0.2' }] }] } }),
    ],
  ],
  [
    'the same host port of another protocol',
    [
      web({ containers: [{ name: 'app', ports: [{ hostPort: 53, protocol: 'UDP' }] }] }),
      A,
      running('x', 'a', { spec: { containers: [{ name: 'p', ports: [{ hostPort: 53 }] }] } }),
    ],
  ],
  [
    'anti-affinity in another namespace',
    [
      web(near('podAntiAffinity', 'db', 'kubernetes.io/hostname')),
      A,
      running('x', 'a', { namespace: 'other', labels: { app: 'db' } }),
    ],
  ],
]

for (const [what, objects] of FITS) {
  test(`a node that would do is not blamed: ${what}`, () =>
    assert.equal(valueOf('schedulingObstacle', WEB, snapshotOf(objects)), 'unexplained'))
}

const WAIT_CLASS = storageClass({ name: 'wait', provisioner: 'x', volumeBindingMode: 'WaitForFirstConsumer' })
const WAITING = claim({ name: 'notes', spec: { storageClassName: 'wait' }, status: { phase: 'Pending' } })

const STATES: [what: string, objects: Raw[], state: string][] = [
  ['a pod on a node', [running('web', 'a'), A], 'placed'],
  [
    'a pod bound to a node that never starts it',
    [pod({ name: 'web', spec: { nodeName: 'a' }, status: { phase: 'Pending' } }), A],
    'placed',
  ],
  ['a pod that failed before it was placed', [web({}, { status: { phase: 'Failed' } })], 'ended'],
  ['a deleted pod', [web({}, { deleted: ago('1m') })], 'ended'],
  ['a gated pod', [web({ schedulingGates: [{ name: 'x' }] })], 'gated'],
  [
    'a pod that the scheduler calls gated',
    [
      web(
        {},
        {
          status: {
            phase: 'Pending',
            conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
          },
        },
      ),
    ],
    'gated',
  ],
  [
    'a pod whose volume is made for it',
    [web(uses('notes'), { status: { phase: 'Pending' } }), WAITING, WAIT_CLASS, A],
    'waiting-for-volume',
  ],
  [
    'a pod whose claim waits, on full nodes',
    [web({ ...uses('notes'), containers: [asks({ cpu: '9' })] }), WAITING, WAIT_CLASS, A],
    'unscheduled',
  ],
]

for (const [what, objects, state] of STATES) {
  test(`${what} is ${state}`, () => {
    const snapshot = snapshotOf(objects)
    assert.equal(valueOf('schedulingState', WEB, snapshot), state)
    if (state !== 'unscheduled') assert.equal(valueOf('schedulingObstacle', WEB, snapshot), null)
  })
}

test('a pod has been without a node since the scheduler said so, or since it was made when none did', () => {
  const since = (object: Raw): unknown => {
    const reading = readingOf('schedulingState', WEB, snapshotOf([object, A]))
    return 'value' in reading ? reading.since : undefined
  }
  assert.equal(since(web()), Date.parse(ago('10m')))
  assert.equal(since(web({}, { created: ago('3m'), status: { phase: 'Pending' } })), Date.parse(ago('3m')))
  // A gate that was taken off a minute ago leaves the time at which the condition became False.
  assert.equal(since(web({}, { metadata: { generation: 2 } })), undefined)
})

const NAMESPACED: Looked = { namespaces: ['shop'] }

test('where pods of other namespaces were not looked at, what is free is at most so much', () => {
  const snapshot = snapshotOf([web({ containers: [asks({ cpu: '5' })] }), A], NAMESPACED)
  assert.match(String(valueOf('schedulingExplanation', WEB, snapshot)), /4 allocatable and at most 4 free/)
})

test('where pods of other namespaces were not looked at, the scheduler says what they use up', () => {
  const snapshot = snapshotOf(
    [web({}, { status: refused('0/1 nodes are available: 1 Insufficient cpu.') }), A],
    NAMESPACED,
  )
  assert.equal(valueOf('schedulingObstacle', WEB, snapshot), 'cpu')
  assert.match(
    String(valueOf('schedulingExplanation', WEB, snapshot)),
    /1 core of cpu, and pods of namespaces that were not looked at/,
  )
})

test('affinity to pods of a namespace that was not looked at is not called unmet', () => {
  const affinity = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            labelSelector: { matchLabels: { app: 'db' } },
            topologyKey: 'kubernetes.io/hostname',
            namespaces: ['data'],
          },
        ],
      },
    },
  }
  assert.equal(valueOf('schedulingObstacle', WEB, snapshotOf([web(affinity), A])), 'pod-affinity')
  assert.equal(valueOf('schedulingObstacle', WEB, snapshotOf([web(affinity), A], NAMESPACED)), 'unexplained')
})

test('without nodes to look at there is still the fault, and what the scheduler says', () => {
  const blind = { nodes: { unknown: 'forbidden', detail: 'nodes: forbidden' } } as const
  const snapshot = snapshotOf([web()], { blind })
  assert.equal(valueOf('schedulingState', WEB, snapshot), 'unscheduled')
  assert.match(
    String(valueOf('schedulingExplanation', WEB, snapshot)),
    /^nodes: forbidden; the scheduler says: "0\/3 nodes/,
  )
  const narrow = snapshotOf([web()], NAMESPACED)
  assert.match(String(valueOf('schedulingExplanation', WEB, narrow)), /^no node was looked at/)
})

test('claims that were not looked at are not called missing', () => {
  const blind = { persistentvolumeclaims: { unknown: 'forbidden', detail: 'no' } } as const
  const snapshot = snapshotOf([web(uses('notes')), A], { blind })
  assert.match(String(valueOf('schedulingExplanation', WEB, snapshot)), /claim notes could not be looked at/)
})

test('a provisioner that refuses is the cause of the pod, in its own words', () => {
  const failing = eventOn(WAITING, {
    reason: 'ProvisioningFailed',
    message: 'quota of disks',
    lastTimestamp: ago('1m'),
  })
  const snapshot = snapshotOf([web(uses('notes')), WAITING, WAIT_CLASS, A, failing])
  assert.equal(valueOf('schedulingObstacle', WEB, snapshot), 'claim-unbound')
  assert.match(String(valueOf('schedulingExplanation', WEB, snapshot)), /quota of disks/)
})

test('the nodes that decide are named, and no others', () => {
  const nodes = [machine('a', { unschedulable: true }), machine('b', { taints: [taint('x')] })]
  assert.deepEqual(valueOf('schedulingNodes', WEB, snapshotOf([web(), ...nodes])), ['a'])
  assert.deepEqual(valueOf('schedulingNodes', WEB, snapshotOf([web(uses('notes')), ...nodes])), [])
  assert.deepEqual(valueOf('schedulingNodes', WEB, snapshotOf([running('web', 'a'), ...nodes])), [])
})

test('a pod that only lost nodes would take waits for them, one that a full node would take does not', () => {
  const snapshot = recording('node-lost')
  const lost = snapshot.all('pods').flatMap((one) => nodesWaitedFor(one, snapshot))
  assert.deepEqual(lost, ['lost-1'])
  const full = snapshotOf([web({ containers: [asks({ cpu: '9' })] }), A, machine('l', { taints: LOST })])
  assert.deepEqual(nodesWaitedFor(full.all('pods')[0]!, full), [])
})

test('names from the cluster cannot forge a line', () => {
  const snapshot = snapshotOf([web({ nodeSelector: { 'a\nb': '\u001b[31mred' } }), A])
  assert.doesNotMatch(String(valueOf('schedulingExplanation', WEB, snapshot)), /\p{Cc}/u)
})

const cause = (snapshot: Snapshot): unknown => valueOf('schedulingObstacle', WEB, snapshot)
const seed: fc.Arbitrary<NodeSeed> = fc.record({
  labels: fc.dictionary(fc.constantFrom('pool', 'zone'), fc.constantFrom('x', 'y')),
  taints: fc.subarray([
    taint('t', 'v'),
    taint('node.kubernetes.io/not-ready'),
    taint('node.kubernetes.io/disk-pressure'),
  ]),
  unschedulable: fc.boolean(),
  allocatable: fc.record({ cpu: fc.constantFrom('1', '4', '16'), pods: fc.constantFrom('0', '10') }),
})
const seeds = fc.array(seed, { minLength: 1, maxLength: 6 })
const wanted = fc.record({
  nodeSelector: fc.dictionary(fc.constantFrom('pool', 'zone'), fc.constantFrom('x', 'y')),
  containers: fc.constantFrom('1', '8', '32').map((cpu) => [asks({ cpu })]),
})

test('property: the order of nodes never changes the cause', () =>
  fc.assert(
    fc.property(wanted, seeds, fc.infiniteStream(fc.nat(1000)), (spec, list, keys) => {
      const nodes = list.map((one, i) => machine(`n${i}`, one))
      const shuffled = nodes.map((one) => [keys.next().value ?? 0, one] as const).toSorted(([a], [b]) => a - b)
      const before = snapshotOf([web(spec), ...nodes])
      const after = snapshotOf([...shuffled.map(([, one]) => one), web(spec)])
      for (const name of ['schedulingObstacle', 'schedulingExplanation'])
        assert.deepEqual(valueOf(name, WEB, after), valueOf(name, WEB, before))
    }),
  ))

test('property: nodes that the pod cannot use anyway never change the cause', () =>
  fc.assert(
    fc.property(wanted, seeds, seeds, (spec, list, more) => {
      const asked = { ...spec, nodeSelector: { ...spec.nodeSelector, role: 'web' } }
      const nodes = list.map((one, i) => machine(`n${i}`, { ...one, labels: { ...one.labels, role: 'web' } }))
      const others = more.map((one, i) => machine(`o${i}`, one))
      assert.equal(cause(snapshotOf([web(asked), ...nodes, ...others])), cause(snapshotOf([web(asked), ...nodes])))
    }),
  ))

test('property: a pod that is not there to be explained is never explained', () =>
  fc.assert(
    fc.property(seeds, (list) => {
      const nodes = list.map((one, i) => machine(`n${i}`, one))
      const snapshot = snapshotOf([running('web', 'n0'), ...nodes])
      assert.equal(cause(snapshot), null)
    }),
  ))

const RECORDED: [name: string, obstacle: string | null, words: RegExp][] = [
  ['cordon', 'cordon', /cordoned-1, is cordoned/],
  ['pending-cpu', 'cpu', /64 cores of cpu; node-1, the only one of 6 nodes that it may use, has 2 allocatable/],
  ['node-lost', 'node-not-ready', /lost-1/],
  ['gated', null, /^null$/],
]

for (const [name, obstacle, words] of RECORDED) {
  test(`the recording ${name} is explained`, () => {
    const snapshot = recording(name)
    const waiting = snapshot.all('pods').find(({ spec }) => spec?.nodeName === undefined)
    const of = { kind: 'pod', name: waiting?.metadata.name ?? '' } as const
    assert.equal(valueOf('schedulingObstacle', of, snapshot), obstacle)
    assert.match(String(valueOf('schedulingExplanation', of, snapshot)), words)
  })
}
