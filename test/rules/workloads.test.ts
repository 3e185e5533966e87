import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  controllerRevision,
  daemonSet,
  deployment,
  eventOn,
  job,
  node,
  pod,
  quota,
  replicaSet,
  service,
  snapshotOf,
  statefulSet,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { findingOf, shown } from '../support/judge.ts'
import { recording } from '../support/recordings.ts'

const REQUESTS = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } }
const template = (app: string, image = 'web:1'): object => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'app', image, resources: REQUESTS }] },
})

const NODE = node({
  name: 'node-1',
  status: {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('9d') }],
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
  },
})

/** A pod that runs and is ready. */
const serving = (name: string, owner: Raw, seed: Seed = {}): Raw =>
  pod({
    name,
    owner,
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'web:1', resources: REQUESTS }] },
    status: {
      phase: 'Running',
      conditions: ['PodScheduled', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: ago('3h') })),
      containerStatuses: [
        { name: 'app', ready: true, started: true, restartCount: 0, state: { running: { startedAt: ago('3h') } } },
      ],
    },
    ...seed,
  })

test('rollout-stuck: a StatefulSet whose update has not moved for a quarter of an hour', async () => {
  const set = (updated: string): Raw[] => {
    const top = statefulSet({
      name: 'db',
      created: ago('9d'),
      spec: { replicas: 2, template: template('db', 'db:2') },
      status: { replicas: 2, readyReplicas: 2, updatedReplicas: 1, currentRevision: 'db-1', updateRevision: 'db-2' },
    })
    return [
      NODE,
      top,
      controllerRevision({ name: 'db-2', owner: top, revision: 2, created: ago(updated) }),
      controllerRevision({ name: 'db-1', owner: top, revision: 1, created: ago('9d') }),
      serving('db-0', top, { labels: { 'controller-revision-hash': 'db-1' } }),
      serving('db-1', top, { labels: { 'controller-revision-hash': 'db-2' } }),
    ]
  }
  // The pods' own times are three hours ago.
  assert.deepEqual(await shown(snapshotOf(set('2h'))), ['rollout-stuck StatefulSet/db'])
  assert.equal((await findingOf('rollout-stuck', snapshotOf(set('2h')))).state, 'firing')
  const fresh = await findingOf('rollout-stuck', snapshotOf(set('5m')))
  assert.equal(fresh.state, 'pending')
  assert.match(fresh.message, /1 of 2 pods are of the new revision db-2 \(db:2\), 1 of these ready/)
})

test('rollout-stuck: a DaemonSet', async () => {
  const top = daemonSet({
    name: 'agent',
    created: ago('2h'),
    spec: { template: template('agent') },
    status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, updatedNumberScheduled: 1, numberReady: 3 },
  })
  assert.deepEqual(await shown(snapshotOf([NODE, top])), ['rollout-stuck DaemonSet/agent'])
})

test('rollout-stuck: explained by what keeps its pods from running', async () => {
  const stuck = await findingOf('rollout-stuck', recording('rollout-stuck'))
  assert.equal(stuck.state, 'inhibited')
  assert.match(stuck.message, /web:broken/)
  assert.deepEqual(await shown(recording('rollout-stuck')), ['image-pull Deployment/web'])
  assert.equal((await findingOf('rollout-stuck', recording('quota'))).state, 'inhibited')
})

const refusal = (message: string): object => ({
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message,
  lastTransitionTime: ago('20m'),
})

/** A Deployment of two whose pods are all refused, with a Service and a stuck rollout. */
function refused(message: string): Raw[] {
  const top = deployment({
    name: 'api',
    spec: { replicas: 2, template: template('api') },
    status: {
      unavailableReplicas: 2,
      conditions: [
        refusal(message),
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastTransitionTime: ago('10m') },
      ],
    },
  })
  const set = replicaSet({
    name: 'api-1',
    owner: top,
    spec: { replicas: 2, template: template('api') },
    status: { replicas: 0, conditions: [refusal(message)] },
  })
  return [NODE, top, set, service({ name: 'api', spec: { selector: { app: 'api' } } })]
}

test('cannot-create-pods: one finding for the workload, its rollout and its Service, naming who refuses', async () => {
  const causes: readonly (readonly [message: string, says: RegExp])[] = [
    [
      'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      /PodSecurity restricted:latest/,
    ],
    [
      'pods "x" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
      /ServiceAccount shop\/robot/,
    ],
    [
      `pods "x" is forbidden: ValidatingAdmissionPolicy 'signed' with binding 'all' denied request: no`,
      /admission policy signed/,
    ],
    ['admission webhook "hook.test" denied the request: no', /webhook hook\.test/],
    ['pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2', /LimitRange/],
  ]
  for (const [message, says] of causes) {
    const snapshot = snapshotOf(refused(message))
    assert.deepEqual(await shown(snapshot), ['cannot-create-pods Deployment/api'], message)
    const finding = await findingOf('cannot-create-pods', snapshot)
    assert.equal(finding.state, 'firing')
    assert.match(finding.message, says)
  }
})

test('cannot-create-pods: the quota that refuses is full because of it', async () => {
  const compact = quota({
    name: 'compact',
    spec: { hard: { pods: '1' } },
    status: { hard: { pods: '1' }, used: { pods: '1' } },
  })
  const other = quota({
    name: 'other',
    spec: { hard: { pods: '1' } },
    status: { hard: { pods: '1' }, used: { pods: '1' } },
  })
  const message = 'pods "x" is forbidden: exceeded quota: compact, requested: pods=1, used: pods=1, limited: pods=1'
  assert.deepEqual(await shown(snapshotOf([...refused(message), compact])), ['cannot-create-pods Deployment/api'])
  assert.deepEqual(await shown(snapshotOf([...refused(message), compact, other])), [
    'cannot-create-pods Deployment/api',
    'quota-full ResourceQuota/other',
  ])
})

test('cannot-create-pods: kinds that only have Events to tell of it', async () => {
  const message = 'pods "x" is forbidden: exceeded quota: compact, requested: pods=1, used: pods=1, limited: pods=1'
  const makers: readonly (readonly [Raw, string])[] = [
    [
      statefulSet({ name: 'db', spec: { replicas: 1, template: template('db') } }),
      'create Pod db-0 in StatefulSet db failed error: ',
    ],
    [
      daemonSet({ name: 'db', spec: { template: template('db') }, status: { desiredNumberScheduled: 1 } }),
      'Error creating: ',
    ],
    [job({ name: 'db', spec: { template: template('db') } }), 'Error creating: '],
  ]
  for (const [maker, words] of makers) {
    const event = eventOn(maker, {
      reason: 'FailedCreate',
      message: words + message,
      firstTimestamp: ago('20m'),
      lastTimestamp: ago('1m'),
    })
    assert.deepEqual(await shown(snapshotOf([NODE, maker, event])), [`cannot-create-pods ${maker.kind}/db`])
  }
})

test('healthy workloads, a paused and a parked one say nothing', async () => {
  const parked = deployment({ name: 'parked', spec: { replicas: 0, template: template('parked') } })
  const paused = deployment({
    name: 'paused',
    spec: { replicas: 1, paused: true, template: template('paused') },
    status: {
      replicas: 1,
      readyReplicas: 1,
      conditions: [{ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }],
    },
  })
  assert.deepEqual(await shown(snapshotOf([NODE, parked, paused])), [])
  assert.deepEqual(await shown(recording('healthy')), [])
})
