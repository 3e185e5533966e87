import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, autoscaler, deployed, disruptionBudget, node, snapshotOf, type Raw } from '../support/build.ts'
import { findingOf, shown } from '../support/judge.ts'
import { recording } from '../support/recordings.ts'

const NODE = node({
  name: 'node-1',
  status: {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('9d') }],
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
  },
})

const condition = (type: string, status: string, reason: string, message = ''): object => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: ago('20m'),
})
const scaler = (...conditions: object[]): Raw =>
  autoscaler({
    name: 'web',
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
    status: { conditions },
  })

function web(resources: object, ready: 'True' | 'False' = 'True'): Raw[] {
  const containers = [{ name: 'app', image: 'web:1', resources }]
  const parts = deployed({
    name: 'web',
    spec: { replicas: 1, template: { spec: { containers } } },
    status: { replicas: 1, readyReplicas: 1 },
    pod: {
      spec: { nodeName: 'node-1', containers },
      status: {
        phase: 'Running',
        startTime: ago('3h'),
        conditions: [{ type: 'Ready', status: ready, lastTransitionTime: ago('3h') }],
        containerStatuses: [
          {
            name: 'app',
            ready: ready === 'True',
            started: true,
            restartCount: 0,
            state: { running: { startedAt: ago('3h') } },
          },
        ],
      },
    },
  })
  return [NODE, parts.deployment, parts.replicaSet, parts.pod]
}
const SIZED = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } }
const ABLE = condition('AbleToScale', 'True', 'SucceededGetScale')
const NO_METRIC = condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics returned')

test('autoscaler-broken: the target does not exist', async () => {
  const snapshot = snapshotOf([
    NODE,
    scaler(condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "web" not found')),
  ])
  assert.deepEqual(await shown(snapshot), ['autoscaler-broken HorizontalPodAutoscaler/web'])
  assert.match((await findingOf('autoscaler-broken', snapshot)).message, /Deployment web does not exist/)
})

test('autoscaler-broken: no request to measure against, no metrics', async () => {
  const unsized = snapshotOf([...web({ requests: { memory: '16Mi' } }), scaler(ABLE, NO_METRIC)])
  assert.deepEqual(await shown(unsized), ['autoscaler-broken HorizontalPodAutoscaler/web'])
  assert.match((await findingOf('autoscaler-broken', unsized)).message, /no request .* container app \(cpu\)/)
  const silent = snapshotOf([...web(SIZED), scaler(ABLE, NO_METRIC)])
  assert.match((await findingOf('autoscaler-broken', silent)).message, /^metrics-unavailable: .*no metrics returned/)
})

test('an autoscaler at its most, switched off, or whose pods do not run, says nothing', async () => {
  const active = condition('ScalingActive', 'True', 'ValidMetricFound')
  const most = condition('ScalingLimited', 'True', 'TooManyReplicas')
  assert.deepEqual(await shown(snapshotOf([...web(SIZED), scaler(ABLE, active, most)])), [])
  assert.deepEqual(
    await shown(snapshotOf([...web(SIZED), scaler(ABLE, condition('ScalingActive', 'False', 'ScalingDisabled'))])),
    [],
  )
  const down = await shown(snapshotOf([...web(SIZED, 'False'), scaler(ABLE, NO_METRIC)]))
  assert.deepEqual(down, ['not-ready Deployment/web'])
  assert.deepEqual(await shown(recording('hpa')), [])
})

const budget = (spec: object, expectedPods: number, desiredHealthy: number, currentHealthy: number): Raw =>
  disruptionBudget({
    name: 'web',
    spec,
    status: {
      expectedPods,
      desiredHealthy,
      currentHealthy,
      disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
      conditions: [condition('DisruptionAllowed', 'False', 'InsufficientPods')],
    },
  })

test('disruption-budget-blocks: never an eviction though every pod is healthy', async () => {
  for (const one of [
    budget({ minAvailable: '100%' }, 2, 2, 2),
    budget({ maxUnavailable: 0 }, 3, 3, 3),
    budget({ minAvailable: 1 }, 1, 1, 1),
  ]) {
    const snapshot = snapshotOf([NODE, one])
    assert.deepEqual(await shown(snapshot), ['disruption-budget-blocks PodDisruptionBudget/web'])
    assert.equal((await findingOf('disruption-budget-blocks', snapshot)).state, 'firing')
  }
})

test('a budget that allows evictions, waits for its pods, or has none says nothing', async () => {
  for (const one of [
    budget({ maxUnavailable: 1 }, 2, 1, 2),
    budget({ minAvailable: 1 }, 2, 1, 1),
    budget({ minAvailable: 1 }, 1, 1, 0),
    budget({ minAvailable: 1 }, 0, 0, 0),
  ])
    assert.deepEqual(await shown(snapshotOf([NODE, one])), [])
})

test('the recordings', async () => {
  assert.deepEqual(await shown(recording('pdb-all')), ['disruption-budget-blocks PodDisruptionBudget/sessions'])
  assert.deepEqual(await shown(recording('hpa-broken')), [
    'autoscaler-broken HorizontalPodAutoscaler/ghost',
    'autoscaler-broken HorizontalPodAutoscaler/unsized',
  ])
})
