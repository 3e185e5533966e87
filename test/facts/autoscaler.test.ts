import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ago,
  autoscaler,
  customObject,
  deployment,
  pod,
  snapshotOf,
  statefulSet,
  type Looked,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const WEB = { kind: 'autoscaler', name: 'web' } as const

const condition = (type: string, status: string, reason: string, message = 'so it is'): object => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: ago('30m'),
})
const ABLE = condition('AbleToScale', 'True', 'SucceededGetScale')
const inactive = (reason: string, message?: string): object => condition('ScalingActive', 'False', reason, message)
const utilization = (name = 'cpu'): object => ({
  type: 'Resource',
  resource: { name, target: { type: 'Utilization', averageUtilization: 70 } },
})

const scaling = (conditions: readonly object[], spec: object = {}): Raw =>
  autoscaler({
    name: 'web',
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      metrics: [utilization()],
      ...spec,
    },
    status: { conditions },
  })
const target = deployment({ name: 'web', spec: { replicas: 1 } })
const backend = (resources: object, seed: Seed = {}): Raw =>
  pod({
    name: 'web-a',
    owner: target,
    spec: { containers: [{ name: 'app', resources }] },
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('10m') }] },
    ...seed,
  })
const SIZED = { requests: { cpu: '100m' } }

const told = (objects: readonly Raw[], looked: Looked = {}): unknown[] =>
  ['autoscalerFault', 'autoscalerFaultDetail'].map((fact) => valueOf(fact, WEB, snapshotOf(objects, looked)))

test('one that scales, or is switched off, is not broken', () => {
  const active = condition('ScalingActive', 'True', 'ValidMetricFound')
  assert.deepEqual(told([scaling([ABLE, active]), target]), [null, null])
  const limited = condition('ScalingLimited', 'True', 'TooManyReplicas')
  assert.deepEqual(told([scaling([ABLE, active, limited]), target]), [null, null])
  assert.deepEqual(told([scaling([ABLE, inactive('ScalingDisabled')]), target]), [null, null])
})

test('one that its controller has not looked at is unknown', () => {
  assert.deepEqual(valueOf('autoscalerFault', WEB, snapshotOf([scaling([])])), { unknown: 'not-recorded' })
  assert.deepEqual(valueOf('autoscalerFault', WEB, snapshotOf([autoscaler({ name: 'web' })])), {
    unknown: 'not-recorded',
  })
})

test('a target that does not exist', () => {
  const unable = condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "web" not found')
  assert.deepEqual(told([scaling([unable])]), ['target-missing', 'its target Deployment web does not exist'])
  assert.deepEqual(readingOf('autoscalerFault', WEB, snapshotOf([scaling([unable])])), {
    value: 'target-missing',
    since: Date.parse(ago('30m')),
  })
  // Nobody looked at Deployments: the controller's word is all there is.
  assert.equal(told([scaling([unable])], { listed: ['pods', 'replicasets.apps'] })[0], 'target-missing')
  const hidden = condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "web" is forbidden')
  assert.deepEqual(told([scaling([hidden]), target]), [
    'target-unreadable',
    'the scale of its target Deployment web cannot be read: deployments.apps "web" is forbidden',
  ])
  const custom = { scaleTargetRef: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web' } }
  assert.equal(told([scaling([unable], custom)])[0], 'target-missing')
  assert.equal(
    told([scaling([hidden], custom), customObject('argoproj.io/v1alpha1', 'Rollout', { name: 'web' })])[0],
    'target-unreadable',
  )
})

test('a target that cannot be changed, or is shared', () => {
  const unable = condition('AbleToScale', 'False', 'FailedUpdateScale', 'the object has been modified')
  assert.equal(told([scaling([unable]), target])[0], 'cannot-scale')
  assert.equal(told([scaling([ABLE, inactive('AmbiguousSelector')]), target])[0], 'shared-target')
  assert.equal(told([scaling([ABLE, inactive('InvalidSelector')]), target])[0], 'invalid-metric')
})

test('a container without the request that its use is measured against', () => {
  const failing = scaling([ABLE, inactive('FailedGetResourceMetric')])
  assert.deepEqual(told([failing, target, backend({})]), [
    'missing-request',
    'no request to measure against in Deployment web, container app (cpu)',
  ])
  assert.equal(told([failing, target, backend({ limits: { cpu: '1' } })])[0], 'metrics-unavailable')
  assert.equal(told([failing, target, backend(SIZED)])[0], 'metrics-unavailable')
})

test('which containers count', () => {
  const without = (metrics: readonly object[]): unknown => {
    const spec = {
      initContainers: [{ name: 'setup' }, { name: 'mesh', restartPolicy: 'Always' }],
      containers: [
        { name: 'app', resources: { requests: { memory: '1Gi' } } },
        { name: 'log', resources: SIZED },
      ],
    }
    return valueOf(
      'containersWithoutRequest',
      WEB,
      snapshotOf([scaling([ABLE], { metrics }), target, backend({}, { spec })]),
    )
  }
  assert.deepEqual(without([utilization()]), ['app (cpu)', 'mesh (cpu)'])
  assert.deepEqual(without([utilization('memory')]), ['log (memory)', 'mesh (memory)'])
  const ofLog = {
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: 'log', target: { type: 'Utilization' } },
  }
  assert.deepEqual(without([ofLog]), [])
  assert.deepEqual(without([{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue' } } }]), [])
  assert.deepEqual(without([{ type: 'External' }]), [])
})

test('metrics are missing from when a pod of the target was ready', () => {
  const failing = scaling([ABLE, inactive('FailedGetResourceMetric')])
  const reading = readingOf('autoscalerFault', WEB, snapshotOf([failing, target, backend(SIZED)]))
  assert.deepEqual(reading, { value: 'metrics-unavailable', since: Date.parse(ago('10m')) })
  const unready = backend(SIZED, { status: { conditions: [{ type: 'Ready', status: 'False' }] } })
  assert.deepEqual(told([failing, target, unready]), [null, null])
  assert.deepEqual(told([failing, target]), [null, null])
})

test('whose fault it is cannot be told without the pods', () => {
  const listed = ['deployments.apps', 'replicasets.apps']
  assert.deepEqual(told([scaling([ABLE, inactive('FailedGetResourceMetric')]), target], { listed })[0], {
    unknown: 'not-listed',
  })
})

test('a StatefulSet is a target too', () => {
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' } }
  const unable = condition('AbleToScale', 'False', 'FailedGetScale', 'not found')
  assert.equal(told([scaling([unable], spec), statefulSet({ name: 'db' })])[0], 'target-unreadable')
  assert.equal(valueOf('scaleTarget', WEB, snapshotOf([scaling([unable], spec)])), 'StatefulSet db')
})

test('numbers', () => {
  const snapshot = snapshotOf([scaling([ABLE])])
  assert.equal(valueOf('maxReplicas', WEB, snapshot), 3)
  assert.deepEqual(valueOf('desiredReplicas', WEB, snapshot), { unknown: 'not-recorded' })
})

test('the recordings', () => {
  const broken = recording('hpa-broken')
  const fault = (name: string): unknown => valueOf('autoscalerFault', { kind: 'autoscaler', name }, broken)
  assert.deepEqual([fault('ghost'), fault('unsized')], ['target-missing', 'missing-request'])
  assert.equal(valueOf('autoscalerFault', { kind: 'autoscaler', name: 'shop' }, recording('hpa')), null)
})
