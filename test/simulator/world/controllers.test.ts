import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectTable } from '../../../src/simulator/table.ts'
import { crashes, failsTimes, finishes, imageMissing, serves } from '../../../src/simulator/world/behaviour.ts'
import { conditionOf } from '../../../src/simulator/world/conditions.ts'
import { nextTime } from '../../../src/simulator/world/cron-schedule.ts'
import { idle } from '../../../src/simulator/world/curve.ts'
import {
  claim,
  cronJob,
  daemonSet,
  deployment,
  statefulSet,
  templateOf,
} from '../../../src/simulator/world/manifests.ts'
import type { Condition, KubeObject } from '../../../src/simulator/world/objects.ts'
import { isReady } from '../../../src/simulator/world/pods.ts'
import { autoscaler, budget, quota, service } from '../../../src/simulator/world/platform-manifests.ts'
import type { Deployment, Job, Kind, Kinds } from '../../../src/simulator/world/workload-objects.ts'
import { API_VERSIONS } from '../../../src/simulator/world/workload-objects.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/util/time.ts'
import { recordedJson } from '../../support/recordings.ts'
import { fieldsOf, foundIn, smallWorld, someApp } from '../../support/worlds.ts'

type Shown = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } & Record<string, unknown> }

const recorded = (name: string, kind: string, object?: string): Shown => {
  const { items } = recordedJson(name) as { items: Shown[] }
  const found = items.find((item) => item.kind === kind && (object === undefined || item.metadata.name === object))
  assert.ok(found, `${kind} ${object} in ${name}`)
  return found
}
const listOf = <K extends Kind>(table: ObjectTable, kind: K): Kinds[K][] =>
  table.list({ apiVersion: API_VERSIONS[kind], kind }) as unknown as Kinds[K][]
const only = <K extends Kind>(table: ObjectTable, kind: K): Kinds[K] => {
  const [found, ...others] = listOf(table, kind)
  assert.ok(found && others.length === 0, `${others.length + 1} of ${kind}`)
  return found
}
const told = (object: unknown): string[] =>
  ((object as Shown).status?.conditions ?? []).map(({ type, status, reason = '' }) => `${type} ${status} ${reason}`)
const sameShape = (mine: unknown, real: unknown, but: readonly string[] = []): void => {
  const shape = (value: unknown): string[] => fieldsOf(value).filter((path) => !but.includes(path))
  assert.deepEqual(shape((mine as Shown).status), shape((real as Shown).status))
}
const messagesOf = (table: ObjectTable, reason: string): unknown[] =>
  table
    .list({ apiVersion: 'v1', kind: 'Event' })
    .filter((event) => event['reason'] === reason)
    .map((event) => event['message'])

const setImage = (one: Deployment, image: string): Deployment => {
  const { template } = one.spec
  const containers = template.spec.containers.map((container) => ({ ...container, image }))
  return { ...one, spec: { ...one.spec, template: { ...template, spec: { ...template.spec, containers } } } }
}

test('a Deployment rolls out, sticks on a bad image, says so after its deadline, and is rolled back', async () => {
  const { world, table, at, pass, scan } = smallWorld({ nodes: 2 })
  const bad = 'registry.shop.example/web:broken'
  world.behaviours.set('shop/web', imageMissing(), bad)
  const app = someApp({ replicas: 2 })
  const made = deployment(app, at)
  world.store.create<Deployment>({ ...made, spec: { ...made.spec, progressDeadlineSeconds: 30 } })
  await pass(MINUTE)
  const healthy = only(table, 'Deployment')
  sameShape(healthy, recorded('hpa', 'Deployment'))
  assert.deepEqual(told(healthy), [
    'Available True MinimumReplicasAvailable',
    'Progressing True NewReplicaSetAvailable',
  ])

  world.store.update(setImage(healthy, bad))
  await pass(5 * SECOND)
  assert.ok(told(only(table, 'Deployment')).includes('Progressing True ReplicaSetUpdated'))
  await pass(MINUTE)
  const stuck = only(table, 'Deployment')
  const real = recorded('rollout-stuck', 'Deployment')
  sameShape(stuck, real)
  assert.deepEqual(told(stuck).toSorted(), told(real).toSorted())
  const counts = ({ status }: Shown): unknown =>
    ['replicas', 'updatedReplicas', 'readyReplicas', 'unavailableReplicas', 'observedGeneration'].map(
      (of) => status?.[of],
    )
  assert.deepEqual(counts(stuck as Shown), counts(real))
  assert.equal(stuck.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
  await pass(2 * MINUTE)
  assert.deepEqual(foundIn(await scan()), ['image-pull Deployment shop/web'])

  world.store.update(setImage(only(table, 'Deployment'), app.image))
  await pass(MINUTE)
  const back = only(table, 'Deployment')
  assert.equal(back.metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
  assert.deepEqual(told(back).toSorted(), told(healthy).toSorted())
  const sets = listOf(table, 'ReplicaSet').map(({ spec, metadata }) => [
    metadata.annotations?.['deployment.kubernetes.io/revision'],
    spec.replicas,
  ])
  assert.deepEqual(
    sets.toSorted(([a = ''], [b = '']) => Number(a) - Number(b)),
    [
      ['2', 0],
      ['3', 2],
    ],
  )
  assert.deepEqual(foundIn(await scan()), [])
})

test('a new release never leaves fewer pods than it may', async () => {
  const { world, table, at, pass } = smallWorld({ nodes: 3 })
  const app = someApp({ replicas: 8, ready: '/ready', port: 8080 })
  world.store.create(deployment(app, at))
  await pass(MINUTE)
  const fewest: number[] = []
  const most: number[] = []
  table.subscribe(() => {
    const pods = listOf(table, 'Pod')
    fewest.push(pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length)
    most.push(pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length)
  })
  world.store.update(setImage(only(table, 'Deployment'), 'registry.shop.example/web:2.0.0'))
  await pass(5 * MINUTE)
  assert.ok(Math.min(...fewest) >= 6, `${Math.min(...fewest)} served`)
  assert.ok(Math.max(...most) <= 10, `${Math.max(...most)} at once`)
  const images = new Set(listOf(table, 'Pod').map(({ spec }) => spec.containers[0]?.image))
  assert.deepEqual([...images], ['registry.shop.example/web:2.0.0'])
})

test('who is deleted takes what it owns along', async () => {
  const { world, table, at, pass } = smallWorld()
  world.store.create(deployment(someApp({ replicas: 2 }), at))
  await pass(MINUTE)
  world.store.remove(only(table, 'Deployment'))
  await pass(MINUTE)
  assert.deepEqual([listOf(table, 'ReplicaSet').length, listOf(table, 'Pod').length], [0, 0])
})

test('the scheduler says why no node takes a pod, and takes it when one does', async () => {
  const { world, table, at, pass, scan } = smallWorld({ nodes: 3 })
  const [one, two] = listOf(table, 'Node')
  assert.ok(one && two)
  world.store.update({ ...one, spec: { ...one.spec, unschedulable: true } })
  world.store.update({ ...two, spec: { ...two.spec, taints: [{ key: 'pool', value: 'cold', effect: 'NoSchedule' }] } })
  world.store.create(deployment(someApp({ requests: ['100', '64Mi'] }), at))
  await pass(6 * MINUTE)
  const pod = only(table, 'Pod')
  const real = recorded('pending-cpu', 'Pod')
  sameShape(pod, real)
  assert.deepEqual(told(pod), told(real))
  assert.equal(
    conditionOf(pod.status?.conditions, 'PodScheduled')?.message,
    '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  )
  assert.deepEqual(foundIn(await scan()), ['pending-pod Deployment shop/web'])
  const node = listOf(table, 'Node')[2]
  assert.ok(node)
  world.store.update({ ...node, status: { ...node.status, allocatable: { cpu: '128', memory: '64Gi', pods: '110' } } })
  await pass(30 * SECOND)
  assert.equal(only(table, 'Pod').status?.phase, 'Running')
})

test('a pod waits for a claim that nobody fills', async () => {
  const { world, table, at, pass, scan } = smallWorld()
  const made = claim({ namespace: 'shop', name: 'videos', size: '1Gi' }, at)
  world.store.create({ ...made, spec: { ...made.spec, storageClassName: 'fast-nvme' } })
  world.store.create(deployment(someApp({ claim: 'videos' }), at))
  await pass(20 * MINUTE)
  const message = conditionOf(only(table, 'Pod').status?.conditions, 'PodScheduled')?.message
  assert.equal(message, '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found')
  assert.deepEqual(messagesOf(table, 'ProvisioningFailed'), ['storageclass.storage.k8s.io "fast-nvme" not found'])
  assert.deepEqual(foundIn(await scan()), ['claim-pending PersistentVolumeClaim shop/videos'])
})

test('a StatefulSet makes its pods one after another, and leaves its claims when it shrinks', async () => {
  const { world, table, at, pass, scan, clock } = smallWorld({ nodes: 2 })
  world.store.create(statefulSet(someApp({ name: 'kafka', replicas: 3 }), '1Gi', at))
  await pass(MINUTE)
  const starts = listOf(table, 'Pod').map(({ status }) => status?.startTime ?? '')
  assert.equal(starts.length, 3)
  assert.deepEqual(starts, starts.toSorted())
  world.store.update({ ...only(table, 'StatefulSet'), spec: { ...only(table, 'StatefulSet').spec, replicas: 1 } })
  const shrunk = clock.now()
  await pass(MINUTE)
  sameShape(only(table, 'StatefulSet'), recorded('sts-scaled', 'StatefulSet'))
  assert.deepEqual(
    listOf(table, 'Pod').map(({ metadata }) => metadata.name),
    ['kafka-0'],
  )
  const claims = listOf(table, 'PersistentVolumeClaim')
  assert.deepEqual(
    claims.map(({ metadata }) => metadata.name),
    ['data-kafka-0', 'data-kafka-1', 'data-kafka-2'],
  )
  const conditions = new Set([
    'conditions[].type',
    'conditions[].status',
    'conditions[].reason',
    'conditions[].message',
  ])
  const extra = [...conditions, 'conditions[].lastTransitionTime', 'conditions[].lastProbeTime']
  sameShape(claims[0], recorded('sts-scaled', 'PersistentVolumeClaim'), extra)
  sameShape(firstVolume(table), recorded('sts-scaled', 'PersistentVolume'))
  const unused = claims.map(({ status }) => conditionOf(status?.conditions, 'Unused'))
  assert.deepEqual(
    unused.map((one) => one?.status),
    ['False', 'True', 'True'],
  )
  const since = Date.parse(unused[1]?.lastTransitionTime ?? '')
  assert.ok(since >= shrunk && since < shrunk + MINUTE)
  await pass(15 * 24 * HOUR)
  assert.deepEqual(foundIn(await scan()), [
    'orphaned-claim PersistentVolumeClaim shop/data-kafka-1',
    'orphaned-claim PersistentVolumeClaim shop/data-kafka-2',
  ])
})
const firstVolume = (table: ObjectTable): KubeObject | undefined => listOf(table, 'PersistentVolume')[0]

const job = (name: string, spec: Partial<Job['spec']>, at: string): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: 'shop', generation: 1, creationTimestamp: at },
  spec: { completions: 1, parallelism: 1, template: templateOf(someApp({ name }), 'Never'), ...spec },
})

test('a Job tries again as often as it may, and then has failed', async () => {
  const { world, table, at, pass, scan } = smallWorld()
  world.behaviours.set('shop/import', crashes({ after: SECOND, exitCode: 7 }))
  world.store.create(job('import', { backoffLimit: 1 }, at))
  await pass(5 * MINUTE)
  const failed = only(table, 'Job')
  const real = recorded('job-failed', 'Job', 'import-2026')
  sameShape(failed, real)
  assert.deepEqual(told(failed), told(real))
  const pods = listOf(table, 'Pod')
  assert.equal(pods.length, 2)
  sameShape(pods[0], recorded('job-failed', 'Pod'))
  assert.deepEqual(told(pods[0]), told(recorded('job-failed', 'Pod')))
  assert.deepEqual(foundIn(await scan()), ['job-failed Job shop/import'])
})

test('a Job that takes too long is ended', async () => {
  const { world, table, at, pass } = smallWorld()
  world.store.create(job('report', { backoffLimit: 0, activeDeadlineSeconds: 10 }, at))
  await pass(MINUTE)
  assert.deepEqual(told(only(table, 'Job')), told(recorded('job-failed', 'Job', 'report')))
  assert.equal(listOf(table, 'Pod').length, 0)
})

test('a CronJob that fails and recovers keeps the runs that it may keep', async () => {
  const { world, table, at, pass, scan } = smallWorld()
  world.behaviours.set('shop/rates', failsTimes(2, { after: 3 * SECOND, exitCode: 1 }))
  world.store.create(cronJob(someApp({ name: 'rates' }), '*/5 * * * *', at))
  await pass(11 * MINUTE)
  assert.deepEqual(foundIn(await scan()), ['cronjob-failing CronJob shop/rates'])
  await pass(20 * MINUTE)
  sameShape(only(table, 'CronJob'), recorded('cron-recovering', 'CronJob'))
  const jobs = listOf(table, 'Job')
  const complete = jobs.find((one) => told(one).some((said) => said.startsWith('Complete True')))
  assert.ok(complete)
  const real = recorded('cron-recovering', 'Job', 'sync-rates-29921052')
  sameShape(complete, real)
  assert.deepEqual(told(complete), told(real))
  const labels = ({ metadata }: KubeObject): string[] =>
    Object.keys(metadata.labels ?? {})
      .filter((key) => !key.startsWith('app'))
      .toSorted()
  assert.deepEqual(labels(complete), labels(real))
  assert.equal(jobs.length, 5)
  assert.deepEqual(foundIn(await scan()), [])
})

test('a schedule means what it means to cron', () => {
  const from = Date.parse('2026-11-21T10:07:30Z')
  const next = (schedule: string): string => new Date(nextTime(schedule, from) ?? 0).toISOString().slice(0, 16)
  assert.equal(next('* * * * *'), '2026-11-21T10:08')
  assert.equal(next('*/15 * * * *'), '2026-11-21T10:15')
  assert.equal(next('15 2 * * *'), '2026-11-22T02:15')
  assert.equal(next('0 9-17 * * 1-5'), '2026-11-23T09:00')
  assert.equal(next('30 4 1,15 * *'), '2026-12-01T04:30')
  assert.equal(next('5/20 10 * * *'), '2026-11-21T10:25')
  assert.equal(nextTime('0 0 31 2 *', from), undefined)
})

test('a node that falls silent is noticed, its pods go elsewhere, and it may come back', async () => {
  const { world, table, at, pass, scan } = smallWorld({ nodes: 2 })
  world.store.create(deployment(someApp({ replicas: 2, ready: '/ready', port: 8080 }), at))
  world.store.create(daemonSet(someApp({ name: 'agent' }), at))
  await pass(MINUTE)
  world.nodes.fail('node-2')
  await pass(50 * SECOND)
  const lost = listOf(table, 'Node')[1]
  const real = recorded('nodes-lost', 'Node', 'fake-1')
  assert.deepEqual(
    told(lost).toSorted(),
    told(real)
      .filter((said) => !said.startsWith('Network'))
      .toSorted(),
  )
  const taints = (lost?.spec.taints ?? []).map(({ key, effect }) => `${key} ${effect}`)
  assert.deepEqual(taints, ['node.kubernetes.io/unreachable NoSchedule', 'node.kubernetes.io/unreachable NoExecute'])
  const stranded = listOf(table, 'Pod').filter(({ spec }) => spec.nodeName === 'node-2')
  assert.equal(stranded.length, 2)
  assert.ok(stranded.every((pod) => !isReady(pod)))
  assert.deepEqual(foundIn(await scan()), ['node-unhealthy Node /node-2'])

  await pass(6 * MINUTE)
  const pods = listOf(table, 'Pod')
  const deleting = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  assert.equal(deleting.length, 1, 'the pod of the DaemonSet stays')
  const evicted = told(deleting[0]).find((said) => said.startsWith('DisruptionTarget'))
  assert.equal(evicted, 'DisruptionTarget True DeletionByTaintManager')
  assert.equal(pods.filter(({ spec }) => spec.nodeName === 'node-1').length, 3)
  assert.deepEqual(foundIn(await scan()), ['node-unhealthy Node /node-2'])

  world.nodes.recover('node-2')
  await pass(MINUTE)
  assert.ok(listOf(table, 'Pod').every((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined))
  assert.deepEqual(listOf(table, 'Node')[1]?.spec.taints ?? [], [])
  assert.deepEqual(foundIn(await scan()), [])
})

test('a quota that is full keeps pods from being made, in the words of the API server', async () => {
  const { world, table, at, pass } = smallWorld()
  world.store.create(quota('shop', { pods: '1' }, at))
  world.store.create(deployment(someApp({ replicas: 3 }), at))
  await pass(15 * MINUTE)
  const real = recorded('quota', 'ReplicaSet')
  sameShape(only(table, 'ReplicaSet'), real)
  sameShape(only(table, 'Deployment'), recorded('quota', 'Deployment'))
  assert.deepEqual(told(only(table, 'Deployment')).toSorted(), told(recorded('quota', 'Deployment')).toSorted())
  const words = (object: unknown): string =>
    (conditionOf((object as Shown).status?.conditions, 'ReplicaFailure')?.message ?? '').replace(/"[^"]*"/, '"POD"')
  assert.equal(words(only(table, 'ReplicaSet')), words(real).replace('quota: compact', 'quota: shop'))
  assert.deepEqual(only(table, 'ResourceQuota').status, { hard: { pods: '1' }, used: { pods: '1' } })
})

test('a Service, a budget and an autoscaler follow the pods', async () => {
  const { world, table, at, pass } = smallWorld({ nodes: 2 })
  const app = someApp({ replicas: 2, ready: '/ready', port: 8080 })
  world.behaviours.set('shop/web', serves(idle(0.2, 30)))
  for (const one of [deployment(app, at), service(app, at), budget(app, at), autoscaler(app, [1, 5], at)])
    world.store.create(one)
  await pass(3 * MINUTE)
  const slice = only(table, 'EndpointSlice')
  const real = recorded('healthy', 'EndpointSlice')
  const shape = (value: unknown): string[] => fieldsOf(value).filter((path) => !path.startsWith('metadata'))
  assert.deepEqual(shape(slice), shape(real))
  sameShape(only(table, 'PodDisruptionBudget'), recorded('healthy', 'PodDisruptionBudget'))
  const scaler = only(table, 'HorizontalPodAutoscaler')
  sameShape(scaler, recorded('hpa', 'HorizontalPodAutoscaler'), ['lastScaleTime'])
  assert.equal(only(table, 'Deployment').spec.replicas, 5)
  assert.equal(listOf(table, 'Pod').filter(isReady).length, 5)

  world.store.update({ ...only(table, 'Deployment'), spec: { ...only(table, 'Deployment').spec, replicas: 0 } })
  await pass(MINUTE)
  assert.equal(only(table, 'EndpointSlice')['endpoints'], null)
})

test('metrics are a sample a minute of what runs', async () => {
  const { world, at, pass } = smallWorld({ nodes: 1 })
  world.behaviours.set('shop/web', serves(idle(0.2, 30)))
  world.behaviours.set('shop/done', finishes(SECOND))
  world.store.create(deployment(someApp(), at))
  world.store.create(job('done', {}, at))
  await pass(5 * MINUTE)
  const [pod, ...others] = world.metrics.list('PodMetrics')
  assert.equal(others.length, 0)
  const shape = (value: unknown): string[] => fieldsOf(value).filter((path) => !path.startsWith('metadata.labels'))
  assert.deepEqual(shape(pod), shape(recorded('hpa', 'PodMetrics')))
  const [node] = world.metrics.list('NodeMetrics')
  assert.deepEqual(shape(node), shape(recorded('hpa', 'NodeMetrics')))
  const times = new Set<unknown>()
  for (let look = 0; look < 60; look++) {
    times.add(world.metrics.list('PodMetrics')[0]?.['timestamp'])
    await pass(5 * SECOND)
  }
  assert.ok(times.size >= 5 && times.size <= 6, `${times.size} samples in 5 minutes`)
})
