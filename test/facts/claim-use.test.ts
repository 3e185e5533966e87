import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { KINDS } from '../../src/cluster/kinds.ts'
import { CLAIM_HOLDERS } from '../../src/facts/claim-holders.ts'
import { CLAIM_USES } from '../../src/facts/claim-use.ts'
import {
  ago,
  autoscaler,
  claim,
  controllerRevision,
  cronJob,
  customObject,
  daemonSet,
  deployment,
  job,
  node,
  NOW,
  pod,
  podMetrics,
  replicaSet,
  snapshotOf,
  statefulSet,
  storageClass,
  volume,
  volumeSnapshot,
  type Looked,
  type Raw,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const DATA = { kind: 'claim', name: 'data' } as const

const held = (seed: Record<string, unknown> = {}): Raw =>
  claim({ name: 'data', spec: { storageClassName: 'standard', volumeName: 'pv' }, status: { phase: 'Bound' }, ...seed })

const naming = (name = 'data'): Record<string, unknown> => ({
  spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: name } }] },
})
const template = (name = 'data'): Record<string, unknown> => ({ spec: { replicas: 0, template: naming(name) } })

/** A pod of somebody else: the list is not empty. */
const OTHER = pod({ name: 'other', spec: { nodeName: 'n' }, status: { phase: 'Running' } })
const ended = (phase: string, finishedAt = ago('2d')): Raw =>
  pod({
    name: 'done',
    spec: { ...(naming()['spec'] as object), containers: [{ name: 'a' }] },
    status: { phase, containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 0, finishedAt } } }] },
  })

const set = (seed: Record<string, unknown> = {}, name = 'kafka'): Raw =>
  statefulSet({
    name,
    spec: { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'data' } }], ...seed },
  })
const numbered = (ordinal: number, seed: Record<string, unknown> = {}): Raw =>
  held({ name: `data-kafka-${ordinal}`, ...seed })
const WAIT = storageClass({ name: 'wait', provisioner: 'x', volumeBindingMode: 'WaitForFirstConsumer' })
const UNUSED = (status: 'True' | 'False', since: string): Record<string, unknown> => ({
  status: { phase: 'Bound', conditions: [{ type: 'Unused', status, lastTransitionTime: since }] },
})
const CUSTOM_OWNER = customObject('postgresql.cnpg.io/v1', 'Cluster', { name: 'pg' })

type Row = [
  what: string,
  objects: Raw[],
  use: (typeof CLAIM_USES)[number] | { unknown: string },
  words?: RegExp | undefined,
  name?: string,
]

const VERDICTS: Row[] = [
  ['a running pod names it', [held(), pod({ ...naming(), status: { phase: 'Running' } })], 'in-use', /pod pod uses it/],
  ['a pod that waits for a node names it', [held(), pod({ ...naming(), status: { phase: 'Pending' } })], 'in-use'],
  [
    'a pod that is being deleted names it',
    [held(), pod({ ...naming(), deleted: ago('1m'), status: { phase: 'Running' } })],
    'in-use',
  ],
  [
    'an ephemeral volume of its owner',
    [
      held({ name: 'web-tmp', owner: pod({ name: 'web' }) }),
      pod({ name: 'web', spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } }),
    ],
    'in-use',
    /pod web/,
    'web-tmp',
  ],
  [
    'an ephemeral volume of that name, of another pod',
    [held({ name: 'web-tmp' }), pod({ name: 'web', spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } })],
    'orphaned',
    /no pod/,
    'web-tmp',
  ],
  ['a pod of another namespace names one like it', [held(), OTHER, pod({ namespace: 'b', ...naming() })], 'orphaned'],

  ['a Deployment at 0', [held(), OTHER, deployment(template())], 'reserved-template', /Deployment deployment names it/],
  ['a ReplicaSet of an old revision', [held(), OTHER, replicaSet(template())], 'reserved-template'],
  ['a DaemonSet', [held(), OTHER, daemonSet(template())], 'reserved-template'],
  ['a StatefulSet that names it outright', [held(), OTHER, statefulSet(template())], 'reserved-template'],
  [
    'a suspended CronJob',
    [
      held(),
      OTHER,
      cronJob({ name: 'yearly', spec: { suspend: true, jobTemplate: { spec: { template: naming() } } } }),
    ],
    'reserved-template',
    /CronJob yearly/,
  ],
  ['a Job that is not finished', [held(), OTHER, job(template())], 'reserved-template'],
  [
    'a finished Job',
    [held(), OTHER, job({ ...template(), status: { conditions: [{ type: 'Complete', status: 'True' }] } })],
    'orphaned',
  ],
  [
    'a Rollout',
    [held(), OTHER, customObject('argoproj.io/v1alpha1', 'Rollout', template())],
    'reserved-template',
    /Rollout/,
  ],
  [
    'a ReplicationController',
    [held(), OTHER, customObject('v1', 'ReplicationController', template())],
    'reserved-template',
  ],
  [
    'a VolSync source',
    [held(), OTHER, customObject('volsync.backube/v1alpha1', 'ReplicationSource', { spec: { sourcePVC: 'data' } })],
    'reserved-template',
  ],
  [
    'an old revision of a DaemonSet',
    [held(), OTHER, controllerRevision({ data: { spec: { template: naming() } } })],
    'reserved-template',
  ],
  ['a template of another namespace', [held(), OTHER, deployment({ namespace: 'b', ...template() })], 'orphaned'],

  [
    'a replica that is not there yet',
    [numbered(0), OTHER, set()],
    'reserved-ordinal',
    /StatefulSet kafka uses it for its ordinal 0/,
    'data-kafka-0',
  ],
  [
    'ordinals that start later',
    [numbered(5), OTHER, set({ ordinals: { start: 5 } })],
    'reserved-ordinal',
    /ordinal 5/,
    'data-kafka-5',
  ],
  [
    'a StatefulSet without a count has one replica',
    [numbered(0), OTHER, set({ replicas: undefined })],
    'reserved-ordinal',
    undefined,
    'data-kafka-0',
  ],
  ['a paused StatefulSet', [numbered(2), OTHER, set({ replicas: 0 })], 'reserved-ordinal', undefined, 'data-kafka-2'],
  [
    'an autoscaler may need it',
    [
      numbered(2),
      OTHER,
      set(),
      autoscaler({ spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'kafka' }, maxReplicas: 3 } }),
    ],
    'reserved-ordinal',
    undefined,
    'data-kafka-2',
  ],
  [
    'a custom set of unknown size',
    [
      numbered(2),
      OTHER,
      customObject('apps.kruise.io/v1beta1', 'StatefulSet', {
        name: 'kafka',
        spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] },
      }),
    ],
    'reserved-ordinal',
    undefined,
    'data-kafka-2',
  ],

  [
    'a StatefulSet that was scaled down',
    [numbered(1), OTHER, set()],
    'sts-surplus-ordinal',
    /left by StatefulSet kafka, which now has 1 replica and none with ordinal 1; .*whenScaled Retain/,
    'data-kafka-1',
  ],
  [
    'below the first ordinal',
    [numbered(1), OTHER, set({ replicas: 2, ordinals: { start: 5 } })],
    'sts-surplus-ordinal',
    /2 replicas/,
    'data-kafka-1',
  ],
  [
    'beyond what an autoscaler may make',
    [
      numbered(3),
      OTHER,
      set(),
      autoscaler({ spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'kafka' }, maxReplicas: 3 } }),
    ],
    'sts-surplus-ordinal',
    undefined,
    'data-kafka-3',
  ],
  [
    'one of two readings of its name is needed',
    [
      held({ name: 'a-b-c-1' }),
      OTHER,
      statefulSet({ name: 'c', spec: { replicas: 1, volumeClaimTemplates: [{ metadata: { name: 'a-b' } }] } }),
      statefulSet({ name: 'b-c', spec: { replicas: 2, volumeClaimTemplates: [{ metadata: { name: 'a' } }] } }),
    ],
    'reserved-ordinal',
    /b-c/,
    'a-b-c-1',
  ],
  [
    'no ordinal of ours has a leading zero',
    [held({ name: 'data-kafka-01' }), OTHER, set()],
    'orphaned',
    undefined,
    'data-kafka-01',
  ],

  [
    'a StatefulSet that is gone, by its label',
    [numbered(1, { labels: { app: 'kafka' } }), OTHER],
    'sts-gone',
    /left by StatefulSet kafka, which no longer exists/,
    'data-kafka-1',
  ],
  [
    'a StatefulSet that is gone, by two labels of a chart',
    [held({ name: 'data-shop-pg-0', labels: { name: 'pg', instance: 'shop' } }), OTHER],
    'sts-gone',
    /StatefulSet shop-pg/,
    'data-shop-pg-0',
  ],
  [
    'a StatefulSet that is gone, by a revision of it',
    [numbered(1), OTHER, controllerRevision({ owner: set() })],
    'sts-gone',
    /StatefulSet kafka/,
    'data-kafka-1',
  ],
  ['a name of that shape alone', [numbered(1), OTHER], 'orphaned', undefined, 'data-kafka-1'],
  [
    'a label that a living Deployment has too',
    [numbered(1, { labels: { app: 'kafka' } }), OTHER, deployment({ name: 'kafka' })],
    'orphaned',
    undefined,
    'data-kafka-1',
  ],

  ['an operator owns it', [held({ owner: CUSTOM_OWNER }), OTHER, CUSTOM_OWNER], 'owned', /Cluster pg owns it/],
  ['its owner is gone', [held({ owner: CUSTOM_OWNER }), OTHER], 'owned', /garbage collection/],
  [
    'an ephemeral volume of a pod that has ended',
    [
      held({ name: 'done-tmp', owner: pod({ name: 'done' }) }),
      OTHER,
      pod({ name: 'done', spec: { volumes: [{ name: 'tmp', ephemeral: {} }] }, status: { phase: 'Succeeded' } }),
    ],
    'owned',
    undefined,
    'done-tmp',
  ],

  [
    'a clone is being made',
    [
      held(),
      OTHER,
      claim({
        name: 'copy',
        spec: { storageClassName: 'x', dataSource: { kind: 'PersistentVolumeClaim', name: 'data' } },
        status: { phase: 'Pending' },
      }),
    ],
    'data-source',
    /claim copy/,
  ],
  [
    'a clone that is done',
    [
      held(),
      OTHER,
      claim({
        name: 'copy',
        spec: { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'data' } },
        status: { phase: 'Bound' },
      }),
    ],
    'orphaned',
  ],
  [
    'a snapshot is being made',
    [held(), OTHER, volumeSnapshot({ name: 'nightly', spec: { source: { persistentVolumeClaimName: 'data' } } })],
    'data-source',
    /VolumeSnapshot nightly/,
  ],
  [
    'a snapshot that is done',
    [
      held(),
      OTHER,
      volumeSnapshot({ spec: { source: { persistentVolumeClaimName: 'data' } }, status: { readyToUse: true } }),
    ],
    'orphaned',
  ],
  [
    'a backup is configured',
    [held({ annotations: { 'backup.velero.io/backup-volumes': 'd' } }), OTHER],
    'data-source',
    /backup/,
  ],

  [
    'it waits for its first pod',
    [held({ spec: { storageClassName: 'wait' }, status: { phase: 'Pending' } }), OTHER, WAIT],
    'pending-wffc',
  ],
  [
    'its class does not exist, which is another fault',
    [held({ spec: { storageClassName: 'wait' }, status: { phase: 'Pending' } }), OTHER],
    'orphaned',
  ],

  [
    'somebody said so, with a reason',
    [
      held({ annotations: { 'dogwatch.io/ignore': 'orphaned-claim', 'dogwatch.io/ignore-reason': 'legal hold' } }),
      OTHER,
    ],
    'held',
    /legal hold/,
  ],
  [
    'somebody said so, without a reason',
    [held({ annotations: { 'dogwatch.io/ignore': 'orphaned-claim' } }), OTHER],
    'orphaned',
  ],
  [
    'somebody said so, until yesterday',
    [
      held({
        annotations: {
          'dogwatch.io/ignore': 'orphaned-claim',
          'dogwatch.io/ignore-reason': 'x',
          'dogwatch.io/ignore-until': ago('1d'),
        },
      }),
      OTHER,
    ],
    'orphaned',
  ],
  ['it is being deleted', [held({ deleted: ago('1h') }), OTHER], 'held', /being deleted/],
  [
    'a finalizer of somebody',
    [held({ finalizers: ['kubernetes.io/pvc-protection', 'x.io/backup'] }), OTHER],
    'held',
    /x.io\/backup/,
  ],
  ['the finalizer that every claim has', [held({ finalizers: ['kubernetes.io/pvc-protection'] }), OTHER], 'orphaned'],

  [
    'only a pod that succeeded names it',
    [held(), ended('Succeeded')],
    'completed-only',
    /the last, done, ended at 2026-11-19T12:00:00Z/,
  ],
  ['only a pod that failed names it', [held(), ended('Failed')], 'completed-only'],
  [
    'nothing refers to it',
    [held(), OTHER],
    'orphaned',
    /no pod, workload, Job, CronJob, StatefulSet or snapshot refers to it/,
  ],
  ['nothing refers to it, in a namespace without pods', [held(), pod({ namespace: 'b' })], 'orphaned'],

  ['no pods, though a ReplicaSet has some', [held(), replicaSet({ status: { replicas: 2 } })], { unknown: 'not-held' }],
  [
    'no pods, though a DaemonSet has some',
    [held(), daemonSet({ status: { currentNumberScheduled: 1 } })],
    { unknown: 'not-held' },
  ],
  ['no pods, though a Job runs', [held(), job({ status: { active: 1 } })], { unknown: 'not-held' }],
  ['no pods, though there is use of some', [held(), podMetrics()], { unknown: 'not-held' }],
  ['no pods at all, though there are nodes', [held(), node()], { unknown: 'not-held' }],
]

for (const [what, objects, use, words, name = 'data'] of VERDICTS) {
  test(`a claim is ${typeof use === 'string' ? use : 'unknown'}: ${what}`, () => {
    const of = { kind: 'claim', name } as const
    const snapshot = snapshotOf(objects)
    assert.deepEqual(valueOf('claimUse', of, snapshot), use)
    if (words) assert.match(String(valueOf('claimUseExplanation', of, snapshot)), words)
  })
}

test('each verdict has a fixture', () =>
  assert.deepEqual(
    CLAIM_USES.filter((use) => !VERDICTS.some(([, , expected]) => expected === use)),
    [],
  ))

/** For each verdict objects that call for it; together they call for all at once, and the first in order wins. */
const LAYERS: readonly (readonly [use: string, objects: Raw[], seed: Record<string, unknown>])[] = [
  ['in-use', [pod({ name: 'runs', ...naming('data-kafka-1'), status: { phase: 'Running' } })], {}],
  ['reserved-template', [deployment(template('data-kafka-1'))], {}],
  ['reserved-ordinal', [set({ replicas: 2 })], {}],
  ['sts-surplus-ordinal', [set()], {}],
  ['sts-gone', [controllerRevision({ owner: set({}, 'kafka') })], { labels: { app: 'kafka' } }],
  ['owned', [CUSTOM_OWNER], { owner: CUSTOM_OWNER }],
  ['data-source', [volumeSnapshot({ spec: { source: { persistentVolumeClaimName: 'data-kafka-1' } } })], {}],
  ['held', [], { finalizers: ['x.io/y'] }],
  ['completed-only', [pod({ name: 'ended', ...naming('data-kafka-1'), status: { phase: 'Succeeded' } })], {}],
]

test('the first verdict that fits is the answer', () => {
  for (let from = 0; from < LAYERS.length; from++) {
    const layers = LAYERS.slice(from)
    const [use] = layers[0] ?? ['orphaned']
    // A claim with an owner is no longer only left by a set that is gone; a set that exists is not gone.
    const kept = layers.filter(
      ([name]) =>
        !(use === 'sts-gone' && name === 'owned') && !(use === 'reserved-ordinal' && name === 'sts-surplus-ordinal'),
    )
    const seed = Object.assign({}, ...kept.map(([, , one]) => one)) as Record<string, unknown>
    const snapshot = snapshotOf([OTHER, numbered(1, seed), ...kept.flatMap(([, objects]) => objects)])
    assert.equal(valueOf('claimUse', { kind: 'claim', name: 'data-kafka-1' }, snapshot), use)
  }
})

const REQUIRED = [
  'pods',
  'persistentvolumeclaims',
  'statefulsets.apps',
  'deployments.apps',
  'replicasets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'volumesnapshots.snapshot.storage.k8s.io',
]
const ALL = [...KINDS.map(({ resource }) => resource), ...CLAIM_HOLDERS]

test('a kind that is needed and was not looked at makes the use unknown, whatever is seen', () => {
  for (const missing of [...REQUIRED, ...CLAIM_HOLDERS])
    for (const reason of ['forbidden', 'failed', 'not-listed'] as const) {
      const looked: Looked = { listed: ALL, blind: { [missing]: { unknown: reason, detail: missing } } }
      assert.deepEqual(valueOf('claimUse', DATA, snapshotOf([held(), OTHER], looked)), { unknown: reason }, missing)
    }
})

test('a kind that the cluster does not have needs no look', () => {
  const none = { unknown: 'not-installed', detail: '' } as const
  const blind = Object.fromEntries(
    ['volumesnapshots.snapshot.storage.k8s.io', ...CLAIM_HOLDERS].map((kind) => [kind, none]),
  )
  assert.equal(valueOf('claimUse', DATA, snapshotOf([held(), OTHER], { blind })), 'orphaned')
})

test('a look at its own namespace is enough, one at another is not', () => {
  const at = (namespaces: readonly string[]): unknown =>
    valueOf('claimUse', DATA, snapshotOf([held(), OTHER], { namespaces }))
  assert.equal(at(['shop']), 'orphaned')
  assert.deepEqual(at(['other']), { unknown: 'not-listed' })
})

const LEFT = new Set<unknown>(['orphaned', 'sts-gone', 'sts-surplus-ordinal', 'completed-only'])

test('property: without any one of the kinds that are needed no claim is ever called left', () =>
  fc.assert(
    fc.property(
      fc.subarray(VERDICTS.flatMap(([, objects]) => objects)),
      fc.subarray([...REQUIRED, ...CLAIM_HOLDERS], { minLength: 1 }),
      (objects, missing) => {
        const listed = ALL.filter((kind) => !missing.includes(kind))
        const blind = Object.fromEntries(
          missing.map((kind) => [kind, { unknown: 'not-listed', detail: kind } as const]),
        )
        const snapshot = snapshotOf([...objects, held()], { listed, blind })
        for (const one of snapshot.all('persistentvolumeclaims'))
          if (one.metadata.namespace === 'shop')
            assert.ok(!LEFT.has(valueOf('claimUse', { kind: 'claim', name: one.metadata.name }, snapshot)))
      },
    ),
  ))

test('property: one more pod or template that names a claim never makes it left', () =>
  fc.assert(
    fc.property(
      fc.subarray(VERDICTS.flatMap(([, objects]) => objects)),
      fc.constantFrom(
        pod({ name: 'new', ...naming() }),
        deployment({ name: 'new', ...template() }),
        customObject('argoproj.io/v1alpha1', 'Rollout', { name: 'new', ...template() }),
      ),
      (objects, user) => {
        const snapshot = snapshotOf([...objects, held(), OTHER, user])
        assert.ok(!LEFT.has(valueOf('claimUse', DATA, snapshot)))
      },
    ),
  ))

const since = (objects: Raw[]): unknown => {
  const reading = readingOf('claimUse', DATA, snapshotOf(objects))
  return 'value' in reading ? reading.since : reading
}

test('since when a claim is unused: the latest of the condition, its making and the last use', () => {
  assert.equal(since([held(), OTHER]), undefined)
  assert.equal(since([held({ created: ago('9d'), ...UNUSED('True', ago('8d')) }), OTHER]), NOW - 8 * 86_400_000)
  assert.equal(since([held({ created: ago('2d'), ...UNUSED('True', ago('8d')) }), OTHER]), NOW - 2 * 86_400_000)
  assert.equal(
    since([held({ created: ago('9d'), ...UNUSED('True', ago('8d')) }), ended('Succeeded')]),
    NOW - 2 * 86_400_000,
  )
  assert.equal(since([held({ created: ago('9d'), ...UNUSED('False', ago('8d')) }), OTHER]), undefined)
  assert.equal(since([held({ ...UNUSED('True', new Date(NOW + 1000).toISOString()) }), OTHER]), undefined)
})

test('the Unused condition is joined with the pods and not trusted alone', () => {
  const runs = pod({ ...naming(), status: { phase: 'Running' } })
  const cases: [Raw[], string, string][] = [
    [[held(), OTHER], 'absent', 'orphaned'],
    [[held(UNUSED('True', ago('8d'))), OTHER], 'unused', 'orphaned'],
    [[held(UNUSED('False', ago('8d'))), runs], 'in-use', 'in-use'],
    [[held(UNUSED('True', ago('8d'))), runs], 'contradicted', 'in-use'],
    [[held(UNUSED('False', ago('8d'))), OTHER], 'contradicted', 'orphaned'],
    [[held(UNUSED('True', ago('2d'))), ended('Succeeded')], 'unused', 'completed-only'],
  ]
  for (const [objects, condition, use] of cases) {
    const snapshot = snapshotOf(objects)
    assert.equal(valueOf('claimUnusedCondition', DATA, snapshot), condition)
    assert.equal(valueOf('claimUse', DATA, snapshot), use)
  }
})

test('the evidence that is missing is named', () => {
  const missing = (objects: Raw[], looked: Looked = {}): unknown =>
    valueOf('missingEvidence', DATA, snapshotOf(objects, looked))
  assert.deepEqual(missing([held()]), ['since when it is unused (it has no Unused condition)'])
  assert.equal(missing([held(UNUSED('True', ago('8d')))]), null)
  const blind = { persistentvolumes: { unknown: 'forbidden', detail: '' } } as const
  assert.deepEqual(missing([held(UNUSED('True', ago('8d')))], { blind }), [
    'the volume, its size and its reclaim policy',
  ])
})

test('what a claim holds', () => {
  const snapshot = snapshotOf([
    held({
      spec: {
        volumeName: 'pv',
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'fast',
        resources: { requests: { storage: '1Gi' } },
      },
      status: { phase: 'Bound', capacity: { storage: '2Gi' } },
    }),
    volume({ name: 'pv', spec: { persistentVolumeReclaimPolicy: 'Retain' } }),
  ])
  assert.equal(valueOf('claimSizeBytes', DATA, snapshot), 2 * 2 ** 30)
  assert.equal(valueOf('claimClass', DATA, snapshot), 'fast')
  assert.deepEqual(valueOf('claimAccessModes', DATA, snapshot), ['ReadWriteOnce'])
  assert.equal(valueOf('claimVolume', DATA, snapshot), 'pv')
  assert.equal(valueOf('claimReclaimPolicy', DATA, snapshot), 'Retain')
  assert.equal(valueOf('claimDeleted', DATA, snapshot), false)
  assert.deepEqual(valueOf('claimReclaimPolicy', DATA, snapshotOf([held()])), { unknown: 'not-held' })
})

test('a hold that ends says when', () => {
  const until = new Date(NOW + 3_600_000).toISOString()
  const marks = {
    'dogwatch.io/ignore': 'orphaned-claim',
    'dogwatch.io/ignore-reason': 'x',
    'dogwatch.io/ignore-until': until,
  }
  const reading = readingOf('claimUse', DATA, snapshotOf([held({ annotations: marks }), OTHER]))
  assert.deepEqual(reading, { value: 'held', until: NOW + 3_600_000 })
})

const RECORDED: [recording: string, claim: string, use: string][] = [
  ['pvc-orphan', 'old-uploads', 'orphaned'],
  ['sts-scaled', 'data-kafka-0', 'in-use'],
  ['sts-scaled', 'data-kafka-1', 'sts-surplus-ordinal'],
  ['sts-scaled', 'data-kafka-2', 'sts-surplus-ordinal'],
  ['pvc-cron', 'archive', 'reserved-template'],
  ['cron-recovering', 'rates', 'reserved-template'],
  ['pvc-running', 'media', 'in-use'],
  ['pvc-wait', 'later', 'pending-wffc'],
  ['pending-pvc', 'photos', 'in-use'],
  ['pending-pvc', 'videos', 'in-use'],
]

for (const [name, of, use] of RECORDED) {
  test(`in the recording ${name} the claim ${of} is ${use}`, () =>
    assert.equal(valueOf('claimUse', { kind: 'claim', name: of }, recording(name)), use))
}
