import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Memory } from '../../src/facts/memory.ts'
import type { UsagePast } from '../../src/facts/past.ts'
import { Histogram } from '../../src/facts/usage-histogram.ts'
import { HOUR, MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW, ago, job, pod, type Raw } from '../support/build.ts'
import { cart, running } from '../support/containers.ts'
import { Meter, kept } from '../support/usage.ts'

const DAY = 24 * HOUR
const MI = 2 ** 20
const OWNER = 'Deployment/shop/cart/app'

const shop = (spec: object = {}, created = ago('40d')): Raw[] =>
  cart([{ spec: { ...spec }, status: { ready: true, state: running('9h') } }], { created }).all

const usageOf = (memory: Memory, key = OWNER): UsagePast => {
  const usage = memory.owner(key)?.usage
  assert.ok(usage)
  return usage
}

test('use over days is remembered by root owner and container', () => {
  const memory = new Memory()
  const meter = new Meter(memory, shop())
  meter.steady({ from: NOW - 8 * DAY, to: NOW, every: MINUTE }, { cpu: 0.1, memory: 200 * MI })
  meter.take({ at: NOW + MINUTE, cpu: 0.9, memory: 300 * MI })
  meter.steady({ from: NOW + 2 * MINUTE, to: NOW + 20 * MINUTE, every: MINUTE }, { cpu: 0.1, memory: 200 * MI })
  const usage = usageOf(memory)
  assert.equal(usage.source, 'metrics-api')
  assert.ok(usage.to - usage.from > 8 * DAY)
  assert.ok(usage.coverage > 0.99)
  assert.equal(usage.pods, 1)
  assert.equal(usage.weekend, true)
  assert.ok(usage.cpuP95Cores >= 0.1 && usage.cpuP95Cores < 0.111)
  assert.equal(usage.cpuMaxCores, 0.9)
  assert.equal(usage.memoryPeakBytes, 300 * MI)
  assert.equal(usage.peakDays, 7)
  assert.ok(Math.abs(usage.confidence - 8) < 0.1)
  assert.ok(Math.abs(usage.samples - 8 * 1440) < 60)
})

test('what can be read changes once in a quarter of an hour, and the key says so', () => {
  const memory = new Memory()
  const meter = new Meter(memory, shop())
  const touched = Array.from({ length: 46 }, (_, at) => meter.take({ at: NOW + at * MINUTE, cpu: 0.1, memory: MI }))
  assert.deepEqual(
    touched.flatMap((keys, at) => (keys.length > 0 ? [[at, ...keys]] : [])),
    [0, 15, 30, 45].map((at) => [at, `owner/${OWNER}`]),
  )
})

const FAULTS: readonly [outcome: string, use: Parameters<Meter['take']>[0]][] = [
  ['malformed', { at: NOW, cpu: 'NaN', memory: MI }],
  ['malformed', { at: NOW, cpu: 0.1, memory: 'a lot' }],
  ['malformed', { at: NOW, cpu: '1e9', memory: MI }],
  ['negative', { at: NOW, cpu: '-5m', memory: MI }],
  ['negative', { at: NOW, cpu: 0.1, memory: '-1' }],
  ['future', { at: NOW + HOUR, heard: NOW, cpu: 0.1, memory: MI }],
  ['stale', { at: NOW - HOUR, heard: NOW, cpu: 0.1, memory: MI }],
  ['out-of-order', { at: NOW - 9 * MINUTE, heard: NOW, cpu: 50, memory: MI }],
  ['repeated', { at: NOW - 2 * MINUTE, heard: NOW, cpu: 50, memory: MI }],
]

for (const [outcome, use] of FAULTS)
  test(`a sample that is ${outcome} (${use.cpu}, ${use.memory}) is counted and moves nothing`, () => {
    const memory = new Memory()
    const meter = new Meter(memory, shop())
    meter.steady({ from: NOW - HOUR, to: NOW - 2 * MINUTE, every: MINUTE }, { cpu: 0.1, memory: MI })
    const before = JSON.stringify([...memory.entries()])
    const counted = memory.samples.get('counted')
    meter.take(use)
    assert.equal(JSON.stringify([...memory.entries()]), before)
    assert.equal(memory.samples.get('counted'), counted)
    assert.equal([...memory.samples].find(([name]) => name === outcome)?.[1], 1)
  })

test('pods that are not an hour old, of a Job that is made once, and pods that nobody knows do not count', () => {
  const one = job({ name: 'import' })
  const own = pod({ name: 'import-x', owner: one, spec: { containers: [{ name: 'app' }] } })
  const cases: [Raw[], string, string][] = [
    [shop({}, ago('59m')), 'cart-6d4f-x2x4z', 'young'],
    [[one, own], 'import-x', 'of-job'],
    [shop(), 'nobody', 'no-pod'],
  ]
  for (const [objects, name, outcome] of cases) {
    const memory = new Memory()
    new Meter(memory, objects, { name, container: 'app' }).take({ at: NOW, cpu: 1, memory: MI })
    assert.equal(memory.size.owners, 0)
    assert.deepEqual(
      [...memory.samples].filter(([, count]) => count > 0),
      [[outcome, 1]],
    )
  }
})

test('a new image begins anew; a pod of the old one that is still there does not count, nor bring it back', () => {
  const memory = new Memory()
  const old = shop({ image: 'shop:1' }, ago('9d'))
  const meter = new Meter(memory, old)
  meter.steady({ from: NOW - 2 * DAY, to: NOW, every: 10 * MINUTE }, { cpu: 2, memory: 900 * MI })
  const newer = new Meter(memory, shop({ image: 'shop:2' }, new Date(NOW).toISOString()))
  newer.steady({ from: NOW + HOUR, to: NOW + 2 * HOUR, every: MINUTE }, { cpu: 0.1, memory: MI })
  meter.take({ at: NOW + 2 * HOUR, cpu: 9, memory: 999 * MI })
  const usage = usageOf(memory)
  assert.equal(usage.reset, true)
  assert.equal(usage.from, NOW + HOUR)
  assert.equal(usage.cpuMaxCores, 0.1)
  assert.equal(memory.samples.get('other-version'), 1)
})

test('coverage tells a gap, whatever the distance of samples', () => {
  for (const every of [MINUTE, 10 * MINUTE, 30 * MINUTE]) {
    const memory = new Memory()
    const meter = new Meter(memory, shop())
    meter.steady({ from: NOW, to: NOW + DAY, every }, { cpu: 0.1, memory: MI })
    assert.ok(usageOf(memory).coverage > 0.95, `whole at ${every}`)
    meter.steady({ from: NOW + 2 * DAY, to: NOW + 2 * DAY + HOUR, every }, { cpu: 0.1, memory: MI })
    const { coverage } = usageOf(memory)
    assert.ok(coverage > 0.5 && coverage < 0.55, `half at ${every}: ${coverage}`)
  }
})

test('the busiest pod decides, not the many that idle', () => {
  const memory = new Memory()
  const pods = Array.from({ length: 30 }, (_, at) => `cart-6d4f-${at}`)
  const [deployment, set, one] = shop()
  const all = pods.map((name) => ({ ...one!, metadata: { ...one!.metadata, name, uid: name } }))
  const meters = pods.map((name) => new Meter(memory, [deployment!, set!, ...all], { name, container: 'app' }))
  for (let minute = 0; minute < 24 * 60; minute++)
    for (const [at, meter] of meters.entries())
      meter.take({ at: NOW + minute * MINUTE + at * SECOND, cpu: at === 7 ? 1.5 : 0.01, memory: MI })
  assert.ok(usageOf(memory).cpuP95Cores > 1.5)
  assert.equal(usageOf(memory).pods, 30)
})

test('use outlives a restart and a new object of the same name; it ends a day after its owner', () => {
  const memory = new Memory()
  new Meter(memory, shop()).steady({ from: NOW - DAY, to: NOW, every: MINUTE }, { cpu: 0.1, memory: MI })
  const entries = kept(memory)
  assert.ok(JSON.stringify(entries[0]).length < 1024, 'small')
  const { memory: later, dropped } = Memory.restore(
    [...entries, { section: 'owners/1', key: 'x', value: { uid: 3 } }, { section: 'owners/0', key: 'y', value: {} }],
    NOW,
  )
  assert.equal(dropped, 2)
  assert.equal(usageOf(later).samples, 1441)
  const anew = shop().map((object) =>
    object.kind === 'Deployment' ? { ...object, metadata: { ...object.metadata, uid: 'made-anew' } } : object,
  )
  const set = anew[1]!
  const [owner] = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', uid: 'made-anew', controller: true }]
  const objects = [anew[0]!, { ...set, metadata: { ...set.metadata, ownerReferences: [owner] } }, anew[2]!]
  new Meter(later, objects).steady(
    { from: NOW + MINUTE, to: NOW + 20 * MINUTE, every: MINUTE },
    { cpu: 0.1, memory: MI },
  )
  assert.ok(usageOf(later, 'made-anew/app').samples > 1441)
  assert.equal(later.owner(OWNER), undefined)
  const { memory: idle } = Memory.restore(entries, NOW)
  assert.deepEqual(idle.sweep(NOW + DAY), [])
  assert.deepEqual(idle.sweep(NOW + DAY + MINUTE), [`owner/${OWNER}`])
  assert.equal(idle.size.owners, 0)
})

test('percentiles of the histogram lie within a bucket of the truth, also after it was kept', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 64, noNaN: true }), { minLength: 1, maxLength: 200 }), (cores) => {
      const histogram = new Histogram(NOW)
      for (const one of cores) histogram.add(one, NOW)
      const truth = cores.toSorted((a, b) => a - b)[Math.ceil(cores.length * 0.95) - 1] ?? 0
      for (const one of [histogram, Histogram.from(histogram.state())]) {
        const told = one.percentile(0.95)
        assert.ok(told >= truth * 0.999 && told <= truth * 1.06 + 0.011, `${told} for ${truth}`)
      }
    }),
  )
})

test('a container that is sampled each half hour has its thousand samples after three weeks; no more than four count', () => {
  const memory = new Memory()
  const meter = new Meter(memory, shop())
  meter.steady({ from: NOW, to: NOW + 22 * DAY, every: 30 * MINUTE }, { cpu: 0.1, memory: 900 * MI })
  const three = usageOf(memory)
  assert.ok(three.samples > 1000)
  assert.ok(three.coverage > 0.99)
  assert.equal(three.from, NOW)
  meter.steady({ from: NOW + 22 * DAY + 30 * MINUTE, to: NOW + 90 * DAY, every: 30 * MINUTE }, { cpu: 0.1, memory: MI })
  const long = usageOf(memory)
  const days = (long.to - long.from) / DAY
  assert.ok(days > 28 && days <= 29)
  assert.ok(Math.abs(long.samples - days * 48) < 50)
  assert.ok(long.coverage > 0.99)
  assert.equal(long.memoryPeakBytes, MI)
  const { memory: later } = Memory.restore(kept(memory), NOW + 90 * DAY)
  assert.deepEqual(usageOf(later).samples, long.samples)
  meter.steady({ from: NOW + 150 * DAY, to: NOW + 151 * DAY, every: 30 * MINUTE }, { cpu: 0.1, memory: MI })
  assert.ok(usageOf(memory).coverage < 0.5, 'two months of nothing are not forgotten at once')
})

test('what was long ago fades: a half-life of a day', () => {
  const histogram = new Histogram(NOW)
  for (let hour = 0; hour < 24; hour++) histogram.add(4, NOW + hour * HOUR)
  for (let hour = 24; hour < 24 * 8; hour++) histogram.add(0.1, NOW + hour * HOUR)
  assert.ok(histogram.percentile(0.95) < 0.12)
  for (let day = 8; day < 400; day++) histogram.add(0.1, NOW + day * DAY)
  assert.ok(histogram.percentile(0.99) < 0.12)
})
