import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  controllerRevision,
  daemonSet,
  deployment,
  pod,
  replicaSet,
  snapshotOf,
  statefulSet,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const WEB = { kind: 'workload', name: 'web' } as const
const stalled = (...objects: Raw[]): unknown => readingOf('rolloutStalled', WEB, snapshotOf(objects))

const progressing = (reason: string, status: string): object => ({
  conditions: [{ type: 'Progressing', status, reason, lastTransitionTime: ago('20m') }],
})
const EXCEEDED = progressing('ProgressDeadlineExceeded', 'False')
const web = (seed: Seed = {}): Raw => deployment({ name: 'web', spec: { replicas: 2 }, status: EXCEEDED, ...seed })

test('a Deployment is stuck from when its controller says that the deadline has passed', () => {
  assert.deepEqual(stalled(web()), { value: true, since: Date.parse(ago('20m')) })
  const quiet: Seed[] = [
    { status: progressing('NewReplicaSetAvailable', 'True') },
    { status: progressing('ReplicaSetUpdated', 'True') },
    { status: progressing('DeploymentPaused', 'Unknown') },
    { status: progressing('ReplicaSetCreateError', 'False') },
    { status: {} },
    { spec: { replicas: 2, paused: true } },
    { spec: { replicas: 0 } },
  ]
  for (const seed of quiet) assert.deepEqual(stalled(web(seed)), { value: false }, JSON.stringify(seed))
})

test('a controller that has not looked at the newest specification makes it unknown', () => {
  const late = web({ metadata: { generation: 3 }, status: { ...EXCEEDED, observedGeneration: 2 } })
  assert.deepEqual(stalled(late), {
    unknown: 'not-recorded',
    detail: 'its controller has not looked at generation 3 yet (last at 2)',
  })
  const never = web({ metadata: { generation: 1 }, status: {} })
  assert.deepEqual(valueOf('desiredPods', WEB, snapshotOf([never])), { unknown: 'not-recorded' })
})

const UPDATING = { replicas: 3, updatedReplicas: 1, currentRevision: 'web-1', updateRevision: 'web-2' }
const set = (status: object = {}, spec: object = {}): Raw =>
  statefulSet({ name: 'web', created: ago('9d'), spec: { replicas: 3, ...spec }, status: { ...UPDATING, ...status } })

test('a StatefulSet is stuck while pods of the old revision are left, since anything of it last moved', () => {
  const top = set()
  const moved = (at: string): Raw =>
    pod({
      name: 'web-2',
      owner: top,
      created: ago('40m'),
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(at) }] },
    })
  const made = controllerRevision({ name: 'web-2', owner: top, created: ago('50m'), revision: 2 })
  assert.deepEqual(stalled(top, made), { value: true, since: Date.parse(ago('50m')) })
  assert.deepEqual(stalled(top, made, moved('30m')), { value: true, since: Date.parse(ago('30m')) })
  assert.deepEqual(stalled(top, made, moved('45m')), { value: true, since: Date.parse(ago('40m')) })
})

test('a StatefulSet that is written anew starts anew', () => {
  const written = { manager: 'kubectl', time: ago('5m'), fieldsV1: { 'f:spec': { 'f:template': {} } } }
  const top = statefulSet({
    name: 'web',
    spec: { replicas: 3 },
    status: UPDATING,
    metadata: { managedFields: [written] },
  })
  assert.deepEqual(stalled(top), { value: true, since: Date.parse(ago('5m')) })
})

test('what a StatefulSet keeps back on purpose is not stuck', () => {
  const quiet = [
    set({ updatedReplicas: 3 }),
    set({ currentRevision: 'web-2' }),
    set({ replicas: 1 }, { replicas: 0 }),
    set({}, { updateStrategy: { type: 'OnDelete' } }),
    set({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }),
  ]
  for (const [index, one] of quiet.entries()) assert.deepEqual(stalled(one), { value: false }, String(index))
  assert.deepEqual(
    valueOf('rolloutStalled', WEB, snapshotOf([set({}, { updateStrategy: { rollingUpdate: { partition: 1 } } })])),
    true,
  )
})

test('a DaemonSet is stuck while pods of the old revision are left', () => {
  const agents = (status: object, spec: object = {}): Raw =>
    daemonSet({
      name: 'web',
      created: ago('9d'),
      spec,
      status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, ...status },
    })
  assert.deepEqual(stalled(agents({ updatedNumberScheduled: 1 })), { value: true, since: Date.parse(ago('9d')) })
  assert.deepEqual(stalled(agents({ updatedNumberScheduled: 3 })), { value: false })
  assert.deepEqual(stalled(agents({ currentNumberScheduled: 1, updatedNumberScheduled: 1 })), { value: false })
  assert.deepEqual(stalled(agents({ updatedNumberScheduled: 1 }, { updateStrategy: { type: 'OnDelete' } })), {
    value: false,
  })
})

const images = (...names: string[]): object => ({
  template: { spec: { containers: names.map((image) => ({ name: image, image })) } },
})
const revision = (top: Raw, number: number, seed: Seed): Raw =>
  replicaSet({ owner: top, annotations: { 'deployment.kubernetes.io/revision': String(number) }, ...seed })

test('the revisions of a Deployment: the newest, and the newest older one that runs', () => {
  const top = web({ spec: { replicas: 2, ...images('web:3', 'mesh:1', 'web:3') } })
  const objects = [
    top,
    revision(top, 3, { name: 'web-c', spec: images('web:3'), status: { replicas: 1 } }),
    revision(top, 1, { name: 'web-a', spec: images('web:1'), status: { replicas: 2, readyReplicas: 2 } }),
    revision(top, 2, { name: 'web-b', spec: images('web:2'), status: {} }),
  ]
  const told = (fact: string, of: readonly Raw[] = objects): unknown => valueOf(fact, WEB, snapshotOf(of))
  assert.equal(told('newRevision'), 'web-c')
  assert.deepEqual(told('newRevisionImages'), ['web:3', 'mesh:1'])
  assert.equal(told('newRevisionReadyPods'), 0)
  assert.equal(told('previousRevision'), 'web-a')
  assert.deepEqual(told('previousRevisionImages'), ['web:1'])
  assert.equal(told('previousRevisionAvailable'), true)

  const [, newest, , failed] = objects
  assert.ok(newest && failed)
  assert.deepEqual(told('previousRevisionAvailable', [top, newest, failed]), { unknown: 'not-recorded' })
  assert.equal(told('previousRevision', [top, newest, failed]), 'web-b')
  assert.equal(told('previousRevisionAvailable', [top, newest]), false)
  assert.equal(told('previousRevision', [top, newest]), null)
  assert.equal(told('newRevision', [top]), null)
})

test('the pods of a StatefulSet name their revision, those of a DaemonSet its hash', () => {
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
  const told = (top: Raw, older: Seed, hash: string): unknown[] => {
    const objects = [
      top,
      controllerRevision({ name: 'web-2', owner: top, revision: 2 }),
      controllerRevision({ name: 'web-1', owner: top, revision: 1, ...older }),
      pod({ name: 'one', owner: top, labels: { 'controller-revision-hash': hash }, status: ready }),
    ]
    return ['newRevision', 'newRevisionReadyPods', 'previousRevision', 'previousRevisionAvailable'].map((fact) =>
      valueOf(fact, WEB, snapshotOf(objects)),
    )
  }
  assert.deepEqual(told(set(), {}, 'web-1'), ['web-2', 0, 'web-1', true])
  const agents = daemonSet({ name: 'web' })
  assert.deepEqual(told(agents, { labels: { 'controller-revision-hash': 'abc' } }, 'abc'), ['web-2', 0, 'web-1', true])
  // Going back makes the older revision the one to reach, whatever its number.
  assert.deepEqual(told(set({ updateRevision: 'web-1', currentRevision: 'web-2' }), {}, 'web-1').slice(0, 2), [
    'web-1',
    1,
  ])
})

test('each kind needs only what holds its own revisions', () => {
  const told = (object: Raw, listed: readonly string[]): unknown =>
    valueOf('rolloutStalled', WEB, snapshotOf([object], { listed }))
  const revisions = (object: Raw, listed: readonly string[]): unknown =>
    valueOf('newRevision', WEB, snapshotOf([object], { listed }))
  const blind = { unknown: 'not-listed' }
  assert.equal(told(web(), []), true)
  assert.deepEqual(revisions(web(), []), blind)
  assert.equal(revisions(web(), ['replicasets.apps']), null)
  assert.deepEqual(told(set(), ['controllerrevisions.apps']), blind)
  assert.equal(told(set({ updatedReplicas: 3 }), []), false)
  assert.equal(told(set(), ['controllerrevisions.apps', 'pods']), true)
})

test('a ReplicaSet of its own has neither rollout nor history', () => {
  const snapshot = snapshotOf([
    replicaSet({ name: 'web', spec: { replicas: 2 }, status: { replicas: 2, readyReplicas: 1 } }),
  ])
  const told = ['rolloutStalled', 'newRevision', 'previousRevision', 'newRevisionReadyPods', 'updatedPods'].map(
    (fact) => valueOf(fact, WEB, snapshot),
  )
  assert.deepEqual(told, [false, null, null, 1, 2])
})

test('the recording of a stuck rollout', () => {
  const snapshot = recording('rollout-stuck')
  assert.deepEqual(readingOf('rolloutStalled', WEB, snapshot), {
    value: true,
    since: Date.parse('2026-11-21T11:43:16Z'),
  })
  assert.deepEqual(valueOf('newRevisionImages', WEB, snapshot), ['registry.example.test/shop/web:broken'])
  assert.deepEqual(valueOf('previousRevisionImages', WEB, snapshot), ['busybox:1.36'])
  assert.equal(valueOf('previousRevisionAvailable', WEB, snapshot), true)
})
