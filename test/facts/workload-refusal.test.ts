import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  daemonSet,
  deployment,
  eventOn,
  job,
  limitRange,
  NOW,
  replicaSet,
  snapshotOf,
  statefulSet,
  validatingWebhook,
  type Looked,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'
import { MINUTE } from '../../src/util/time.ts'

const QUOTA = 'pods "x" is forbidden: exceeded quota: compact, requested: pods=1, used: pods=1, limited: pods=1'
const failure = (message = QUOTA): object => ({
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message,
  lastTransitionTime: ago('30m'),
})

/** A Deployment that wants three pods and has one, since its ReplicaSet is refused. */
function refused(change: { set?: Seed; deployment?: Seed } = {}): Raw[] {
  const top = deployment({
    name: 'api',
    spec: { replicas: 3 },
    status: { observedGeneration: 1, replicas: 1 },
    metadata: { generation: 1 },
    ...change.deployment,
  })
  const set = replicaSet({
    name: 'api-1',
    owner: top,
    spec: { replicas: 3 },
    status: { replicas: 1, conditions: [failure()] },
    ...change.set,
  })
  return [top, set]
}

const API = { kind: 'workload', name: 'api' } as const

const reading = (objects: readonly Raw[], looked: Looked = {}): unknown =>
  readingOf('creationRefusedBy', API, snapshotOf(objects, looked))

test('a condition says who refuses and since when', () => {
  const snapshot = snapshotOf(refused())
  assert.deepEqual(readingOf('creationRefusedBy', API, snapshot), { value: 'quota', since: Date.parse(ago('30m')) })
  assert.equal(valueOf('missingPods', API, snapshot), 2)
  assert.equal(valueOf('refusedBy', API, snapshot), 'ResourceQuota compact')
  assert.equal(valueOf('refusalMessage', API, snapshot), QUOTA)
})

test('pods that are there were not refused, whatever a condition still says', () => {
  const set = { status: { replicas: 3, conditions: [failure()] } }
  assert.deepEqual(reading(refused({ set })), { value: null })
})

test('in a rollout the new revision lacks pods though as many run as are wanted', () => {
  const [top, old, fresh] = [...refused({ deployment: { status: { observedGeneration: 1, replicas: 3 } } }), undefined]
  assert.ok(top && old && !fresh)
  const objects = [
    top,
    replicaSet({ name: 'api-old', owner: top, spec: { replicas: 3 }, status: { replicas: 3 } }),
    replicaSet({ name: 'api-new', owner: top, spec: { replicas: 1 }, status: { conditions: [failure()] } }),
  ]
  const snapshot = snapshotOf(objects)
  assert.equal(valueOf('missingPods', API, snapshot), 1)
  assert.equal(valueOf('creationRefusedBy', API, snapshot), 'quota')
})

test('the latest Event has the words of now, the condition the time of the first refusal', () => {
  const [top, set] = refused()
  assert.ok(top && set)
  const webhook = 'Error creating: Internal error occurred: failed calling webhook "hook.test": refused'
  const event = eventOn(set, { reason: 'FailedCreate', message: webhook, lastTimestamp: ago('2m') })
  // The words end with the Event; after that the condition's own are told again.
  const until = Date.parse(ago('2m')) + 20 * MINUTE
  assert.deepEqual(reading([top, set, event]), { value: 'webhook', since: Date.parse(ago('30m')), until })
})

test('a kind without a condition is told by its Events, as long as its controller could not have succeeded since', () => {
  const makers: readonly (readonly [Raw, 'workload' | 'job'])[] = [
    [statefulSet({ name: 'api', spec: { replicas: 2 }, status: { replicas: 1 } }), 'workload'],
    [daemonSet({ name: 'api', status: { desiredNumberScheduled: 2, currentNumberScheduled: 1 } }), 'workload'],
    [job({ name: 'api', spec: { parallelism: 1, completions: 1 } }), 'job'],
  ]
  for (const [maker, kind] of makers) {
    const seen = (last: string): Raw =>
      eventOn(maker, {
        reason: 'FailedCreate',
        message: `Error creating: ${QUOTA}`,
        firstTimestamp: ago('50m'),
        lastTimestamp: ago(last),
        count: 9,
      })
    const at = { kind, name: 'api' } as const
    assert.deepEqual(
      readingOf('creationRefusedBy', at, snapshotOf([maker, seen('5m')])),
      { value: 'quota', since: Date.parse(ago('50m')), until: NOW + 15 * 60_000 },
      maker.kind,
    )
    assert.equal(valueOf('creationRefusedBy', at, snapshotOf([maker, seen('25m')])), null)
    assert.equal(valueOf('creationRefusedBy', at, snapshotOf([maker])), null)
    assert.deepEqual(valueOf('creationRefusedBy', at, snapshotOf([maker], { listed: allBut('events') })), {
      unknown: 'not-listed',
    })
  }
})

const allBut = (kind: string): string[] =>
  ['deployments.apps', 'replicasets.apps', 'events'].filter((one) => one !== kind)

test('since when is told over Events without a gap', () => {
  const set = statefulSet({ name: 'api', spec: { replicas: 2 }, status: { replicas: 1 } })
  const seen = (first: string, last: string): Raw =>
    eventOn(set, { reason: 'FailedCreate', message: QUOTA, firstTimestamp: ago(first), lastTimestamp: ago(last) })
  const snapshot = snapshotOf([set, seen('5m', '1m'), seen('30m', '20m'), seen('55m', '54m')])
  assert.deepEqual(readingOf('creationRefusedBy', API, snapshot), {
    value: 'quota',
    since: Date.parse(ago('30m')),
    until: NOW + 19 * 60_000,
  })
})

test('a Deployment needs no Events, a Job that is over or suspended wants no pods', () => {
  assert.equal(valueOf('creationRefusedBy', API, snapshotOf(refused(), { listed: allBut('events') })), 'quota')
  const condition = (type: string): object => ({ conditions: [{ type, status: 'True' }] })
  const jobs = [
    job({ name: 'api', spec: { suspend: true } }),
    job({ name: 'api', status: condition('Failed') }),
    job({ name: 'api', status: condition('Complete') }),
    job({ name: 'api', spec: { parallelism: 3, completions: 5 }, status: { succeeded: 4, active: 1 } }),
    job({ name: 'api', deleted: ago('1m') }),
  ]
  for (const one of jobs) assert.equal(valueOf('missingPods', { kind: 'job', name: 'api' }, snapshotOf([one])), 0)
})

test('a controller that has not looked yet makes it unknown', () => {
  const [top, set] = refused({ deployment: { metadata: { generation: 2 } } })
  assert.ok(top && set)
  assert.deepEqual(valueOf('creationRefusedBy', API, snapshotOf([top, set])), { unknown: 'not-recorded' })
})

test('a Deployment that cannot make a ReplicaSet', () => {
  const top = deployment({
    name: 'api',
    status: {
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ReplicaSetCreateError',
          message: 'replicasets.apps "x" is forbidden: exceeded quota: sets',
        },
      ],
    },
  })
  assert.equal(valueOf('refusedBy', API, snapshotOf([top])), 'ResourceQuota sets')
})

test('in a namespace that is being deleted nothing is at fault', () => {
  const message = 'pods "x" is forbidden: unable to create new content in namespace shop because it is being terminated'
  const set = { status: { conditions: [failure(message)] } }
  assert.deepEqual(reading(refused({ set })), { value: null })
})

test('who refuses is named by kind', () => {
  const by = (message: string, ...others: Raw[]): unknown =>
    valueOf(
      'refusedBy',
      API,
      snapshotOf([...refused({ set: { status: { conditions: [failure(message)] } } }), ...others]),
    )
  const hook = validatingWebhook({
    name: 'guard',
    webhooks: [{ name: 'hook.test', clientConfig: { service: { namespace: 'policy', name: 'server' } } }],
  })
  assert.equal(
    by('failed calling webhook "hook.test": x', hook),
    'ValidatingWebhookConfiguration guard (webhook hook.test, service policy/server)',
  )
  assert.equal(by('failed calling webhook "hook.test": x'), 'webhook hook.test')
  assert.equal(by('minimum cpu usage per Pod is 1', limitRange({ name: 'sizes' })), 'LimitRange sizes')
  assert.equal(by('violates PodSecurity "baseline:v1.30": hostPath'), 'PodSecurity baseline:v1.30')
  assert.equal(
    by('error looking up service account shop/robot: serviceaccount "robot" not found'),
    'ServiceAccount shop/robot',
  )
  assert.equal(by('serviceaccount "robot" not found'), 'ServiceAccount shop/robot')
  assert.equal(by('pods "x" is forbidden: no'), 'the API server')
})

test('the recordings', () => {
  const quota = { kind: 'workload', name: 'batch-api' } as const
  assert.equal(valueOf('creationRefusedBy', quota, recording('quota')), 'quota')
  assert.equal(valueOf('missingPods', quota, recording('quota')), 2)
  const down = recording('webhook-down')
  const ledger = { kind: 'workload', name: 'ledger' } as const
  assert.equal(valueOf('creationRefusedBy', ledger, down), 'webhook')
  assert.match(
    String(valueOf('refusedBy', ledger, down)),
    /faults-webhook-down.*check\.faults\.example\.test.*policy\/policy-server/,
  )
})
