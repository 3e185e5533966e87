import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { firesAt, track, type Clock, type Clocks, type Observation } from '../../src/findings/track.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-21T12:00:00Z')
const DURATIONS = { forMs: 5 * MINUTE, resolveAfterMs: 10 * MINUTE, flickerMs: MINUTE }

type Look = 'true' | 'false' | 'unknown'

/** Runs looks at the given minutes through `track` and gives the clock after each. */
function timeline(
  looks: readonly (readonly [minute: number, look: Look, since?: number])[],
  durations = DURATIONS,
): (Clock | undefined)[] {
  let clocks: Clocks = new Map()
  return looks.map(([minute, look, since]) => {
    const now = START + minute * MINUTE
    const seen: Observation | undefined =
      look === 'false'
        ? undefined
        : { truth: look, ...durations, ...(since === undefined ? {} : { since: START + since * MINUTE }) }
    clocks = track(clocks, new Map(seen ? [['f', seen]] : []), now)
    return clocks.get('f')
  })
}

const states = (looks: Parameters<typeof timeline>[0]): (string | undefined)[] =>
  timeline(looks).map((clock) => clock?.state)

test('holds for its duration, fires, and resolves after its own', () => {
  assert.deepEqual(
    states([
      [0, 'true'],
      [4, 'true'],
      [5, 'true'],
      [6, 'false'],
      [15, 'false'],
      [16, 'false'],
      [17, 'false'],
    ]),
    ['pending', 'pending', 'firing', 'firing', 'firing', 'resolved', undefined],
  )
})

test('what Kubernetes dates itself fires at the first look', () => {
  assert.deepEqual(states([[0, 'true', -5]]), ['firing'])
  assert.deepEqual(states([[0, 'true', -4.99]]), ['pending'])
})

test('a spell shorter than a flicker does not reset a pending finding, a longer one does', () => {
  assert.deepEqual(
    states([
      [0, 'true'],
      [3, 'false'],
      [3.9, 'true'],
      [5, 'true'],
    ]),
    ['pending', 'pending', 'pending', 'firing'],
  )
  assert.deepEqual(
    states([
      [0, 'true'],
      [3, 'false'],
      [4, 'true'],
      [5, 'true'],
      [9, 'true'],
    ]),
    ['pending', 'pending', 'pending', 'pending', 'firing'],
  )
})

test('unknown neither fires nor resolves', () => {
  assert.deepEqual(states([[0, 'unknown']]), [undefined])
  assert.deepEqual(
    states([
      [0, 'true'],
      [4.5, 'unknown'],
      [5.4, 'unknown'],
      [5.5, 'unknown'],
    ]),
    ['pending', 'pending', 'pending', undefined],
  )
  assert.deepEqual(
    states([
      [0, 'true', -5],
      [60, 'unknown'],
      [120, 'unknown'],
    ]),
    ['firing', 'firing', 'firing'],
  )
})

test('unknown between two false looks does not count towards resolving', () => {
  assert.deepEqual(
    states([
      [0, 'true', -5],
      [1, 'false'],
      [10, 'unknown'],
      [11, 'false'],
      [20, 'false'],
      [21, 'false'],
    ]),
    ['firing', 'firing', 'firing', 'firing', 'firing', 'resolved'],
  )
})

test('a finding that comes back after it resolved is a new episode', () => {
  const clocks = timeline([
    [0, 'true', -5],
    [1, 'false'],
    [11, 'false'],
    [11.5, 'true'],
  ])
  assert.equal(clocks[2]?.state, 'resolved')
  assert.deepEqual([clocks[3]?.state, clocks[3]?.firstSeen], ['pending', START + 11.5 * MINUTE])
})

test('says when a pending finding fires, and nothing else does', () => {
  const [pending, broken] = timeline([
    [0, 'true'],
    [1, 'false'],
  ])
  assert.equal(pending && firesAt(pending), START + 5 * MINUTE)
  assert.equal(broken && firesAt(broken), null)
})

/** For how many minutes the last look and those before it are all true. */
function heldFor(history: readonly (readonly [minute: number, look: Look])[]): number {
  const gap = history.findLastIndex(([, look]) => look !== 'true')
  return (history.at(-1)?.[0] ?? 0) - (history[gap + 1]?.[0] ?? Infinity)
}

test('property: it never fires before it provably held for its duration', () => {
  const looks = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom<Look>('true', 'false', 'unknown')), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(looks, (steps) => {
      let minute = 0
      const history = steps.map(([wait, look]) => [(minute += wait), look] as const)
      const clocks = timeline(history)
      clocks.forEach((clock, i) => {
        if (clock?.state !== 'firing' || clocks[i - 1]?.state === 'firing') return
        // Looks are at least a minute apart, so every spell here is as long as a flicker and resets the clock.
        assert.ok(heldFor(history.slice(0, i + 1)) >= 5, `fired after ${heldFor(history.slice(0, i + 1))} minutes`)
      })
    }),
  )
})
