import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { OwnerPast, Past, UsagePast } from '../../src/facts/past.ts'
import { readFact } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import type { Reading } from '../../src/facts/reading.ts'
import { savingOf, size, type Measure } from '../../src/facts/sizing.ts'
import { HOUR } from '../../src/util/time.ts'
import { NOW, ago, autoscaler, customObject, limitRange, snapshotOf, type Looked, type Raw } from '../support/build.ts'
import { cart, running } from '../support/containers.ts'
import { subjectOf } from '../support/readings.ts'

const DAY = 24 * HOUR
const MI = 2 ** 20

const FIRM: UsagePast = {
  source: 'metrics-api',
  from: NOW - 14 * DAY,
  to: NOW,
  reset: false,
  samples: 20_160,
  pods: 1,
  coverage: 1,
  confidence: 14,
  weekend: true,
  cpuP95Cores: 0.1,
  cpuMaxCores: 0.4,
  memoryPeakBytes: 200 * MI,
  peakDays: 13,
}
const DAY_OLD: Partial<UsagePast> = { from: NOW - DAY, samples: 1440, confidence: 1, weekend: false, peakDays: 0 }

interface Case {
  readonly usage?: Partial<UsagePast>
  readonly kills?: OwnerPast['outOfMemory']
  readonly spec?: object
  readonly raw?: object
  readonly others?: readonly Raw[]
  readonly annotations?: Record<string, string>
  readonly looked?: Looked
}

function reads(fact: string, { usage = {}, kills = [], raw = {}, others = [], annotations, ...more }: Case): Reading {
  const resources = more.spec ?? { requests: { cpu: '2', memory: '1Gi' }, limits: { memory: '1Gi' } }
  const { all } = cart(
    [{ spec: { resources, ...raw }, status: { ready: true, state: running('9h') } }],
    annotations ? { annotations } : {},
  )
  const snapshot = snapshotOf([...all, ...others], more.looked)
  const past: Past = {
    runs: () => [],
    flips: () => undefined,
    owner: (key) =>
      key === 'Deployment/shop/cart/app' ? { outOfMemory: kills, usage: { ...FIRM, ...usage } } : undefined,
  }
  const declared = FACTS.find(({ name }) => name === fact)
  assert.ok(declared)
  const subject = subjectOf('container', 'cart-6d4f-x2x4z/app', snapshot)
  return readFact(declared, subject, { view: { snapshot, now: NOW, past }, parameters: {} })
}

const value = (fact: string, one: Case): unknown => {
  const reading = reads(fact, one)
  return 'unknown' in reading ? reading.unknown : reading.value
}

const GATES: readonly [what: string, usage: Partial<UsagePast>, expected: string | RegExp][] = [
  ['fourteen days', {}, 'firm'],
  ['a day', DAY_OLD, 'provisional'],
  ['a week without a weekend', { from: NOW - 7 * DAY, weekend: false }, 'provisional'],
  ['a week with one', { from: NOW - 7 * DAY, weekend: true }, 'firm'],
  [
    '23 hours',
    { ...DAY_OLD, from: NOW - 23 * HOUR },
    /^1440 samples over 23h, coverage 100 %; needs 24 h, 1,000 samples and 70 % coverage$/,
  ],
  ['999 samples', { samples: 999 }, /^999 samples over 14d, coverage 100 %; needs/],
  ['seven tenths but one', { coverage: 0.69 }, /coverage 69 %; needs/],
  [
    'another image',
    { ...DAY_OLD, samples: 1, from: NOW - HOUR, reset: true },
    /^1 sample over 1h since its image or resources changed, coverage/,
  ],
  ['nothing of late', { from: NOW - 15 * DAY, to: NOW - 3 * HOUR }, /^the last sample of its use is older than 2h$/],
]

for (const [what, usage, expected] of GATES)
  test(`how firm a verdict is: ${what}`, () => {
    const reading = reads('cpuRequestVerdict', { usage })
    if (typeof expected === 'string') return assert.equal('value' in reading && reading.value, expected)
    assert.ok('unknown' in reading && reading.unknown === 'insufficient-data')
    assert.match(reading.detail ?? '', expected)
    for (const fact of ['cpuRequestExcessCores', 'memoryRequestExcessBytes', 'cpuRequestSavingCores'])
      assert.equal(value(fact, { usage }), 'insufficient-data')
  })

test('CPU is judged by its 95th percentile, with a margin that shrinks as more is seen', () => {
  assert.equal(value('cpuRequestRecommendedCores', {}), 0.124)
  assert.equal(value('cpuRequestRecommendedCores', { usage: DAY_OLD }), 0.23)
  assert.equal(value('cpuRequestSavingCores', { usage: DAY_OLD }), 1.77)
  assert.equal(value('cpuRequestExcessCores', { usage: { cpuP95Cores: 1.9 } }), 0)
  assert.equal(value('cpuRequestRecommendedCores', { usage: { cpuP95Cores: 1.7 } }), null)
  assert.equal(value('cpuRequestRecommendedCores', { usage: { cpuP95Cores: 3 } }), 3.45)
  assert.equal(value('cpuRequestSavingCores', { usage: { cpuP95Cores: 3 } }), 0)
})

test('memory is judged by its highest peak, cut by at most three tenths, and never after a short look', () => {
  assert.equal(value('memoryRequestExcessBytes', {}), 1024 * MI - 230 * MI)
  assert.equal(value('memoryRequestRecommendedBytes', {}), 717 * MI)
  assert.equal(value('memoryRequestSavingBytes', {}), 307 * MI)
  assert.equal(value('memoryRequestRecommendedBytes', { usage: { memoryPeakBytes: 800 * MI } }), 920 * MI)
  for (const fact of ['memoryRequestExcessBytes', 'memoryRequestRecommendedBytes', 'memoryRequestSavingBytes'])
    assert.equal(value(fact, { usage: DAY_OLD }), 'insufficient-data')
  assert.equal(value('memoryRequestVerdict', { usage: DAY_OLD }), 'provisional')
  assert.equal(value('memoryRequestRecommendedBytes', { usage: { ...DAY_OLD, memoryPeakBytes: 1000 * MI } }), 1150 * MI)
})

test('a kill for memory in the window stops a cut; one before it is the least that is asked for', () => {
  const kill = (at: number, limit: number) => ({ kills: [{ at, limitBytes: limit * MI }] })
  assert.equal(value('memoryRequestExcessBytes', kill(NOW - DAY, 256)), 0)
  assert.equal(value('memoryRequestRecommendedBytes', kill(NOW - DAY, 256)), null)
  assert.equal(value('memoryRequestRecommendedBytes', kill(NOW - DAY, 1024)), 1280 * MI)
  assert.equal(value('memoryRequestExcessBytes', kill(NOW - 20 * DAY, 640)), (1024 - 800) * MI)
  assert.equal(value('memoryRequestRecommendedBytes', kill(NOW - 20 * DAY, 640)), 800 * MI)
  assert.equal(value('cpuRequestRecommendedCores', kill(NOW - DAY, 256)), 0.124)
})

const hpa = (metrics: unknown[]) =>
  autoscaler({
    name: 'cart',
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' }, metrics },
  })
const ON_CPU = hpa([
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
])
const ON_OTHER = hpa([
  { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'mesh', target: { type: 'Utilization' } } },
])
const vpa = (updateMode?: string, name = 'cart') =>
  customObject('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', {
    name: 'cart',
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      ...(updateMode ? { updatePolicy: { updateMode } } : {}),
    },
  })

const HELD: readonly [what: string, of: 'cpu' | 'memory', one: Case, heldBy: string | null][] = [
  ['an autoscaler that counts in it', 'cpu', { others: [ON_CPU] }, 'coupled-to-autoscaler'],
  ['an autoscaler on the other resource', 'memory', { others: [ON_CPU] }, null],
  ['an autoscaler on another container', 'cpu', { others: [ON_OTHER] }, null],
  ['a VerticalPodAutoscaler', 'cpu', { others: [vpa('Auto')] }, 'owned-by-vertical-autoscaler'],
  ['a VerticalPodAutoscaler that says no mode', 'memory', { others: [vpa()] }, 'owned-by-vertical-autoscaler'],
  ['a VerticalPodAutoscaler that only advises', 'cpu', { others: [vpa('Off')] }, null],
  ['a VerticalPodAutoscaler of something else', 'cpu', { others: [vpa('Auto', 'till')] }, null],
  [
    'pods that one has marked',
    'cpu',
    { annotations: { vpaUpdates: 'Pod resources updated by cart' } },
    'owned-by-vertical-autoscaler',
  ],
  ['-Xmx among the arguments', 'memory', { raw: { args: ['java', '-Xmx512m', '--password=hunter2'] } }, 'heap-flag'],
  ['JAVA_TOOL_OPTIONS', 'memory', { raw: { env: [{ name: 'JAVA_TOOL_OPTIONS', value: 'x' }] } }, 'heap-flag'],
  ['GOMEMLIMIT', 'memory', { raw: { env: [{ name: 'GOMEMLIMIT', valueFrom: {} }] } }, 'heap-flag'],
  [
    'a shell line with --max-old-space-size',
    'memory',
    { raw: { command: ['sh', '-c', 'node --max-old-space-size=400 .'] } },
    'heap-flag',
  ],
  ['NODE_OPTIONS of another kind', 'memory', { raw: { env: [{ name: 'NODE_OPTIONS', value: '--inspect' }] } }, null],
  ['a heap says nothing of CPU', 'cpu', { raw: { args: ['-Xmx1g'] } }, null],
]

for (const [what, of, one, heldBy] of HELD)
  test(`who else decides on a ${of} request: ${what}`, () => {
    assert.equal(value(`${of}RequestHeldBy`, one), heldBy)
    assert.equal(value(`${of}RequestVerdict`, one), heldBy === null ? 'firm' : 'needs-human')
    const [recommended, saving] =
      of === 'cpu' ? ['RecommendedCores', 'SavingCores'] : ['RecommendedBytes', 'SavingBytes']
    assert.equal(value(`${of}Request${recommended}`, one) === null, heldBy !== null)
    assert.equal(value(`${of}Request${saving}`, one) === 0, heldBy !== null)
  })

test('while nobody looked for autoscalers nothing is said', () => {
  const looked = { blind: { 'horizontalpodautoscalers.autoscaling': { unknown: 'forbidden', detail: '403' } } } as const
  assert.equal(value('cpuRequestExcessCores', { looked }), 'forbidden')
})

test('while nobody looked for VerticalPodAutoscalers nothing is said; a cluster without them is no reason', () => {
  const looked = (reason: 'forbidden' | 'not-installed' | 'stale') => ({
    looked: { blind: { 'verticalpodautoscalers.autoscaling.k8s.io': { unknown: reason, detail: '' } } } as const,
  })
  assert.equal(value('cpuRequestExcessCores', looked('forbidden')), 'forbidden')
  assert.equal(value('cpuRequestVerdict', looked('stale')), 'stale')
  assert.equal(value('cpuRequestVerdict', looked('not-installed')), 'firm')
})

test('while nobody looked for LimitRanges nothing is said', () => {
  const looked = { blind: { limitranges: { unknown: 'stale', detail: 'nothing heard' } } } as const
  assert.equal(value('cpuRequestRecommendedCores', { looked }), 'stale')
})

test('what its CPU limit held back needs more than it used: nothing is cut, and a person is told why', () => {
  const limited = { spec: { requests: { cpu: '2' }, limits: { cpu: '2' } } }
  const held = (cpuThrottledPart: number | undefined, more: Case = {}) =>
    ['cpuRequestVerdict', 'cpuRequestHeldBy', 'cpuRequestExcessCores', 'cpuRequestRecommendedCores'].map((fact) =>
      value(fact, { ...limited, ...more, usage: { source: 'prometheus', cpuThrottledPart, ...more.usage } }),
    )
  const free = ['firm', null, 2 - 0.1 * 1.15 * (1 + 1 / 14), 0.124]
  assert.deepEqual(held(undefined), free)
  assert.deepEqual(held(0.25), free)
  assert.deepEqual(held(0.26), ['needs-human', 'throttled', 0, null])
  assert.deepEqual(held(0.26, { others: [ON_CPU] }), ['needs-human', 'coupled-to-autoscaler', null, null])
  // That it needs more is certain all the same.
  assert.deepEqual(held(0.9, { usage: { cpuP95Cores: 2 } }), ['firm', null, 0, 2.3])
  assert.equal(value('cpuRequestSavingCores', { ...limited, usage: { cpuThrottledPart: 0.26 } }), 0)
  assert.equal(value('memoryRequestHeldBy', { usage: { cpuThrottledPart: 0.9 } }), null)
})

const CPU_LIMIT = { spec: { requests: { cpu: '2' }, limits: { cpu: '2' } } }
const TOLD: readonly [what: string, one: Case, percent: unknown, words: string][] = [
  ['measured', { ...CPU_LIMIT, usage: { cpuThrottledPart: 0.314 } }, 31, '31 % of its periods'],
  ['not measured', CPU_LIMIT, 'not-recorded', 'not measured'],
  ['no limit', {}, 0, 'no CPU limit'],
]

for (const [what, one, percent, words] of TOLD)
  test(`the evidence says how often a CPU limit held back: ${what}`, () => {
    assert.equal(value('cpuThrottledPercent', one), percent)
    assert.equal(value('cpuThrottling', one), words)
  })

test('what a LimitRange asks for at least is asked for', () => {
  const range = (limits: object) => ({ others: [limitRange({ spec: { limits: [{ type: 'Container', ...limits }] } })] })
  assert.equal(value('cpuRequestRecommendedCores', range({ min: { cpu: '500m' } })), 0.5)
  assert.equal(value('memoryRequestRecommendedBytes', range({ maxLimitRequestRatio: { memory: '1' } })), null)
  assert.equal(value('cpuRequestRecommendedCores', { usage: { cpuP95Cores: 0 } }), 0.01)
})

test('no request, nothing that runs: nothing to judge', () => {
  assert.equal(value('cpuRequestVerdict', { spec: {} }), null)
  assert.equal(value('cpuRequestVerdict', { spec: { requests: { cpu: 'x' } } }), 'malformed')
})

test('the evidence: source, window, samples, coverage, confidence, pods', () => {
  const usage = { coverage: 0.987, confidence: 12.3456, pods: 3 }
  const told = [
    'usageSource',
    'usageWindowHours',
    'usageSamples',
    'usageCoveragePercent',
    'usageConfidenceDays',
    'usagePods',
    'cpuUsageP95Cores',
    'cpuUsageMaxCores',
    'memoryUsagePeakBytes',
  ]
  assert.deepEqual(
    told.map((fact) => value(fact, { usage })),
    ['metrics-api', 336, 20_160, 98, 12.35, 3, 0.1, 0.4, 200 * MI],
  )
  assert.deepEqual(reads('usageSamples', {}), { value: 20_160, until: NOW + 2 * HOUR })
  const learnt = { source: 'prometheus' } as const
  assert.deepEqual(reads('usageSamples', { usage: learnt }), { value: 20_160, until: NOW + 26 * HOUR })
})

const measure: fc.Arbitrary<Measure> = fc
  .record({
    of: fc.constantFrom('cpu', 'memory'),
    request: fc.double({ min: 0.001, max: 64, noNaN: true }),
    p95: fc.double({ min: 0, max: 64, noNaN: true }),
    confidence: fc.double({ min: 0.01, max: 15, noNaN: true }),
    least: fc.double({ min: 0, max: 2, noNaN: true }),
    kills: fc.array(
      fc.record({
        at: fc.integer({ min: NOW - 30 * DAY, max: NOW }),
        limit: fc.double({ min: 0, max: 64, noNaN: true }),
      }),
    ),
  })
  .map(({ of, request, p95, confidence, least, kills }) => {
    const unit = of === 'cpu' ? 1 : 2 ** 30
    return {
      of,
      request: request * unit,
      least: least * unit,
      kills: kills.map(({ at, limit }) => ({ at, limitBytes: limit * unit })),
      usage: { ...FIRM, confidence, cpuP95Cores: p95, memoryPeakBytes: p95 * unit },
    } as const
  })

/** What is left of a request when it is done as recommended; `undefined` when nothing can be said of it yet. */
function afterwards(one: Measure, firm: 'provisional' | 'firm'): { saving: number; after: number } | undefined {
  const sizing = size(one, firm, null)
  const saving = savingOf(sizing)
  if (typeof saving === 'number')
    return { saving, after: typeof sizing.recommended === 'number' ? sizing.recommended : one.request }
  assert.ok(one.of === 'memory' && firm === 'provisional')
  return undefined
}

function assertEnough({ of, usage, kills, request }: Measure, after: number): void {
  if (of === 'cpu') return assert.ok(after >= usage.cpuP95Cores * 1.15 - 1e-9)
  for (const least of [usage.memoryPeakBytes * 1.15, (kills[0]?.limitBytes ?? 0) * 1.25, request * 0.7])
    assert.ok(after >= least - 1)
}

test('savings add up and never exceed the request, and a recommended request is never below what was needed', () => {
  fc.assert(
    fc.property(
      fc.array(measure, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('provisional', 'firm'),
      (all, firm) => {
        let [saved, asked, left] = [0, 0, 0]
        for (const one of all) {
          const done = afterwards(one, firm)
          if (!done) continue
          assert.ok(done.saving >= 0 && done.saving <= one.request)
          if (done.after < one.request) assertEnough(one, done.after)
          if (done.after < one.request && one.of === 'memory') assert.equal(firm, 'firm')
          saved += done.saving
          asked += one.request
          left += Math.min(done.after, one.request)
        }
        assert.ok(Math.abs(asked - saved - left) <= asked * 1e-9)
      },
    ),
  )
})

test('of arguments and environment nothing but one word is kept', () => {
  const { pod } = cart([
    {
      spec: {
        args: ['-Xmx1g', '--token=hunter2'],
        env: [{ name: 'GOMEMLIMIT', value: 'hunter2' }],
        command: ['hunter2'],
      },
    },
  ])
  const text = JSON.stringify(snapshotOf([pod]).all('pods'))
  assert.doesNotMatch(text, /hunter2|Xmx|GOMEMLIMIT/)
  assert.match(text, /"heapFlag":"go"/)
  assert.equal(ago('0s'), new Date(NOW).toISOString())
})
