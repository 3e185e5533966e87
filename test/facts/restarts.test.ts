import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isBounds, isUnknown, type Value } from '../../src/facts/reading.ts'
import { MINUTE } from '../../src/util/time.ts'
import { NOW, ago, eventOn, snapshotOf, type Raw, type Seed } from '../support/build.ts'
import { backOff, cart, ended, running } from '../support/containers.ts'
import { readingOf } from '../support/readings.ts'

const APP = { kind: 'container', name: 'cart-6d4f-x2x4z/app' } as const
const SINCE_START = 'failed to create containerd task: runc create failed'

function restarts(status: object | undefined, seed: Seed = {}, events: (pod: Raw) => Raw[] = () => []) {
  const { pod, all } = cart([status === undefined ? {} : { status: { ...status } }], seed)
  return readingOf('restartsIn', APP, snapshotOf([...all, ...events(pod)]), { window: 15 * MINUTE })
}

const CASES: readonly [what: string, status: object, expected: Value, seed?: Seed, events?: (pod: Raw) => Raw[]][] = [
  ['none', { restartCount: 0, state: running('5m') }, 0],
  ['39 in 7 minutes of life', { restartCount: 39, state: running('10s') }, 39, { created: ago('7m') }],
  [
    'two dated, many before',
    { restartCount: 39, state: running('17s'), lastState: ended('3m', '2m') },
    { atLeast: 2, atMost: 39 },
  ],
  ['one today of forty in a year', { restartCount: 40, state: running('5h'), lastState: ended('9d', '6h') }, 0],
  [
    'one a moment ago, the run before was long',
    { restartCount: 40, state: running('1m'), lastState: ended('9d', '2m') },
    1,
  ],
  ['one an hour ago', { restartCount: 1, state: running('60m'), lastState: ended('3h', '61m') }, 0],
  ['dated before the pod was made', { restartCount: 1, state: running('1h') }, 0, { created: ago('5m') }],
  [
    'waiting: the last state is the run that is counted',
    { restartCount: 3, state: backOff('40s'), lastState: ended('2m', '1m') },
    { atLeast: 1, atMost: 3 },
  ],
  [
    'terminated: the state is the run that is counted',
    { restartCount: 3, state: ended('20s', '10s'), lastState: ended('60s', '50s') },
    { atLeast: 2, atMost: 3 },
  ],
  ['the first run of all died', { restartCount: 0, state: ended('2m', '1m') }, 0],
  ['the only restart is dated', { restartCount: 1, state: running('1m'), lastState: ended('3m', '2m') }, 1],
  [
    'start errors have no start, only an end',
    {
      restartCount: 9,
      state: backOff('5m0s'),
      lastState: ended('1m', '2m', { reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' }),
    },
    { atLeast: 1, atMost: 9 },
  ],
  [
    'failed starts that Events count in the window',
    { restartCount: 80, state: running('10s') },
    { atLeast: 5, atMost: 80 },
    {},
    (pod) => [
      eventOn(pod, {
        container: 'app',
        reason: 'Failed',
        message: `Error: ${SINCE_START}`,
        count: 6,
        firstTimestamp: ago('9m'),
        lastTimestamp: ago('1m'),
      }),
    ],
  ],
  [
    'of a series that began before the window only the last is in it',
    { restartCount: 80, state: running('10s') },
    { atLeast: 1, atMost: 80 },
    {},
    (pod) => [
      eventOn(pod, {
        container: 'app',
        reason: 'Failed',
        message: `Error: ${SINCE_START}`,
        count: 60,
        firstTimestamp: ago('40m'),
        lastTimestamp: ago('1m'),
      }),
    ],
  ],
  [
    'back-offs, missing settings and other containers are no restarts',
    { restartCount: 80, state: running('10s') },
    { atLeast: 1, atMost: 80 },
    {},
    (pod) => [
      eventOn(pod, {
        container: 'app',
        reason: 'BackOff',
        message: 'Back-off restarting failed container',
        count: 50,
        firstTimestamp: ago('9m'),
        lastTimestamp: ago('1m'),
      }),
      eventOn(pod, {
        container: 'app',
        reason: 'Failed',
        message: 'Error: configmap "x" not found',
        count: 50,
        firstTimestamp: ago('9m'),
        lastTimestamp: ago('1m'),
      }),
      eventOn(pod, {
        container: 'other',
        reason: 'Started',
        message: 'Container started',
        count: 50,
        firstTimestamp: ago('9m'),
        lastTimestamp: ago('1m'),
      }),
    ],
  ],
]

for (const [what, status, expected, seed, events] of CASES)
  test(`restartsIn: ${what}`, () => {
    const reading = restarts(status, seed, events)
    assert.deepEqual(isUnknown(reading) ? reading : reading.value, expected)
  })

test('restartsIn: says since and until when', () => {
  const reading = restarts({ restartCount: 39, state: running('1m'), lastState: ended('4m', '3m') })
  assert.deepEqual(reading, {
    value: { atLeast: 2, atMost: 39 },
    since: NOW - MINUTE,
    until: NOW + 11 * MINUTE,
  })
})

test('restartsIn: a pod that nobody has looked at yet has no restarts; one that runs without a status is unknown', () => {
  assert.deepEqual(restarts(undefined, { status: { phase: 'Pending' } }), { value: 0 })
  assert.equal(isUnknown(restarts(undefined)), true)
})

const minutesAgo = fc.integer({ min: 0, max: 60 })

test('restartsIn: whatever happened, the truth lies within the bounds', () => {
  fc.assert(
    fc.property(fc.uniqueArray(minutesAgo, { minLength: 1, maxLength: 12 }), fc.boolean(), (starts, over) => {
      const order = starts.toSorted((a, b) => b - a)
      const runs = order.map((start, i) => [start, order[i + 1] ?? (over ? 0 : undefined)] as const)
      const [created] = order
      const status = statusAfter(runs)
      const reading = restarts(status, { created: ago(`${created}m`), status: { startTime: ago(`${created}m`) } })
      assert.ok(!isUnknown(reading))
      const truth = order.slice(1).filter((at) => at < 15).length
      const { atLeast, atMost } = isBounds(reading.value)
        ? reading.value
        : { atLeast: Number(reading.value), atMost: Number(reading.value) }
      assert.ok(atLeast <= truth && truth <= atMost, `${atLeast} to ${atMost}, in truth ${truth}`)
    }),
  )
})

function statusAfter(runs: readonly (readonly [number, number | undefined])[]): object {
  const [before, last] = [runs.at(-2), runs.at(-1)]
  const state = last?.[1] === undefined ? running(`${last?.[0]}m`) : ended(`${last[0]}m`, `${last[1]}m`)
  const lastState = before === undefined ? {} : ended(`${before[0]}m`, `${before[1]}m`)
  return { restartCount: runs.length - 1, state, lastState }
}
