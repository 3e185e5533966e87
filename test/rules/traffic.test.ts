import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  customObject,
  deployed,
  deployment,
  endpointSlice,
  mutatingWebhook,
  namespace,
  node,
  service,
  snapshotOf,
  validatingWebhook,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { findingOf, judge, shown } from '../support/judge.ts'
import { recording } from '../support/recordings.ts'

const RESOURCES = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } }
const CONTAINERS = [{ name: 'app', image: 'web:1', resources: RESOURCES }]
const NODE = node({
  name: 'node-1',
  status: {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('9d') }],
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
  },
})

/** A Deployment of one with its ReplicaSet and pod; by default the pod serves. */
function running(app: string, status: object = {}, seed: Seed = {}): Raw[] {
  const labels = { app }
  const parts = deployed({
    name: app,
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: CONTAINERS } },
    },
    status: { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    pod: {
      labels,
      spec: { nodeName: 'node-1', containers: CONTAINERS },
      status: {
        phase: 'Running',
        startTime: ago('3h'),
        conditions: ['PodScheduled', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: ago('3h') })),
        containerStatuses: [
          { name: 'app', ready: true, started: true, restartCount: 0, state: { running: { startedAt: ago('3h') } } },
        ],
        ...status,
      },
    },
    ...seed,
  })
  return [parts.deployment, parts.replicaSet, parts.pod]
}

const CRASHING = {
  conditions: [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: ago('3h') },
    { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: ago('20m') },
  ],
  containerStatuses: [
    {
      name: 'app',
      ready: false,
      started: false,
      restartCount: 9,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: ago('4m'), finishedAt: ago('4m') } },
    },
  ],
}

const selecting = (labels: object, seed: Seed = {}): Raw =>
  service({ name: 'web', spec: { selector: labels }, ...seed })
const slice = (of: string, ready: readonly boolean[], seed: Seed = {}): Raw =>
  endpointSlice({
    name: `${of}-1`,
    labels: { 'kubernetes.io/service-name': of },
    endpoints: ready.length === 0 ? null : ready.map((one) => ({ conditions: { ready: one } })),
    ...seed,
  })

test('service-no-endpoints: a selector that matches nothing, with what comes nearest', async () => {
  const snapshot = snapshotOf([NODE, ...running('web'), selecting({ app: 'wbe' }), slice('web', [])])
  assert.deepEqual(await shown(snapshot), ['service-no-endpoints Service/web'])
  const { message } = await findingOf('service-no-endpoints', snapshot)
  assert.match(message, /app=wbe matches 0 pods; .*Deployment web with app=web/)
})

test('service-no-endpoints: explained by the workload whose pods do not serve', async () => {
  const snapshot = snapshotOf([NODE, ...running('web', CRASHING), selecting({ app: 'web' }), slice('web', [false])])
  assert.deepEqual(await shown(snapshot), ['crash-loop Deployment/web'])
  assert.equal((await findingOf('service-no-endpoints', snapshot)).state, 'inhibited')
})

test('Services that rightly have no endpoints', async () => {
  const parked = deployment({
    name: 'parked',
    spec: { replicas: 0, template: { metadata: { labels: { app: 'parked' } } } },
  })
  const cluster = customObject('postgresql.cnpg.io/v1', 'Cluster', { name: 'db' })
  const objects = [
    NODE,
    ...running('web'),
    parked,
    cluster,
    slice('parked', []),
    selecting({ app: 'parked' }, { name: 'parked' }),
    selecting({ role: 'replica', app: 'db' }, { name: 'db-ro', owner: cluster }),
    selecting({}, { name: 'manual' }),
    service({ name: 'outside', spec: { type: 'ExternalName', externalName: 'db.example.test' } }),
    selecting({ app: 'web' }),
    slice('web', [true]),
  ]
  assert.deepEqual(await shown(snapshotOf(objects)), [])
  assert.deepEqual(await shown(recording('healthy')), [])
})

const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]
const hook = (seed: object = {}): object => ({
  name: 'check.test',
  failurePolicy: 'Fail',
  rules: RULES,
  clientConfig: { service: { namespace: 'policy', name: 'server' } },
  ...seed,
})
const POLICY = { namespace: 'policy' }

test('webhook-unreachable: a Service that is not there, or has nobody behind it', async () => {
  const guard = validatingWebhook({ name: 'guard', webhooks: [hook()] })
  assert.deepEqual(await shown(snapshotOf([NODE, guard])), ['webhook-unreachable ValidatingWebhookConfiguration/guard'])
  const { message } = await findingOf('webhook-unreachable', snapshotOf([NODE, guard]))
  assert.match(message, /check\.test has failurePolicy Fail.*policy\/server \(does not exist\)/)
  const mutating = mutatingWebhook({ name: 'guard', webhooks: [hook()] })
  const server = service({ name: 'server', ...POLICY, spec: { type: 'ClusterIP' } })
  assert.deepEqual(await shown(snapshotOf([NODE, mutating, server])), [
    'webhook-unreachable MutatingWebhookConfiguration/guard',
  ])
})

test('webhook-unreachable: it explains the workloads whose pods it keeps from being made', async () => {
  const whole = recording('webhook-down')
  assert.deepEqual(await shown(whole), ['cannot-create-pods Deployment/ledger'])
  // The same objects in a look at every namespace: there the missing Service is known.
  const everywhere = snapshotOf([])
  for (const kind of ['namespaces', 'deployments.apps', 'replicasets.apps', 'events'] as const)
    for (const object of whole.all(kind)) everywhere.put(object)
  for (const object of whole.all('validatingwebhookconfigurations.admissionregistration.k8s.io')) everywhere.put(object)
  assert.deepEqual(await shown(everywhere), ['webhook-unreachable ValidatingWebhookConfiguration/faults-webhook-down'])
  const { findings } = await judge(everywhere)
  const refused = findings.find(({ rule }) => rule.id === 'cannot-create-pods')
  assert.equal(refused?.state, 'inhibited')
  assert.equal(refused.causedBy, findings.find(({ rule }) => rule.id === 'webhook-unreachable')?.id)
})

test('a webhook that answers, may be silent, or is outside the cluster', async () => {
  const objects = [
    NODE,
    ...running('server', {}, POLICY).map((raw) => ({ ...raw, metadata: { ...raw.metadata, namespace: 'policy' } })),
    service({ name: 'server', ...POLICY, spec: { selector: { app: 'server' } } }),
    slice('server', [true], POLICY),
    validatingWebhook({
      name: 'guard',
      webhooks: [
        hook(),
        hook({
          name: 'soft.test',
          failurePolicy: 'Ignore',
          clientConfig: { service: { namespace: 'policy', name: 'gone' } },
        }),
        hook({ name: 'far.test', clientConfig: { url: 'https://guard.example.test' } }),
      ],
    }),
  ]
  assert.deepEqual(await shown(snapshotOf(objects)), [])
})

test('bad-suppression: once for each object that asks in vain, and what it was to hide is shown', async () => {
  const mark = (reason?: string): Record<string, string> => ({
    'dogwatch.io/ignore': 'crash-loop',
    ...(reason === undefined ? {} : { 'dogwatch.io/ignore-reason': reason }),
  })
  const crashing = (annotations: Record<string, string>): Raw[] => [NODE, ...running('web', CRASHING, { annotations })]
  assert.deepEqual(await shown(snapshotOf(crashing(mark()))), [
    'bad-suppression Deployment/web',
    'crash-loop Deployment/web',
  ])
  assert.deepEqual(await shown(snapshotOf(crashing(mark('known')))), ['not-ready Deployment/web'])
  const all = { ...mark('being rewritten'), 'dogwatch.io/ignore': '*' }
  assert.deepEqual(await shown(snapshotOf(crashing(all))), [])
  const expired = { ...mark('known'), 'dogwatch.io/ignore-until': ago('1d') }
  const home = namespace({ name: 'shop', annotations: expired })
  const said = await findingOf('bad-suppression', snapshotOf([home]))
  assert.match(said.title, /Namespace shop silence nothing: expired/)
  assert.equal(said.severity, 'low')
})
