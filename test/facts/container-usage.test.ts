import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOW, ago, job, pod, podMetrics, snapshotOf } from '../support/build.ts'
import { cart, running, waiting } from '../support/containers.ts'
import { MINUTE } from '../../src/util/time.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const APP = { kind: 'container', name: 'cart-6d4f-x2x4z/app' } as const
const METRICS = 'pods.metrics.k8s.io'

const asks = (requests: object, limits: object = {}) => ({ resources: { requests, limits } })

const sample = (cpu: string, memory: string, at = '20s') =>
  podMetrics({
    name: 'cart-6d4f-x2x4z',
    timestamp: ago(at),
    window: '17.944s',
    containers: [{ name: 'app', usage: { cpu, memory } }],
  })

const UP = { ready: true, state: running('9h') }
const look = (spec: object, ...metrics: ReturnType<typeof sample>[]) =>
  snapshotOf([...cart([{ spec: { ...spec }, status: UP }]).all, ...metrics])

test('requests and limits are read in cores and bytes, of the pod as a whole where the container has none', () => {
  const seen = look(asks({ cpu: '250m', memory: '16Mi' }, { memory: '32Mi' }))
  const read = (fact: string) => valueOf(fact, APP, seen)
  assert.deepEqual(['cpuRequestCores', 'cpuLimitCores', 'memoryRequestBytes', 'memoryLimitBytes'].map(read), [
    0.25,
    null,
    2 ** 24,
    2 ** 25,
  ])
  const ofPod = cart([{ status: UP }], { spec: { resources: { requests: { cpu: '2' } } } })
  assert.equal(valueOf('cpuRequestCores', APP, snapshotOf(ofPod.all)), 2)
  assert.deepEqual(valueOf('cpuRequestCores', APP, look(asks({ cpu: 'a lot' }))), { unknown: 'malformed' })
})

test('use is read from the one sample, as a percentage where there is something to divide by', () => {
  const seen = look(asks({ cpu: '5m', memory: '8Mi' }, { cpu: '100m' }), sample('99480291n', '37212Ki'))
  assert.equal(valueOf('cpuUsageCores', APP, seen), 0.09948)
  assert.equal(valueOf('memoryUsageBytes', APP, seen), 37212 * 1024)
  assert.deepEqual(readingOf('cpuUseOfRequestPercent', APP, seen), {
    value: 1990,
    since: NOW - 37_944,
    until: NOW - 20_000 + 5 * MINUTE,
  })
  assert.equal(valueOf('cpuUseOfLimitPercent', APP, seen), 99)
  assert.equal(valueOf('memoryUseOfRequestPercent', APP, seen), 454)
  assert.equal(valueOf('memoryUseOfLimitPercent', APP, seen), null)
})

test('a container that does not run uses nothing, and needs no metrics for it', () => {
  const all = cart([{ spec: asks({ cpu: '1' }), status: { state: waiting('CrashLoopBackOff') } }]).all
  const seen = snapshotOf(all, { blind: { [METRICS]: { unknown: 'not-installed', detail: 'no metrics API' } } })
  for (const fact of ['cpuUsageCores', 'cpuUseOfRequestPercent', 'cpuRequestExcessCores'])
    assert.equal(valueOf(fact, APP, seen), null)
})

test('use is unknown without the metrics API, without a sample, and when the sample is old', () => {
  const spec = asks({ cpu: '1' })
  const blind = { blind: { [METRICS]: { unknown: 'forbidden', detail: 'pods.metrics.k8s.io: 403' } } as const }
  const refused = snapshotOf(cart([{ spec, status: UP }]).all, blind)
  for (const fact of ['cpuUsageCores', 'cpuUseOfRequestPercent', 'cpuRequestExcessCores'])
    assert.deepEqual(readingOf(fact, APP, refused), { unknown: 'forbidden', detail: 'pods.metrics.k8s.io: 403' })
  for (const seen of [look(spec), look(spec, sample('1', '1Mi', '9m')), look(spec, sample('a', '1Mi'))])
    assert.deepEqual(valueOf('cpuUsageCores', APP, seen), { unknown: 'insufficient-data' })
})

test('a sample lasts as long as it says, which is until the next one where it is asked for seldom', () => {
  const spec = asks({ cpu: '1' }, { memory: '64Mi' })
  for (const [pollSeconds, lasts] of [
    [undefined, 5],
    [60, 5],
    [600, 18.5],
    [1800, 48.5],
    [1e12, 48.5],
    [-1, 5],
  ] as const) {
    const at = (age: number) =>
      look(
        spec,
        podMetrics({
          name: 'cart-6d4f-x2x4z',
          timestamp: new Date(NOW - age).toISOString(),
          window: '15s',
          pollSeconds,
          containers: [{ name: 'app', usage: { cpu: '1', memory: '1Mi' } }],
        }),
      )
    for (const fact of ['cpuUsageCores', 'memoryUsageBytes', 'cpuUseOfRequestPercent', 'memoryUseOfLimitPercent']) {
      const reading = readingOf(fact, APP, at(MINUTE))
      assert.ok('value' in reading)
      assert.equal(reading.until, NOW + (lasts - 1) * MINUTE)
      assert.ok('value' in readingOf(fact, APP, at(lasts * MINUTE)), 'true up to then')
      assert.deepEqual(valueOf(fact, APP, at(lasts * MINUTE + 1)), { unknown: 'insufficient-data' }, 'and not after')
    }
  }
})

test('one sample is too little to say that a request is too large', () => {
  const seen = look(asks({ cpu: '500m', memory: '512Mi' }), sample('0', '240Ki'))
  const expected = { unknown: 'insufficient-data', detail: '1 sample over 18 s; needs 24 h and 1,000 samples' }
  for (const name of ['cpuRequestExcessCores', 'memoryRequestExcessBytes']) {
    const { until, ...reading } = readingOf(name, APP, seen)
    assert.deepEqual(reading, expected)
    assert.ok(until !== undefined && until > seen.takenAt, 'it is read again when the sample is too old')
  }
  assert.equal(valueOf('cpuRequestExcessCores', APP, look(asks({}), sample('0', '1'))), null)
})

test('the pods of Jobs have statistics of their own', () => {
  const owner = job({ name: 'import' })
  const one = pod({
    name: 'import-1',
    owner,
    spec: { containers: [{ name: 'app', ...asks({ cpu: '1' }) }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', ...UP }] },
  })
  const of = { kind: 'container', name: 'import-1/app' } as const
  assert.equal(valueOf('cpuRequestExcessCores', of, snapshotOf([owner, one])), null)
  const noJobs = { blind: { 'jobs.batch': { unknown: 'forbidden', detail: 'jobs' } } as const }
  assert.deepEqual(valueOf('cpuRequestExcessCores', of, snapshotOf([one], noJobs)), { unknown: 'forbidden' })
})

test('containersWithoutRequests counts what runs as long as the pod and lacks one', () => {
  const { all } = cart([
    { name: 'setup', role: 'init' },
    { name: 'mesh', role: 'sidecar', spec: asks({ cpu: '1' }) },
    { name: 'app', spec: asks({ cpu: '1', memory: '1Mi' }) },
    { name: 'log' },
  ])
  const of = { kind: 'pod', name: 'cart-6d4f-x2x4z' } as const
  assert.equal(valueOf('containersWithoutRequests', of, snapshotOf(all)), 2)
  assert.deepEqual(valueOf('missingRequests', of, snapshotOf(all)), ['mesh (memory)', 'log (cpu and memory)'])
  const { all: whole } = cart([{ name: 'app' }], { spec: { resources: { requests: { cpu: '1', memory: '1Gi' } } } })
  assert.equal(valueOf('containersWithoutRequests', of, snapshotOf(whole)), 0)
})
