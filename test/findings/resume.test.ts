import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readClock, resume } from '../../src/findings/resume.ts'
import { firesAt, track, type Clock, type Observation } from '../../src/findings/track.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000

const clock = (more: Partial<Clock> = {}): Clock => ({
  state: 'pending',
  since: NOW - 4 * MINUTE,
  firstSeen: NOW - 4 * MINUTE,
  lastSeen: NOW - 10_000,
  resolvedAt: null,
  brokenSince: null,
  forMs: 5 * MINUTE,
  resolveAfterMs: 5 * MINUTE,
  flickerMs: MINUTE,
  ...more,
})
const observed = ({ forMs, resolveAfterMs, flickerMs }: Clock, truth: Observation['truth'] = 'true'): Observation => ({
  truth,
  forMs,
  resolveAfterMs,
  flickerMs,
})
const one = (kept: Clock, gap: { savedAt: number | undefined; now: number }): Clock | undefined =>
  resume([['a', kept]], gap).get('a')
const look = (before: Clock | undefined, seen: Observation | undefined, now: number): Clock | undefined =>
  track(new Map(before ? [['a', before]] : []), new Map(seen ? [['a', seen]] : []), now).get('a')

test('what was pending goes on over a gap shorter than a flicker', () => {
  const after = one(clock(), { savedAt: NOW - 10_000, now: NOW })
  assert.equal(after?.since, NOW - 4 * MINUTE)
  const seen = look(after, observed(clock()), NOW)
  assert.deepEqual([seen?.state, seen && firesAt(seen)], ['pending', NOW + MINUTE])
})

const DROPPED: [why: string, kept: Clock, gap: { savedAt: number | undefined; now: number }][] = [
  ['after a gap of a flicker', clock({ lastSeen: NOW - MINUTE }), { savedAt: NOW - MINUTE, now: NOW }],
  ['after a gap of a year', clock(), { savedAt: NOW, now: NOW + 365 * 24 * 60 * MINUTE }],
  ['when nobody knows how long the gap was', clock(), { savedAt: undefined, now: NOW }],
  ['when the clock went back', clock(), { savedAt: NOW, now: NOW - 1 }],
  ['when it was last seen in the future', clock({ lastSeen: NOW + 1 }), { savedAt: NOW - 1, now: NOW }],
  [
    'when a false spell before the gap and the gap make a flicker together',
    clock({ brokenSince: NOW - 61_000 }),
    { savedAt: NOW - 20_000, now: NOW },
  ],
]
for (const [why, kept, gap] of DROPPED)
  test(`what was pending is dropped ${why}`, () => assert.equal(one(kept, gap), undefined))

test('a gap that began short and grew until the first look counts as a whole', () => {
  const after = one(clock(), { savedAt: NOW - 30_000, now: NOW })
  const seen = look(after, observed(clock()), NOW + 40_000)
  assert.deepEqual([seen?.state, seen?.since], ['pending', NOW + 40_000])
})

test('what fires goes on firing after any gap: it is not announced again, and has not ended', () => {
  const firing = clock({ state: 'firing', brokenSince: NOW - 4 * MINUTE })
  const after = one(firing, { savedAt: NOW - MINUTE, now: NOW + 60 * MINUTE })
  assert.deepEqual([after?.state, after?.since, after?.firstSeen], ['firing', firing.since, firing.firstSeen])
  const seen = look(after, undefined, NOW + 60 * MINUTE)
  assert.equal(seen?.state, 'firing', 'the gap does not count as time that it was false')
  assert.equal(look(seen, undefined, NOW + 65 * MINUTE)?.state, 'resolved')
})

test('what had ended is over', () => {
  assert.equal(one(clock({ state: 'resolved', resolvedAt: NOW }), { savedAt: NOW, now: NOW + 1 }), undefined)
})

test('a clock comes back from JSON as it was, and nothing else is taken for one', () => {
  const kept = clock({ state: 'firing', brokenSince: NOW })
  assert.deepEqual(readClock(JSON.parse(JSON.stringify(kept))), kept)
  const wrong = [null, 'firing', [], {}, { ...kept, since: null }, { ...kept, state: 'on' }, { ...kept, forMs: -1 }]
  for (const value of wrong) assert.equal(readClock(value), undefined)
})

// Within two centuries around now, both ways.
const times = fc.integer({ min: NOW - 3e12, max: NOW + 3e12 })
const spans = fc.integer({ min: 0, max: 60 * MINUTE })
const clocks = fc.record({
  state: fc.constantFrom('pending' as const, 'firing' as const, 'resolved' as const),
  since: times,
  firstSeen: times,
  lastSeen: times,
  resolvedAt: fc.constant(null),
  brokenSince: fc.option(times),
  forMs: fc.integer({ min: 1, max: 60 * MINUTE }),
  resolveAfterMs: fc.integer({ min: 1, max: 60 * MINUTE }),
  flickerMs: spans,
})

test('fault 51, whatever clocks jumped and however far: no time lies in the future, and a second resume changes nothing', () => {
  fc.assert(
    fc.property(clocks, fc.option(times, { nil: undefined }), times, (kept, savedAt, now) => {
      const after = one(kept, { savedAt, now })
      if (!after) return
      for (const at of [after.since, after.firstSeen, after.lastSeen, after.brokenSince ?? now]) assert.ok(at <= now)
      assert.deepEqual(one(after, { savedAt: now, now }), after)
    }),
  )
})

test('fault 51, TIME-SAFE: a gap is never why something fires or ends, whatever the clocks say', () => {
  fc.assert(
    fc.property(clocks, fc.option(times, { nil: undefined }), times, (kept, savedAt, now) => {
      const after = one(kept, { savedAt, now })
      const seen = look(after, observed(kept), now)
      if (kept.state !== 'firing' && seen?.state === 'firing') {
        // Only what had held all but a flicker of its time before the gap.
        assert.ok(after && savedAt !== undefined && now - savedAt < kept.flickerMs)
        assert.ok(savedAt - kept.since >= kept.forMs - kept.flickerMs)
      }
      assert.notEqual(look(after, undefined, now)?.state, 'resolved')
      if (kept.state === 'firing') assert.equal(look(after, undefined, now + kept.resolveAfterMs - 1)?.state, 'firing')
    }),
    { numRuns: 1_000 },
  )
})

/** The clock after each look of a history, every 30 seconds, with a restart before one of them. */
function history(
  truths: readonly string[],
  restart: number,
  gapMs: number,
): [before: Clock | undefined, after: Clock | undefined][] {
  const quick = clock({ forMs: 90_000 })
  let kept: Clock | undefined
  let now = NOW
  return truths.map((truth, index) => {
    now += 30_000
    if (index === restart) {
      kept = kept && one(kept, { savedAt: now - 30_000, now: now + gapMs })
      now += gapMs
    }
    const before = kept
    kept = look(kept, truth === 'false' ? undefined : observed(quick, truth === 'true' ? 'true' : 'unknown'), now)
    return [before, kept]
  })
}

const fires = ([before, after]: [Clock | undefined, Clock | undefined]): boolean =>
  after?.state === 'firing' && before?.state !== 'firing'

test('a restart at any moment of a history: what fired does not fire anew, and nothing fires that would not without it', () => {
  const steps = fc.array(fc.constantFrom('true', 'true', 'false', 'unknown'), { minLength: 10, maxLength: 30 })
  let announced = 0
  fc.assert(
    fc.property(steps, fc.nat(30), fc.integer({ min: 0, max: 20 * MINUTE }), (truths, restart, gapMs) => {
      const restarted = history(truths, restart, gapMs)
      const whole = history(truths, -1, 0)
      for (const [index, step] of restarted.entries()) {
        if (!fires(step)) continue
        announced++
        assert.ok(whole[index]?.[1]?.state === 'firing', `step ${index} fires only after the restart`)
      }
      assert.ok(restarted.filter(fires).length <= whole.filter(fires).length)
    }),
    { numRuns: 500 },
  )
  assert.ok(announced > 30)
})
