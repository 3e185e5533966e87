import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { crashesForBackOff } from '../../src/facts/crash-row.ts'
import { isBounds, isUnknown, type Value } from '../../src/facts/reading.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW, ago, eventOn, node, snapshotOf, type Raw } from '../support/build.ts'
import { backOff, cart, ended, running, waiting } from '../support/containers.ts'
import { readingOf } from '../support/readings.ts'

const APP = { kind: 'container', name: 'cart-6d4f-x2x4z/app' } as const

interface Around {
  readonly spec?: Record<string, unknown>
  readonly pod?: Record<string, unknown>
  readonly events?: (pod: Raw) => Raw[]
  readonly nodes?: readonly Raw[]
}

function row(status: object, { spec = {}, pod: fields = {}, events = () => [], nodes = [] }: Around = {}) {
  const { pod, all } = cart([{ spec, status: { ...status } }], { status: fields })
  return readingOf('crashesInRow', APP, snapshotOf([...all, ...nodes, ...events(pod)]))
}

const heldBack = (first: string, last: string) => (pod: Raw) => [
  eventOn(pod, {
    container: 'app',
    reason: 'BackOff',
    message: 'Back-off restarting failed container app in pod cart',
    count: 9,
    firstTimestamp: ago(first),
    lastTimestamp: ago(last),
  }),
]

const UP = { type: 'Ready', status: 'True', lastTransitionTime: ago('9d') }
const SANDBOX = { conditions: [{ type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: ago('1d') }] }
const STEADY: Around = {
  spec: { imagePullPolicy: 'IfNotPresent' },
  pod: SANDBOX,
  nodes: [node({ name: 'node-1', status: { conditions: [UP] } })],
}
const GAP = { restartCount: 9, state: running('10s'), lastState: ended('6m10s', '5m10s') }

const CASES: readonly [what: string, status: object, expected: Value, around?: Around][] = [
  ['never ended', { restartCount: 0, state: running('5m') }, 0],
  ['steady for ten minutes', { restartCount: 40, state: running('11m'), lastState: ended('12m', '11m5s') }, 0],
  [
    'two dated deaths',
    { restartCount: 9, state: ended('20s', '10s'), lastState: ended('60s', '50s') },
    { atLeast: 2, atMost: 10 },
  ],
  ['a long run before ends the row', { restartCount: 9, state: ended('20s', '10s'), lastState: ended('2h', '50s') }, 1],
  ['the last run was long', { restartCount: 9, state: running('20s'), lastState: ended('2h', '50s') }, 0],
  [
    'a node that went away is no crash',
    { restartCount: 9, state: running('20s'), lastState: ended('60s', '50s', { exitCode: 255, reason: 'Unknown' }) },
    { atLeast: 0, atMost: 9 },
  ],
  [
    'exits of 0 count',
    {
      restartCount: 1,
      state: ended('20s', '10s', { exitCode: 0, reason: 'Completed' }),
      lastState: ended('60s', '50s', { exitCode: 0, reason: 'Completed' }),
    },
    2,
  ],
  [
    'the stated wait',
    { restartCount: 82, state: backOff('5m0s'), lastState: ended('2m1s', '2m') },
    { atLeast: 6, atMost: 83 },
  ],
  [
    'the stated wait after the first crash',
    { restartCount: 0, state: backOff('10s'), lastState: ended('6s', '5s') },
    1,
  ],
  [
    'the stated wait in between',
    { restartCount: 9, state: backOff('1m20s'), lastState: ended('9s', '8s') },
    { atLeast: 4, atMost: 10 },
  ],
  ['never more than there were', { restartCount: 2, state: backOff('5m0s'), lastState: ended('9s', '8s') }, 3],
  [
    'a wait that is no time',
    {
      restartCount: 9,
      state: waiting('CrashLoopBackOff', 'back-off 99y restarting failed'),
      lastState: ended('9s', '8s'),
    },
    { atLeast: 1, atMost: 10 },
  ],
  [
    'seen held back, runs again',
    { restartCount: 39, state: running('17s'), lastState: ended('3m27s', '3m7s') },
    { atLeast: 5, atMost: 39 },
    { events: heldBack('8m', '51s') },
  ],
  [
    'held back after this run started: of no use',
    { restartCount: 39, state: running('17s'), lastState: ended('3m27s', '3m7s') },
    { atLeast: 1, atMost: 39 },
    { events: heldBack('8m', '5s') },
  ],
  ['an unexplained gap', GAP, { atLeast: 5, atMost: 9 }, STEADY],
  ['a gap that a pull may explain', GAP, { atLeast: 1, atMost: 9 }, { ...STEADY, spec: { imagePullPolicy: 'Always' } }],
  ['a gap that a new sandbox may explain', GAP, { atLeast: 1, atMost: 9 }, { ...STEADY, pod: {} }],
  [
    'a gap that the node may explain',
    GAP,
    { atLeast: 1, atMost: 9 },
    {
      ...STEADY,
      nodes: [node({ name: 'node-1', status: { conditions: [{ ...UP, lastTransitionTime: ago('3m') }] } })],
    },
  ],
  ['a gap on a node that is not held', GAP, { atLeast: 1, atMost: 9 }, { ...STEADY, nodes: [] }],
]

for (const [what, status, expected, around] of CASES)
  test(`crashesInRow: ${what}`, () => {
    const reading = row(status, around)
    assert.deepEqual(isUnknown(reading) ? reading : reading.value, expected)
  })

test('crashesInRow: ends when the present run has lasted ten minutes', () => {
  const reading = row({ restartCount: 9, state: running('4m'), lastState: ended('6m', '5m') })
  assert.deepEqual(reading, { value: { atLeast: 1, atMost: 9 }, since: NOW - 5 * MINUTE, until: NOW + 6 * MINUTE })
})

test('a wait of the kubelet proves no more crashes than led to it, whatever the cluster allows at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 300 }), (crashes, most) => {
      const wait = Math.min(10 * 2 ** (crashes - 1), most, 300) * SECOND
      assert.ok(crashesForBackOff(wait) <= crashes)
    }),
  )
  assert.deepEqual(
    [10, 20, 40, 80, 160, 300].map((seconds) => crashesForBackOff(seconds * SECOND)),
    [1, 2, 3, 4, 5, 6],
  )
})

/** A container as the kubelet runs it: it dies after each of these seconds and is held back for as long as its row demands. */
function kubelet(lasting: readonly number[]) {
  const runs: { start: number; end: number }[] = []
  let clock = 0
  let inRow = 0
  let longest = 0
  for (const seconds of lasting) {
    runs.push({ start: clock, end: clock + seconds })
    inRow = seconds < 600 ? inRow + 1 : 0
    longest = inRow === 0 ? 0 : Math.min(10 * 2 ** (inRow - 1), 300)
    clock += seconds + longest
  }
  return { runs, inRow, wait: longest }
}

test('crashesInRow: whatever happened, the truth lies within the bounds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 9 }), (lasting) => {
      const { runs, inRow, wait } = kubelet(lasting)
      const now = (runs.at(-1)?.end ?? 0) + Math.floor(wait / 2)
      const at = (second: number): string => `${now - second}s`
      const [last, before] = runs.toReversed()
      assert.ok(last)
      const reading = row({
        restartCount: runs.length - 1,
        state: wait > 0 ? backOff(`${wait}s`) : ended(at(last.start), at(last.end)),
        lastState:
          wait > 0 ? ended(at(last.start), at(last.end)) : before ? ended(at(before.start), at(before.end)) : {},
      })
      assert.ok(!isUnknown(reading))
      const { atLeast, atMost } = isBounds(reading.value)
        ? reading.value
        : { atLeast: Number(reading.value), atMost: Number(reading.value) }
      assert.ok(atLeast <= inRow && inRow <= atMost, `${atLeast} to ${atMost}, in truth ${inRow}`)
    }),
  )
})
