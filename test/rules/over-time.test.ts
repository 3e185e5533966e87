import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectStore } from '../../src/cluster/store.ts'
import type { Evaluation } from '../../src/engine/rule.ts'
import { Memory } from '../../src/facts/memory.ts'
import type { SubjectKind } from '../../src/facts/subject.ts'
import { track, type Clocks, type Observation } from '../../src/findings/track.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { isRefusal, type Refusal } from '../../src/remediation/action.ts'
import { plan, type Plan } from '../../src/remediation/plan.ts'
import { HOUR, MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW, ago, node, snapshotOf, type Raw } from '../support/build.ts'
import { cart, running } from '../support/containers.ts'
import { shippedRules } from '../support/judge.ts'
import { Looks, statusAt, type MadeRun } from '../support/loop.ts'
import { grounds } from '../support/proposals.ts'
import { subjectOf } from '../support/readings.ts'
import { JobRuns } from '../support/job-runs.ts'
import { Meter, kept } from '../support/usage.ts'

const DAY = 24 * HOUR
const MI = 2 ** 20
const POD = 'cart-6d4f-x2x4z'
const { rules } = await shippedRules()

/** What a shipped rule says of a subject at the time of a look, with what is remembered by then. */
function says(rule: string, of: readonly [SubjectKind, string], snapshot: ObjectStore, memory: Memory): Evaluation {
  const compiled = rules.find((one) => one.rule.id === rule)
  const evaluation = compiled?.evaluate(subjectOf(of[0], of[1], snapshot), {
    snapshot,
    now: snapshot.takenAt,
    past: memory,
  })
  assert.ok(evaluation)
  return evaluation
}

/** A loop: each run lasts so long, and then the kubelet holds the container back, 10 s at first and at most 5 min. */
function loop(lifeSeconds: number, began: number, count: number): MadeRun[] {
  let at = began
  return Array.from({ length: count }, (_, place) => {
    const start = at
    const end = start + lifeSeconds * SECOND
    at = end + Math.min(10 * 2 ** place, 300) * SECOND
    return { start, end }
  })
}

interface Told {
  /** What the status leaves out. */
  readonly without?: 'lastState' | undefined
}

/** Looks at every change of a loop from a time on, and each half minute. */
function* watched(
  runs: readonly MadeRun[],
  span: { readonly from: number; readonly to: number },
  { without }: Told = {},
) {
  const looks = new Looks(new Memory())
  const changes = runs.flatMap(({ start, end = start }) => [start, end])
  const ticks = Array.from(
    { length: Math.floor((span.to - span.from) / (30 * SECOND)) },
    (_, at) => span.from + at * 30 * SECOND,
  )
  const times = [...new Set([...changes, ...ticks])].filter((at) => at >= span.from && at <= span.to)
  for (const now of times.toSorted((a, b) => a - b)) {
    const { lastState, ...status } = statusAt(runs, now)
    const told = without === 'lastState' ? status : { ...status, lastState }
    const made = new Date(runs[0]!.start).toISOString()
    const { snapshot } = looks.look(cart([{ status: told }], { created: made, status: { startTime: made } }).all, now)
    yield { now, evaluation: says('crash-loop', ['container', `${POD}/app`], snapshot, looks.memory) }
  }
}

const observed = (evaluation: Evaluation): Map<string, Observation> => {
  const none = { forMs: Infinity, resolveAfterMs: Infinity, flickerMs: 0 }
  if (evaluation.truth === 'true') return new Map([['finding', evaluation]])
  return new Map(evaluation.truth === 'unknown' ? [['finding', { truth: 'unknown', ...none }]] : [])
}

/** When the finding fired, and how often it changed its state. */
function lifeOf(looks: Iterable<{ now: number; evaluation: Evaluation }>): {
  firedAt: number | undefined
  states: string[]
} {
  let clocks: Clocks = new Map()
  let firedAt: number | undefined
  const states: string[] = []
  for (const { now, evaluation } of looks) {
    clocks = track(clocks, observed(evaluation), now)
    const state = clocks.get('finding')?.state ?? 'none'
    if (states.at(-1) !== state) states.push(state)
    if (state === 'firing') firedAt ??= now
  }
  return { firedAt, states }
}

const LOOP = loop(20, NOW - 5 * HOUR, 90)

test('crash-loop: started in the middle of a steady loop it fires at once, since the objects prove it', () => {
  for (let late = 0; late < 6; late++) {
    const from = NOW + late * MINUTE
    const { firedAt, states } = lifeOf(watched(LOOP, { from, to: from + HOUR }))
    assert.equal(firedAt, from)
    assert.deepEqual(states, ['firing'])
  }
})

test('crash-loop: where the objects prove nothing it fires within the window and two minutes, and stays', () => {
  const inRun = LOOP.find(({ start }) => start >= NOW)!.start + SECOND
  const life = lifeOf(watched(LOOP, { from: inRun, to: inRun + 2 * HOUR }, { without: 'lastState' }))
  assert.ok(life.firedAt !== undefined && life.firedAt > inRun, 'not proven by one look')
  assert.ok(life.firedAt <= inRun + 17 * MINUTE)
  assert.deepEqual(life.states, ['none', 'firing'])
})

test('crash-loop: a container that runs at most moments is one finding without a flap, from its first crashes on', () => {
  for (const seconds of [20, 100, 500]) {
    const runs = loop(seconds, NOW - 10 * SECOND, 60)
    const { states } = lifeOf(watched(runs, { from: NOW - 10 * SECOND, to: NOW + 3 * HOUR }))
    assert.deepEqual(states, ['none', 'firing'], `${seconds} s`)
  }
})

test('crash-loop: ends when the container came through', () => {
  const runs = [...loop(20, NOW, 8)]
  const end = runs.at(-1)!.end! + 5 * MINUTE
  const { states } = lifeOf(watched([...runs, { start: end }], { from: NOW, to: end + HOUR }))
  assert.deepEqual(states, ['none', 'firing', 'resolved', 'none'])
})

const ASKS = { resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { memory: '2Gi' } } }

/** Deployment shop/cart, whose template asks for what its pod has. */
function shop(spec: object = ASKS): Raw[] {
  const [deployment, ...rest] = cart([{ spec: { ...spec }, status: { ready: true, state: running('9h') } }], {
    created: ago('60d'),
  }).all
  const template = { spec: { containers: [{ name: 'app', image: 'registry.test/shop/cart:1.4', ...spec }] } }
  const metadata = { ...deployment!.metadata, uid: 'd' }
  const owned = rest.map((object) => {
    const owners = object.metadata['ownerReferences']
    const renamed = Array.isArray(owners)
      ? owners.map((one: object) => ('kind' in one && one.kind === 'Deployment' ? { ...one, uid: 'd' } : one))
      : owners
    return {
      ...object,
      metadata: { ...object.metadata, uid: `uid-${String(object.metadata['name'])}`, ownerReferences: renamed },
    }
  })
  const [set, one] = owned
  const ofSet = [{ ...(one!.metadata['ownerReferences'] as object[])[0], uid: set!.metadata['uid'] }]
  const worker = node({ name: 'node-1', status: { allocatable: { cpu: '64', memory: '256Gi' } } })
  return [
    { ...deployment!, metadata, spec: { replicas: 1, template } },
    set!,
    { ...one!, metadata: { ...one!.metadata, ownerReferences: ofSet } },
    worker,
  ]
}

function sampled(
  objects: readonly Raw[],
  days: number,
  use = { cpu: 0.1, memory: 200 * MI },
): { memory: Memory; snapshot: ObjectStore } {
  const memory = new Memory()
  new Meter(memory, objects).steady({ from: NOW - days * DAY, to: NOW, every: 5 * MINUTE }, use)
  return { memory, snapshot: snapshotOf(objects) }
}

function proposal({ memory, snapshot }: { memory: Memory; snapshot: ObjectStore }): Plan | Refusal {
  const object = snapshot.all('deployments.apps')[0]!
  const action = ACTIONS.find(({ name }) => name === 'set-resources')!
  const raw = shop()[0]!
  return plan(action, object, { snapshot, now: NOW, past: memory, finding: grounds(raw, { container: 'app' }) })
}

const APP = ['container', `${POD}/app`] as const

test('over-provisioned: unknown for days, then CPU alone, then memory too; the evidence says from what', () => {
  const short = sampled(shop(), 2)
  const doubt = says('over-provisioned', APP, short.snapshot, short.memory)
  assert.ok(doubt.truth === 'unknown' && doubt.reason === 'insufficient-data')
  assert.match(doubt.detail ?? '', /^577 samples over 48h|^577 samples over 2d/)
  const provisional = sampled(shop(), 5)
  const some = says('over-provisioned', APP, provisional.snapshot, provisional.memory)
  assert.equal(some.truth, 'true')
  const firm = sampled(shop(), 14)
  const all = says('over-provisioned', APP, firm.snapshot, firm.memory)
  assert.ok(all.truth === 'true')
  const { evidence, message } = all.explain({ target: 'Deployment shop/cart' })
  const told = new Map(evidence.map(({ fact, actual }) => [fact, actual]))
  for (const fact of [
    'usageWindowHours',
    'usageSamples',
    'usageCoveragePercent',
    'usageConfidenceDays',
    'usageSource',
    'usagePods',
    'cpuUsageP95Cores',
    'cpuUsageMaxCores',
    'memoryUsagePeakBytes',
    'cpuRequestCores',
    'cpuLimitCores',
    'memoryRequestBytes',
    'memoryLimitBytes',
    'cpuRequestVerdict',
    'memoryRequestSavingBytes',
  ])
    assert.ok(told.has(fact), fact)
  assert.equal(told.get('cpuRequestVerdict'), 'firm')
  assert.equal(told.get('cpuThrottling'), 'no CPU limit')
  assert.equal(told.get('usageRuns'), null)
  assert.match(message, /^CPU: requests 2 \(limit none\), used less than 110m for 95 % of the time and 100m at most/)
})

test('over-provisioned: a CronJob by its runs, read off one that is over', () => {
  const runs = new JobRuns()
  const resources = { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2' } }
  const night = { minutes: 30, cpu: 0.2, memory: 200 * MI, resources }
  const evaluated = (nights: number) => {
    let last = runs.run({ at: NOW - nights * DAY, ...night })
    for (let left = nights - 1; left > 0; left--) last = runs.run({ at: NOW - left * DAY, ...night })
    return says('over-provisioned', ['container', `${last.pod}/app`], last.snapshot, runs.memory)
  }
  const short = evaluated(1)
  assert.ok(short.truth === 'unknown' && short.reason === 'insufficient-data')
  runs.memory = new Memory()
  const firm = evaluated(10)
  assert.ok(firm.truth === 'true')
  const { message } = firm.explain({ target: 'CronJob shop/nightly' })
  assert.match(
    message,
    /200m at most, throttled: not measured; 1745m was never needed \(firm, held by: none\); 256m recommended/,
  )
  assert.match(message, /Seen: 216\.5 h, 290 samples from metrics-api, pods: 10, whole runs: 10, coverage 100 %/)
})

test('over-provisioned: set-resources gives the recommended requests as a patch; over a restart too', () => {
  const firm = sampled(shop(), 14)
  const done = proposal(firm)
  assert.ok(!isRefusal(done), JSON.stringify(done))
  assert.deepEqual(done.parameters, { container: 'app', requests: { cpu: '173m', memory: '717Mi' } })
  assert.match(done.effect, /^sets cpu request 2 → 173m, memory request 1Gi → 717Mi of app in Deployment shop\/cart/)
  const { memory } = Memory.restore(kept(firm.memory), NOW)
  assert.deepEqual(proposal({ ...firm, memory }), done)
})

test('set-resources says why it proposes nothing', () => {
  const short = proposal(sampled(shop(), 2))
  assert.ok(isRefusal(short))
  assert.match(short.detail, /^cpu: 577 samples over .*; memory: 577 samples/)
  const heap = proposal(sampled(shop({ ...ASKS, args: ['-Xmx1g'] }), 14, { cpu: 1.4, memory: 200 * MI }))
  assert.ok(isRefusal(heap))
  assert.equal(heap.detail, 'memory: a person has to decide: heap-flag')
  const fits = proposal(sampled(shop(), 14, { cpu: 1.4, memory: 850 * MI }))
  assert.ok(isRefusal(fits))
  assert.equal(fits.detail, 'what it requests is about what it needs')
})

test('under-provisioned: requests are raised to what days of use speak for, and a limit that is below goes with them', () => {
  const done = proposal(
    sampled(shop({ resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '3', memory: '1Gi' } } }), 6, {
      cpu: 3,
      memory: 1000 * MI,
    }),
  )
  assert.ok(!isRefusal(done), JSON.stringify(done))
  assert.deepEqual(done.parameters['requests'], { cpu: '3482m', memory: '1150Mi' })
  assert.deepEqual(done.parameters['limits'], { cpu: '3482m', memory: '1150Mi' })
})

const ready = (status: string, at: number): Raw =>
  node({
    name: 'worker',
    uid: 'n',
    created: ago('90d'),
    status: { conditions: [{ type: 'Ready', status, lastTransitionTime: new Date(at).toISOString() }] },
  })

test('node-unhealthy: a node that comes and goes fires at its third loss, whatever it is between them', () => {
  const looks = new Looks(new Memory())
  looks.look([ready('True', NOW - DAY)], NOW)
  const truths = [1, 2, 3, 4, 5, 6].map((minute) => {
    const at = NOW + minute * 3 * MINUTE
    const { snapshot, touched } = looks.look([ready(minute % 2 === 1 ? 'Unknown' : 'True', at)], at)
    assert.deepEqual(touched, ['flips/n/Ready'])
    return says('node-unhealthy', ['node', 'worker'], snapshot, looks.memory)
  })
  assert.deepEqual(
    truths.map(({ truth }) => truth),
    ['true', 'false', 'true', 'false', 'true', 'true'],
  )
  const last = truths.at(-1)!
  assert.ok(last.truth === 'true')
  assert.equal(last.forMs, 0)
  const { title, message } = last.explain({ target: 'Node worker' })
  assert.equal(title, 'Node worker is unhealthy: flapping')
  assert.match(message, /^stopped being ready 3 times in 30 minutes/)
  const later = NOW + 50 * MINUTE
  const { snapshot } = looks.look([ready('True', NOW + 18 * MINUTE)], later)
  assert.equal(says('node-unhealthy', ['node', 'worker'], snapshot, looks.memory).truth, 'false')
})
