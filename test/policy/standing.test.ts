import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Freshness, WatchState } from '../../src/cluster/freshness.ts'
import { firstEvaluation } from '../../src/policy/blast.ts'
import { ONE_LOOK, standingOf, WARM_UP_MS, type Standing, type Watching } from '../../src/policy/standing.ts'
import { NOW } from '../support/build.ts'
import { freshness as heardOf } from '../support/freshness.ts'
import { decided } from '../support/proposals.ts'

const HOUR = 3_600_000

const kind = (resource: string, more: Partial<Freshness> = {}): Freshness =>
  heardOf(resource, { objects: 1, syncedAt: NOW - HOUR, heardAt: NOW, continuousSince: NOW - HOUR, ...more })

const READS: Record<string, readonly string[]> = { 'some-rule': ['pods', 'nodes'] }
const standing = (freshness: readonly Freshness[], more: Partial<Watching> = {}): Standing =>
  standingOf({
    freshness,
    startedAt: NOW - HOUR,
    now: NOW,
    readsOf: (rule) => READS[rule],
    objections: new Map(),
    ...more,
  })
const HERE = { rule: 'some-rule', namespace: 'shop' }
const EVERYTHING = [kind('pods'), kind('nodes'), kind('services', { state: 'stale', continuousSince: undefined })]

test('everything a rule reads is live and was for long enough: nothing stands against it, whatever it does not read', () => {
  const of = standing(EVERYTHING)
  assert.deepEqual([of.unfresh(HERE), of.warmUntil(HERE), of.blast('some-rule')], [undefined, undefined, undefined])
})

for (const state of ['syncing', 'stale', 'forbidden', 'failed'] satisfies WatchState[])
  test(`fresh: a kind that is ${state} is named`, () => {
    const of = standing([kind('pods'), kind('nodes', { state, detail: 'the server said no' })])
    assert.equal(of.unfresh(HERE), `nodes: ${state}, the server said no`)
  })

test('fresh: a kind that nobody watches, and a rule that is gone, are not fresh', () => {
  assert.equal(standing([kind('pods')]).unfresh(HERE), 'nodes: not watched')
  assert.equal(standing(EVERYTHING).unfresh({ ...HERE, rule: 'gone' }), 'the rule is not in force any more')
})

test('fresh: an optional API that is not there is as good as an answer', () => {
  const absent = kind('nodes', { state: 'not-installed', continuousSince: undefined })
  const of = standing([kind('pods'), absent])
  assert.deepEqual([of.unfresh(HERE), of.warmUntil(HERE)], [undefined, undefined])
})

test('fresh and warm-up: of namespaces that are watched one by one only that of the object counts', () => {
  const of = standing([
    kind('pods', { namespace: 'shop' }),
    kind('pods', { namespace: 'bank', state: 'stale', continuousSince: NOW }),
    kind('nodes'),
  ])
  assert.deepEqual([of.unfresh(HERE), of.warmUntil(HERE)], [undefined, undefined])
  for (const namespace of ['bank', undefined]) {
    assert.equal(of.unfresh({ ...HERE, namespace }), 'pods: stale')
    assert.equal(of.warmUntil({ ...HERE, namespace }), NOW + WARM_UP_MS)
  }
  assert.equal(of.unfresh({ ...HERE, namespace: 'elsewhere' }), 'pods: not watched')
})

test('fault 45, warm-up: five minutes after the start, each time anew, and after continuity was lost', () => {
  const started = (agoMs: number) => standing(EVERYTHING, { startedAt: NOW - agoMs }).warmUntil(HERE)
  assert.equal(started(0), NOW + WARM_UP_MS)
  assert.equal(started(WARM_UP_MS - 1), NOW + 1)
  assert.equal(started(WARM_UP_MS), undefined)
  const lost = (continuousSince: number | undefined) =>
    standing([kind('pods'), kind('nodes', { continuousSince })]).warmUntil(HERE)
  assert.equal(lost(NOW - 60_000), NOW + WARM_UP_MS - 60_000)
  assert.equal(lost(undefined), NOW + WARM_UP_MS)
  assert.equal(lost(NOW + HOUR), NOW + HOUR + WARM_UP_MS, 'a clock that went back makes nothing warm')
})

test('the gates say what stands against it: hold, ask, ask, each with its word', () => {
  const policy = { level: 'L4' }
  const stale = decided({ policy, standing: { ...standing([kind('pods'), kind('nodes', { state: 'stale' })]) } })
  assert.deepEqual([stale.verdict, stale.reason, stale.gates[0]?.detail], ['hold', 'not-fresh', 'nodes: stale'])

  const cold = decided({ policy, standing: { ...standing(EVERYTHING, { startedAt: NOW }) } })
  assert.deepEqual([cold.verdict, cold.reason], ['ask', 'warming-up'])
  assert.equal(cold.gates[1]?.detail, 'watches without a gap since 2026-11-21T12:00:00Z')
  assert.equal(cold.until, '2026-11-21T12:05:00Z')

  const warm = decided({ policy, standing: { ...standing(EVERYTHING) } })
  assert.deepEqual(
    [warm.verdict, warm.gates.slice(0, 3).map(({ detail }) => detail)],
    ['act', ['all that its rule reads is up to date', 'watched for long enough', 'its rule is known']],
  )
})

test('invariant 11: the gate blast asks, with the counts and the line that acknowledges; it lets pass what was acknowledged', () => {
  const rule = { id: 'some-rule', version: `sha256:0123456789abcdef${'0'.repeat(48)}` }
  const gate = (blast: ReturnType<Standing['blast']>) => {
    const { verdict, reason, gates } = decided({
      policy: { level: 'L4' },
      standing: { ...standing(EVERYTHING), blast: () => blast },
    })
    return [verdict, reason, gates[2]?.gate, gates[2]?.detail]
  }
  assert.deepEqual(gate(firstEvaluation(rule, { matched: 40, unknown: 0, of: 50 })), [
    'ask',
    'matches-too-much',
    'blast',
    'its rule matched 40 of 50 at first, more than 5; dogwatch rules ack some-rule@sha256:0123456789ab --reason TEXT',
  ])
  assert.deepEqual(gate(firstEvaluation(rule, { matched: 1, unknown: 300, of: 1_000 })), [
    'ask',
    'not-counted',
    'blast',
    'its rule is unknown of 300 of 1000 at first, more than 50; dogwatch rules ack some-rule@sha256:0123456789ab --reason TEXT',
  ])
  assert.deepEqual(gate('not-counted'), ['ask', 'not-counted', 'blast', 'its rule is new and was not counted yet'])
  assert.deepEqual(gate(undefined), ['act', 'permitted', 'blast', 'its rule is known'])
})

test('a scan is one look: the three gates pass, as they always did', () => {
  const { gates } = decided({ standing: ONE_LOOK })
  assert.deepEqual(
    gates.slice(0, 3).map(({ gate, answer, detail }) => `${gate} ${answer}: ${detail}`),
    [
      'fresh pass: one look, taken for this',
      'warm-up pass: one look, nothing is watched',
      'blast pass: one look, nothing is counted',
    ],
  )
})
