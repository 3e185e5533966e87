import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { isRefusal, type Grounds } from '../../src/remediation/action.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { plan, type Plan } from '../../src/remediation/plan.ts'
import type { Patch } from '../../src/remediation/request.ts'
import { NOW, snapshotOf, type Raw } from '../support/build.ts'
import { grounds, targetOf } from '../support/proposals.ts'
import { RealServer } from '../support/real-server.ts'

const SPACE = `dogwatch-patches-${randomUUID().slice(0, 8)}`
const CORE = `/api/v1/namespaces/${SPACE}`
const APPS = `/apis/apps/v1/namespaces/${SPACE}`
const BATCH = `/apis/batch/v1/namespaces/${SPACE}`
const SCALING = `/apis/autoscaling/v2/namespaces/${SPACE}`
const LISTS = [
  `${CORE}/pods`,
  `${CORE}/persistentvolumeclaims`,
  `${APPS}/deployments`,
  `${APPS}/replicasets`,
  `${APPS}/statefulsets`,
  `${APPS}/daemonsets`,
  `${BATCH}/jobs`,
  `${BATCH}/cronjobs`,
  `${SCALING}/horizontalpodautoscalers`,
]

const server = new RealServer()
let objects: Raw[] = []

// No node fits, so nothing is placed or pulled.
const nowhere = { 'dogwatch.io/nowhere': 'true' }
const resources = { requests: { memory: '32Mi' }, limits: { memory: '64Mi' } }
const podSpec = {
  nodeSelector: nowhere,
  containers: [{ name: 'app', image: 'app.invalid/app:1', env: [{ name: 'KEPT', value: 'as it is' }], resources }],
}
const template = (app: string, restartPolicy = 'Always') => ({
  metadata: { labels: { app } },
  spec: { ...podSpec, restartPolicy },
})
const selecting = (app: string) => ({ selector: { matchLabels: { app } }, template: template(app) })
const named = (name: string) => ({ metadata: { name } })
const set = (path: string, kind: string, name: string, spec: object): [path: string, body: object] => [
  `${APPS}/${path}`,
  { apiVersion: 'apps/v1', kind, ...named(name), spec: { ...selecting(name), ...spec } },
]

const MADE: [path: string, body: object][] = [
  set('deployments', 'Deployment', 'cart', { replicas: 2 }),
  set('statefulsets', 'StatefulSet', 'db', { replicas: 1, serviceName: 'db' }),
  set('daemonsets', 'DaemonSet', 'agent', {}),
  set('replicasets', 'ReplicaSet', 'alone', { replicas: 1 }),
  [`${CORE}/pods`, { apiVersion: 'v1', kind: 'Pod', ...named('bare'), spec: podSpec }],
  [
    `${BATCH}/jobs`,
    { apiVersion: 'batch/v1', kind: 'Job', ...named('load'), spec: { template: template('load', 'Never') } },
  ],
  [
    `${BATCH}/cronjobs`,
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      ...named('nightly'),
      spec: { schedule: '0 3 1 1 *', jobTemplate: { spec: { template: template('nightly', 'Never') } } },
    },
  ],
  [
    `${CORE}/persistentvolumeclaims`,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      ...named('spare'),
      spec: { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    },
  ],
  [
    `${SCALING}/horizontalpodautoscalers`,
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      ...named('lost'),
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' }, maxReplicas: 2 },
    },
  ],
]

before(async () => {
  await server.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', ...named(SPACE) })
  await server.appear(`${CORE}/serviceaccounts?fieldSelector=metadata.name%3Ddefault`, 1)
  for (const [path, body] of MADE) await server.create(path, body)
  await server.appear(`${CORE}/pods?labelSelector=app%3Dcart`, 2)
  objects = [await server.read(`/api/v1/namespaces/${SPACE}`), ...(await server.list('/api/v1/nodes'))]
  for (const path of LISTS) objects.push(...(await server.list(path)))
})

after(() => server.send({ method: 'DELETE', path: `/api/v1/namespaces/${SPACE}` }))

const found = (kind: string, name: string): Raw => {
  const object = objects.find((one) => one.kind === kind && String(one.metadata['name']).startsWith(name))
  assert.ok(object, `${kind} ${name}`)
  return object
}
const aNode = (): Raw => {
  const object = objects.find(({ kind, spec }) => kind === 'Node' && !JSON.stringify(spec).includes('unschedulable'))
  assert.ok(object)
  return object
}

interface Case {
  readonly action: string
  readonly on: () => Raw
  /** What the object is taken for; the server keeps what it is. */
  readonly seenAs?: Fields
  readonly finding?: Partial<Grounds>
  readonly parameters?: object
}

const READY = [{ type: 'Ready', status: 'True' }]
const ENDED = { status: { phase: 'Failed' } }
const KILLED = {
  containerStatuses: [{ name: 'app', lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }],
}
const cordoned = { metadata: { annotations: { 'dogwatch.io/cordoned': 'x' } }, spec: { unschedulable: true } }
const workload = (action: string, kind: string, name: string, rest: Partial<Case> = {}): Case => ({
  action,
  on: () => found(kind, name),
  ...rest,
})
const memory = { parameters: { container: 'app', requests: { cpu: '10m' }, limits: { memory: '128Mi' } } }
const scheduled = { seenAs: { status: { desiredNumberScheduled: 1 } } }

const CASES: Case[] = [
  workload('annotate-object', 'Deployment', 'cart'),
  workload('annotate-object', 'Pod', 'bare'),
  { action: 'annotate-object', on: aNode },
  workload('evict-pod', 'Pod', 'cart-'),
  workload('delete-pod', 'Pod', 'cart-', { seenAs: ENDED }),
  workload('restart-workload', 'Deployment', 'cart'),
  workload('restart-workload', 'StatefulSet', 'db'),
  workload('restart-workload', 'DaemonSet', 'agent', scheduled),
  workload('set-resources', 'Deployment', 'cart', memory),
  workload('set-resources', 'StatefulSet', 'db', memory),
  workload('set-resources', 'DaemonSet', 'agent', { ...memory, ...scheduled }),
  workload('scale-workload', 'Deployment', 'cart', { parameters: { replicas: 3 } }),
  workload('scale-workload', 'ReplicaSet', 'alone', { parameters: { replicas: 2 } }),
  workload('scale-workload', 'StatefulSet', 'db', { parameters: { replicas: 2 } }),
  workload('pause-rollout', 'Deployment', 'cart', { seenAs: { status: { replicas: 3, updatedReplicas: 1 } } }),
  { action: 'cordon-node', on: aNode },
  { action: 'uncordon-node', on: aNode, seenAs: { ...cordoned, status: { conditions: READY } } },
  workload('quarantine-workload', 'Deployment', 'cart'),
  workload('quarantine-workload', 'ReplicaSet', 'alone'),
  workload('quarantine-workload', 'StatefulSet', 'db'),
  workload('quarantine-workload', 'Job', 'load'),
  workload('quarantine-workload', 'CronJob', 'nightly'),
  workload('delete-job', 'Job', 'load', { seenAs: { status: { conditions: [{ type: 'Failed', status: 'True' }] } } }),
  workload('delete-finished-pod', 'Pod', 'bare', { seenAs: ENDED }),
  workload('delete-autoscaler', 'HorizontalPodAutoscaler', 'lost'),
  workload('delete-claim', 'PersistentVolumeClaim', 'spare'),
]

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const merge = <T extends Fields>(base: T, over: Fields): T => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(over).map(([key, value]) => {
      const inner = base[key]
      return [key, isFields(value) ? merge(isFields(inner) ? inner : {}, value) : value]
    }),
  ),
})

function planned({ action: name, on, seenAs = {}, finding, parameters }: Case, others: readonly Raw[] = []): Plan {
  const real = on()
  const seen = merge(real, seenAs)
  // Beside a pod that is taken for one that has ended stand those that replaced it, and beside a node another that takes pods.
  const beside = objects.filter((one) => one !== real).map((one) => (one.kind === 'Node' ? ready(one) : one))
  const snapshot = snapshotOf([...beside, ...others, ready(seen)])
  const object = snapshot.byUid(String(real.metadata['uid']))
  const action = ACTIONS.find((one) => one.name === name)
  assert.ok(object && action)
  const outcome = plan(action, object, { snapshot, finding: grounds(seen, finding), now: NOW }, parameters)
  assert.ok(!isRefusal(outcome), JSON.stringify(outcome))
  return outcome
}

const ready = (object: Raw): Raw => (object.kind === 'Node' ? merge(object, { status: { conditions: READY } }) : object)

// The pod that is taken for the replacement of one that is taken for ended.
const replacement = (): Raw => merge(found('Pod', 'cart-'), { metadata: { name: 'cart-new', uid: 'uid-new' } })

const withUid = (patch: Patch, uid: string): Patch => ({
  ...patch,
  body: JSON.parse(JSON.stringify(patch.body).replaceAll(uid, '00000000-0000-0000-0000-000000000000')) as Patch['body'],
})
const pathOfObject = ({ path }: Patch): string => path.replace(/\/eviction$/, '')

for (const one of CASES) {
  test(`${one.action} passes a dry run on a real server, and not for another uid (${CASES.indexOf(one)})`, async () => {
    const { patch, object } = planned(one, one.action === 'delete-pod' ? [replacement()] : [])
    assert.ok(patch)
    const { status, body } = await server.dryRun(patch)
    assert.ok(status === 200 || status === 201, `${one.action} ${object.kind}: ${status} ${JSON.stringify(body)}`)
    const there = await server.read(pathOfObject(patch))
    assert.equal(there.metadata['uid'], object.uid)
    assert.equal(there.metadata['deletionTimestamp'], undefined)
    assert.deepEqual(there['spec'], one.on()['spec'])
    const other = await server.dryRun(withUid(patch, object.uid))
    assert.ok(other.status === 409 || other.status === 422, `${other.status} ${JSON.stringify(other.body)}`)
  })
}

test('every action that gives a patch is among them', () => {
  const names = new Set(CASES.map(({ action }) => action))
  assert.deepEqual(
    ACTIONS.map(({ name }) => name).filter((name) => !names.has(name)),
    ['rollback-workload'],
  )
})

test('set-resources leaves the rest of the container as it is', async () => {
  const { patch } = planned(workload('set-resources', 'Deployment', 'cart', memory))
  assert.ok(patch)
  const { body } = await server.dryRun(patch)
  const spec = body['spec'] as { template: { spec: { containers: object[] } } }
  const [container] = spec.template.spec.containers as { env: unknown; image: string; resources: unknown }[]
  assert.deepEqual(container?.resources, { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } })
  assert.deepEqual([container.env, container.image], [podSpec.containers[0]?.env, podSpec.containers[0]?.image])
})

test('what set-resources proposes after a kill for memory passes too', async () => {
  const pods = objects.filter(({ kind, metadata }) => kind === 'Pod' && String(metadata['name']).startsWith('cart-'))
  const killed = pods.map((pod) => merge(pod, { status: KILLED }))
  const on = found('Deployment', 'cart')
  const finding = { container: 'app', subjects: grounds(on, { of: killed }).subjects }
  const { patch, parameters } = planned({ action: 'set-resources', on: () => on, finding }, killed)
  assert.deepEqual(parameters, { container: 'app', limits: { memory: '164Mi' } })
  assert.ok(patch)
  assert.equal((await server.dryRun(patch)).status, 200)
})

test('rollback-workload has no patch, and what it names is enough to make one', async () => {
  const old = found('ReplicaSet', 'cart-')
  const path = `${APPS}/deployments/cart`
  const image = { spec: { template: { spec: { containers: [{ name: 'app', image: 'app.invalid/app:2' }] } } } }
  const contentType = 'application/strategic-merge-patch+json'
  await server.send({ method: 'PATCH', path, contentType, body: image })
  await server.appear(`${APPS}/replicasets?labelSelector=app%3Dcart`, 2)
  const sets = await server.list(`${APPS}/replicasets`)
  const uid = old.metadata['uid']
  const seen = { status: { availableReplicas: 2 } }
  const deployment = merge(await server.read(path), { status: { observedGeneration: 99 } })
  const present = merge(deployment, { metadata: { annotations: { 'deployment.kubernetes.io/revision': '2' } } })
  const beside = sets.map((one) => (one.metadata['uid'] === uid ? merge(one, seen) : one))
  const snapshot = snapshotOf([present, ...beside])
  const action = ACTIONS.find(({ name }) => name === 'rollback-workload')
  const object = snapshot.byUid(String(present.metadata['uid']))
  assert.ok(action && object)
  const outcome = plan(action, object, { snapshot, finding: grounds(present), now: NOW })
  assert.ok(!isRefusal(outcome), JSON.stringify(outcome))
  assert.equal(outcome.patch, null)
  assert.deepEqual(outcome.object, targetOf(present))

  const live = await server.read(`${APPS}/replicasets/${String(outcome.parameters['replicaSet'])}`)
  const { template: kept } = live['spec'] as { template: { metadata: { labels: Record<string, string> } } }
  const { 'pod-template-hash': hash, ...labels } = kept.metadata.labels
  assert.deepEqual(outcome.changes[0]?.to, { revision: 1, replicaSet: uid, podTemplateHash: hash })
  const value = { ...kept, metadata: { ...kept.metadata, labels } }
  const operations = [
    { op: 'test', path: '/metadata/uid', value: present.metadata['uid'] },
    { op: 'replace', path: '/spec/template', value },
  ]
  const dry = {
    method: 'PATCH',
    path: `${path}?dryRun=All`,
    contentType: 'application/json-patch+json',
    body: operations,
  }
  const { status, body } = await server.send(dry)
  assert.equal(status, 200, JSON.stringify(body))
  assert.match(JSON.stringify(body['spec']), /app\.invalid\/app:1.*as it is|as it is.*app\.invalid\/app:1/)
})
