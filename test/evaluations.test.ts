import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KINDS, type AnyObject } from '../src/cluster/kinds.ts'
import { LiveStore } from '../src/cluster/live-store.ts'
import { Memory } from '../src/facts/memory.ts'
import { Reconciler } from '../src/reconciler.ts'
import { NOW } from './support/build.ts'
import { shippedRules } from './support/judge.ts'

const RULES = await shippedRules()
const MADE = '2026-11-20T12:00:00Z'

/** What belongs together is of this size, however large the cluster is. */
const SIZE = { replicas: 10, namespace: 200, node: 25 }

type Fields = Readonly<Record<string, unknown>>

// As a projection leaves it; made by hand, since a hundred thousand of them are wanted.
const made = (apiVersion: string, kind: string, metadata: Fields, rest: Fields): AnyObject =>
  ({
    apiVersion,
    kind,
    metadata: {
      uid: `${kind}/${String(metadata['name'])}`,
      resourceVersion: '1',
      creationTimestamp: MADE,
      ...metadata,
    },
    ...rest,
  }) as AnyObject

const owner = (apiVersion: string, kind: string, name: string): Fields => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `${kind}/${name}`, controller: true }],
})

const condition = (type: string, status = 'True'): Fields => ({ type, status, lastTransitionTime: MADE })
const namespaceOf = (number: number): string => `team-${Math.floor(number / SIZE.namespace)}`
const appOf = (number: number): string => `app-${Math.floor(number / SIZE.replicas)}`
const TEMPLATE = {
  spec: { containers: [{ name: 'app', image: 'web:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
}

function pod(number: number, { restarts = 0, ready = true, version = '1' } = {}): AnyObject {
  const status = {
    name: 'app',
    ready,
    restartCount: restarts,
    state: { running: { startedAt: MADE } },
    ...(restarts === 0
      ? {}
      : { lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: MADE, finishedAt: MADE } } }),
  }
  return made(
    'v1',
    'Pod',
    {
      name: `pod-${number}`,
      namespace: namespaceOf(number),
      resourceVersion: version,
      labels: { app: appOf(number) },
      ...owner('apps/v1', 'ReplicaSet', appOf(number)),
    },
    {
      spec: { nodeName: `node-${Math.floor(number / SIZE.node)}`, ...TEMPLATE.spec },
      status: {
        phase: 'Running',
        startTime: MADE,
        conditions: [condition('PodScheduled'), condition('Ready', ready ? 'True' : 'False')],
        containerStatuses: [status],
      },
    },
  )
}

function workload(number: number, unavailable = 0): AnyObject[] {
  const [name, namespace] = [appOf(number), namespaceOf(number)]
  const { replicas } = SIZE
  const selector = { matchLabels: { app: name } }
  const counts = { replicas, readyReplicas: replicas - unavailable, updatedReplicas: replicas }
  const conditions = [condition('Available'), { ...condition('Progressing'), reason: 'NewReplicaSetAvailable' }]
  return [
    made(
      'apps/v1',
      'Deployment',
      { name, namespace, generation: 1 },
      {
        spec: { replicas, selector, template: TEMPLATE },
        status: { ...counts, availableReplicas: replicas - unavailable, observedGeneration: 1, conditions },
      },
    ),
    made(
      'apps/v1',
      'ReplicaSet',
      { name, namespace, ...owner('apps/v1', 'Deployment', name) },
      {
        spec: { replicas, selector, template: TEMPLATE },
        status: counts,
      },
    ),
    made('v1', 'Service', { name, namespace }, { spec: { selector: { app: name } } }),
  ]
}

const node = (number: number, at = MADE): AnyObject =>
  made(
    'v1',
    'Node',
    { name: `node-${number}`, labels: { 'kubernetes.io/hostname': `node-${number}` } },
    {
      spec: {},
      status: {
        allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
        conditions: [{ ...condition('Ready'), lastHeartbeatTime: at }],
      },
    },
  )

const claim = (number: number, phase: string): AnyObject =>
  made(
    'v1',
    'PersistentVolumeClaim',
    { name: `data-${number}`, namespace: namespaceOf(number) },
    { spec: {}, status: { phase } },
  )

function* objectsOf(pods: number): Generator<AnyObject> {
  for (let number = 0; number < pods; number += SIZE.namespace) {
    yield made('v1', 'Namespace', { name: namespaceOf(number) }, { status: { phase: 'Active' } })
    yield claim(number, 'Bound')
  }
  for (let number = 0; number < pods / SIZE.node; number++) yield node(number)
  for (let number = 0; number < pods; number += SIZE.replicas) yield* workload(number)
  for (let number = 0; number < pods; number++) yield pod(number)
}

const SMALL = 1_000
/** What is far from the changes is held as all else, and one in so many of it is judged: enough to be seen if it looked again. */
const JUDGED = 50
const NEAR: ReadonlySet<string> = new Set([
  namespaceOf(0),
  'node-0',
  'node-1',
  'node-2',
  'node-3',
  'node-4',
  'node-5',
  'node-6',
  'node-7',
])

/** A cluster that was judged, with so many pods. */
class Judged {
  readonly store: LiveStore
  readonly reconciler: Reconciler
  readonly #memory = new Memory()

  constructor(pods: number) {
    this.store = new LiveStore({
      now: () => NOW,
      cluster: 'test',
      onChange: (change) => {
        const keys = this.#memory.changed(change, this.store.objects)
        this.reconciler.changed(change)
        this.reconciler.remembered(keys, NOW)
      },
      onLooks: () => undefined,
    })
    this.reconciler = new Reconciler({ objects: this.store.objects, past: this.#memory, suppressions: [], wideMs: 0 })
    const listed = new Map(KINDS.map(({ resource }) => [resource, 'all' as const]))
    this.store.watch({ listed, blind: new Map(), unnamed: 'not-installed' })
    this.reconciler.use(RULES, NOW)
    this.settle()
    for (const object of objectsOf(pods)) this.store.objects.put(object)
    let number = 0
    for (const after of this.store.objects.every())
      if (pods === SMALL || number++ % JUDGED === 0 || NEAR.has(after.metadata.namespace ?? after.metadata.name))
        this.reconciler.changed({ before: undefined, after, witnessed: true, observedAt: NOW })
    this.settle()
  }

  /** How often a rule was asked, until nothing was left to ask. */
  settle(): number {
    const before = this.reconciler.evaluations
    do {
      this.reconciler.wake(NOW)
      while (this.reconciler.step(NOW) !== undefined);
      while (this.reconciler.move(NOW));
      this.reconciler.settle()
    } while ((this.reconciler.next() ?? Infinity) <= NOW)
    return this.reconciler.evaluations - before
  }

  after(...objects: readonly AnyObject[]): number {
    for (const object of objects) this.store.put(object)
    return this.settle()
  }
}

const ONE = 57
const CHANGES: Readonly<Record<string, (cluster: Judged) => number>> = {
  'a heartbeat of a node': (cluster) => cluster.after(node(2, '2026-11-21T11:59:00Z')),
  'a version that changes nothing': (cluster) => cluster.after(pod(ONE, { version: '2' })),
  'a container restarts': (cluster) => cluster.after(pod(ONE, { restarts: 1 })),
  'a container keeps restarting': (cluster) => cluster.after(pod(ONE, { restarts: 9 })),
  'a pod is not ready any more': (cluster) => cluster.after(pod(ONE, { ready: false })),
  'a pod is ready again': (cluster) => cluster.after(pod(ONE)),
  'a workload is short of a pod': (cluster) => cluster.after(...workload(ONE, 1)),
  'a claim is lost': (cluster) => cluster.after(claim(0, 'Lost')),
  'a pod goes': (cluster) => {
    cluster.store.remove(`Pod/pod-${ONE}`, true)
    return cluster.settle()
  },
  'a pod comes': (cluster) => cluster.after(pod(ONE)),
  'a pod that nobody places comes': (cluster) => {
    const { spec, ...rest } = pod(ONE + 1) as { spec: Fields } & Fields
    return cluster.after({
      ...rest,
      spec: { ...spec, nodeName: undefined },
      status: { phase: 'Pending', conditions: [condition('PodScheduled', 'False')] },
    } as unknown as AnyObject)
  },
  'a container restarts while a pod waits': (cluster) => cluster.after(pod(ONE, { restarts: 2 })),
}

test('evaluations per event are flat at 1,000, 10,000 and 100,000 pods', () => {
  const counted = [SMALL, 10_000, 100_000].map((pods) => {
    const cluster = new Judged(pods)
    return Object.entries(CHANGES).map(([words, change]) => [words, change(cluster)] as const)
  })
  const [small, middle, large] = counted
  assert.deepEqual(middle, small)
  assert.deepEqual(large, small)
  const counts = new Map(small)
  assert.equal(counts.get('a version that changes nothing'), 0)
  assert.ok((counts.get('a container restarts') ?? 0) > 5, JSON.stringify(small))
  // Nothing makes more look again than what belongs together.
  for (const [words, count] of counts) assert.ok(count < 3_000, `${words}: ${count}`)
})
