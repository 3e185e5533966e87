import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { readFact } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { Memory } from '../../src/facts/memory.ts'
import type { UsagePast } from '../../src/facts/past.ts'
import { RunUsage } from '../../src/facts/usage-runs.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW } from '../support/build.ts'
import { JobRuns, NIGHTLY, type MadeRunOfJob } from '../support/job-runs.ts'
import { subjectOf } from '../support/readings.ts'
import { kept } from '../support/usage.ts'

const MI = 2 ** 20
const NIGHT: Omit<MadeRunOfJob, 'at'> = {
  minutes: 30,
  cpu: 0.2,
  memory: 200 * MI,
  resources: { requests: { cpu: '2', memory: '1Gi' } },
}

const usageOf = ({ memory }: JobRuns): UsagePast => {
  const usage = memory.owner(NIGHTLY)?.usage
  assert.ok(usage)
  return usage
}

/** So many nights, and the last run of them. */
function nights(runs: JobRuns, count: number, more: Partial<MadeRunOfJob> = {}) {
  let last = runs.run({ at: NOW, ...NIGHT, ...more })
  for (let night = 1; night < count; night++) last = runs.run({ at: NOW + night * DAY, ...NIGHT, ...more })
  return last
}

/** What a fact says of a container of a finished run, so long after the first night began. */
function told(runs: JobRuns, { snapshot, pod }: ReturnType<JobRuns['run']>, fact: string, after: number): unknown {
  const declared = FACTS.find(({ name }) => name === fact)
  assert.ok(declared)
  const view = { snapshot, now: NOW + after, past: runs.memory }
  const reading = readFact(declared, subjectOf('container', `${pod}/app`, snapshot), { view, parameters: {} })
  return 'unknown' in reading ? reading.detail : reading.value
}

test('of each run of a CronJob its most is remembered, and of all runs the most of all', () => {
  const runs = new JobRuns()
  runs.run({ at: NOW, ...NIGHT })
  runs.run({ at: NOW + DAY, ...NIGHT, cpu: 0.9, memory: 150 * MI })
  const { touched } = runs.run({ at: NOW + 2 * DAY, ...NIGHT })
  assert.deepEqual(touched, [`owner/${NIGHTLY}`])
  assert.deepEqual(usageOf(runs), {
    source: 'metrics-api',
    from: NOW,
    to: NOW + 2 * DAY + 30 * MINUTE,
    reset: false,
    samples: 87,
    pods: 3,
    coverage: 1,
    confidence: 2 + 30 / (24 * 60),
    weekend: false,
    cpuP95Cores: 0.9,
    cpuMaxCores: 0.9,
    memoryPeakBytes: 200 * MI,
    peakDays: 3,
    runs: { whole: 3, version: usageOf(runs).runs?.version },
  })
})

const SEEN: readonly [what: string, run: Partial<MadeRunOfJob>, whole: number, all: number][] = [
  ['looked at all the time', {}, 1, 1],
  ['looked at each quarter', { minutes: 32, every: 8 * MINUTE }, 1, 1],
  ['looked at too seldom', { every: 9 * MINUTE }, 0, 1],
  ['too short to be looked at', { minutes: 0.5 }, 0, 1],
  ['that failed', { ends: 'Failed' }, 0, 0],
  ['taken away before its end', { ends: 'removed' }, 0, 0],
]

for (const [what, run, whole, all] of SEEN)
  test(`a run counts as a whole, or not at all: one ${what}`, () => {
    const runs = new JobRuns()
    runs.run({ at: NOW - DAY, ...NIGHT })
    runs.run({ at: NOW, ...NIGHT, cpu: 3, ...run })
    const usage = usageOf(runs)
    assert.deepEqual([(usage.runs?.whole ?? 0) - 1, usage.pods - 1], [whole, all])
    // What it used was used, however it ended.
    assert.equal(usage.cpuMaxCores, what.startsWith('too short') ? 0.2 : 3)
  })

test('a Job that nobody makes again, and a look at one that is over, count for nothing', () => {
  const alone = new JobRuns(null)
  assert.deepEqual(alone.run({ at: NOW, ...NIGHT }).touched, [])
  assert.equal(alone.memory.size.owners, 0)
  const runs = new JobRuns()
  const over = runs.run({ at: NOW, ...NIGHT })
  runs.late(NOW + 31 * MINUTE, over, over.pod)
  assert.equal(runs.memory.samples.get('out-of-order'), 1)
  assert.equal(usageOf(runs).cpuMaxCores, 0.2)
})

test('what is known outlives a restart, a run that goes on meanwhile is not taken for whole', () => {
  const runs = new JobRuns()
  nights(runs, 3)
  runs.run({ at: NOW + 3 * DAY, ...NIGHT, ends: 'unnoticed' })
  const before = usageOf(runs)
  const { memory, dropped } = Memory.restore(kept(runs.memory), NOW + 4 * DAY)
  assert.equal(dropped, 0)
  assert.deepEqual(memory.owner(NIGHTLY)?.usage, before)
  const entries = kept(runs.memory)
  assert.ok(JSON.stringify(entries).length < 1024, 'small')
  assert.deepEqual(kept(memory), entries)
  runs.memory = memory
  runs.run({ at: NOW + 4 * DAY, ...NIGHT })
  assert.deepEqual([usageOf(runs).runs?.whole, usageOf(runs).pods], [4, 4])
})

describe('how firm a verdict on what a CronJob requests is', () => {
  const verdictOf = (count: number, more: Partial<MadeRunOfJob> = {}) => {
    const runs = new JobRuns()
    const last = nights(runs, count, more)
    const of = (fact: string) => told(runs, last, fact, (count - 1) * DAY + HOUR)
    return { verdict: of('cpuRequestVerdict'), of }
  }

  test('two nights are too little', () => {
    const detail = '2 of 2 runs seen as a whole over 1d30m; needs 24 h, 3 whole runs and 70 % of all'
    const { verdict, of } = verdictOf(2)
    assert.deepEqual([verdict, of('cpuRequestExcessCores'), of('memoryRequestExcessBytes')], [detail, detail, detail])
  })

  test('three nights speak of CPU, with a wide margin, and not of memory', () => {
    const { verdict, of } = verdictOf(3)
    assert.equal(verdict, 'provisional')
    const confidence = 2 + 30 / (24 * 60)
    assert.equal(of('cpuRequestExcessCores'), 2 - 0.2 * 1.15 * (1 + 1 / confidence))
    assert.equal(
      of('memoryRequestExcessBytes'),
      'memory is judged after 7 whole runs over 7 days with a weekend; 3 of 3 runs seen as a whole over 2d30m',
    )
  })

  test('ten nights with a weekend are firm', () => {
    const { verdict, of } = verdictOf(10)
    assert.deepEqual([verdict, of('usageRuns')], ['firm', 10])
    assert.equal(of('memoryRequestExcessBytes'), 1024 * MI - 230 * MI)
    assert.equal(of('cpuUsageP95Cores'), 0.2)
  })

  test('runs that are too short to be seen say nothing, however many', () => {
    const { verdict } = verdictOf(9, { minutes: 2 })
    assert.match(String(verdict), /^0 of \d runs seen as a whole over 8d2m; needs/)
  })

  test('what runs each month is known as long as it may have been left out once', () => {
    const runs = new JobRuns()
    for (let month = 0; month < 6; month++) runs.run({ at: NOW + month * 30 * DAY, ...NIGHT })
    const last = runs.run({ at: NOW + 180 * DAY, ...NIGHT })
    assert.equal(told(runs, last, 'cpuRequestVerdict', 240 * DAY), 'firm')
    assert.equal(told(runs, last, 'cpuRequestVerdict', 243 * DAY), 'the last run that was seen is older than 62d')
  })
})

test('a run that goes on is not judged, nor one of other resources than the use is known of', () => {
  const runs = new JobRuns()
  const old = nights(runs, 10)
  const going = runs.run({ at: NOW + 10 * DAY, ...NIGHT, ends: 'unnoticed' })
  assert.equal(told(runs, going, 'cpuRequestVerdict', 10 * DAY + 20 * MINUTE), null)
  assert.equal(told(runs, old, 'cpuRequestVerdict', 11 * DAY), 'firm')
  const mended = runs.run({ at: NOW + 11 * DAY, ...NIGHT, resources: { requests: { cpu: '300m' } } })
  assert.equal(told(runs, old, 'cpuRequestVerdict', 11 * DAY + HOUR), null)
  assert.equal(
    told(runs, mended, 'cpuRequestVerdict', 11 * DAY + HOUR),
    '1 of 1 runs seen as a whole over 30m since its image or resources changed; needs 24 h, 3 whole runs and 70 % of all',
  )
})

test('bounded: fifteen days with runs, eight runs beside each other', () => {
  const usage = new RunUsage({ version: 'a', podMadeAt: NOW })
  const sample = { cpuCores: 1, memoryBytes: MI, pod: 1, podMadeAt: NOW, version: 'a' }
  for (let day = 0; day < 100; day++) {
    const at = NOW + day * DAY
    for (let hour = 0; hour < 20; hour++) {
      const run = { job: `${day}-${hour}`, startedAt: at }
      usage.add({ ...sample, at: at + MINUTE }, run)
      if (hour % 2 === 0) usage.ended({ ...run, madeAt: at, at: at + 2 * MINUTE, succeeded: true })
    }
  }
  const { open, days } = usage.state()
  assert.deepEqual([open.length, days.length], [8, 15])
  assert.equal(usage.published.from, Math.floor((NOW + 85 * DAY) / DAY) * DAY)
})

test('whatever is told of runs, no part is more than all, and the most is the most', () => {
  const step = fc.record({
    job: fc.integer({ min: 0, max: 12 }),
    after: fc.integer({ min: -HOUR, max: 2 * DAY }),
    cpu: fc.double({ min: 0, max: 64, noNaN: true }),
    ends: fc.constantFrom(undefined, true, false),
    version: fc.constantFrom('a', 'a', 'a', 'b'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let usage = new RunUsage({ version: 'a', podMadeAt: NOW })
      let at = NOW
      for (const { job, after, cpu, ends, version } of steps) {
        at += after
        const run = { job: String(job), startedAt: at - MINUTE }
        usage.add({ at, cpuCores: cpu, memoryBytes: cpu * MI, pod: job, podMadeAt: at - MINUTE, version }, run)
        if (ends !== undefined) usage.ended({ job: String(job), madeAt: at, at: at + SECOND, succeeded: ends })
        usage = RunUsage.from(usage.state())
      }
      const { coverage, pods, runs, cpuMaxCores, memoryPeakBytes, from, to } = usage.published
      assert.ok(coverage >= 0 && coverage <= 1 && (runs?.whole ?? 0) <= pods && to >= from)
      assert.ok(cpuMaxCores <= Math.max(0, ...steps.map(({ cpu }) => cpu)))
      assert.equal(memoryPeakBytes, cpuMaxCores * MI)
    }),
  )
})
