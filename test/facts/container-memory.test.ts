import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUnknown, type Value } from '../../src/facts/reading.ts'
import { HOUR, MINUTE } from '../../src/util/time.ts'
import { NOW, snapshotOf } from '../support/build.ts'
import { backOff, cart, ended, running } from '../support/containers.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const APP = { kind: 'container', name: 'cart-6d4f-x2x4z/app' } as const
const OOM = { exitCode: 137, reason: 'OOMKilled' }

const kills = (status: object) =>
  readingOf('oomKillsIn', APP, snapshotOf(cart([{ status: { ...status } }]).all), { window: HOUR })

const CASES: readonly [what: string, status: object, expected: Value][] = [
  ['none', { restartCount: 0, state: running('5m') }, 0],
  ['one, and nothing else', { restartCount: 1, state: running('9m'), lastState: ended('2h', '10m', OOM) }, 1],
  [
    'in a loop that is held back',
    { restartCount: 71, state: backOff('5m0s'), lastState: ended('2m', '119s', OOM) },
    { atLeast: 1, atMost: 72 },
  ],
  [
    'both deaths',
    { restartCount: 71, state: ended('20s', '10s', OOM), lastState: ended('40s', '30s', OOM) },
    { atLeast: 2, atMost: 72 },
  ],
  [
    'the same death told twice',
    { restartCount: 1, state: ended('20s', '10s', OOM), lastState: ended('20s', '10s', OOM) },
    { atLeast: 1, atMost: 2 },
  ],
  ['long ago', { restartCount: 1, state: running('2h'), lastState: ended('9h', '2h', OOM) }, 0],
  [
    'a 137 that is not memory',
    { restartCount: 1, state: running('9m'), lastState: ended('2h', '10m', { exitCode: 137 }) },
    0,
  ],
  [
    'a crash loop of another kind may hide some',
    { restartCount: 9, state: ended('20s', '10s'), lastState: ended('40s', '30s') },
    { atLeast: 0, atMost: 8 },
  ],
  [
    'what restarted before the window hides none',
    { restartCount: 9, state: running('20h'), lastState: ended('21h', '20h') },
    0,
  ],
]

for (const [what, status, expected] of CASES)
  test(`oomKillsIn: ${what}`, () => {
    const reading = kills(status)
    assert.deepEqual(isUnknown(reading) ? reading : reading.value, expected)
  })

test('oomKillsIn: goes on through a back-off of five minutes, until what is dated leaves the hour', () => {
  const reading = kills({ restartCount: 9, state: backOff('5m0s'), lastState: ended('5m', '4m', OOM) })
  assert.deepEqual(reading, { value: { atLeast: 1, atMost: 10 }, since: NOW - 4 * MINUTE, until: NOW + 55 * MINUTE })
})

test('oomScope tells a limit that was reached from a node that was short of memory', () => {
  const status = { restartCount: 1, state: running('9m'), lastState: ended('2h', '10m', OOM) }
  const limited = { spec: { resources: { limits: { memory: '32Mi' } } }, status }
  assert.equal(valueOf('oomScope', APP, snapshotOf(cart([limited]).all)), 'the limit was reached')
  assert.equal(valueOf('oomScope', APP, snapshotOf(cart([{ status }]).all)), 'no limit: the node was short of memory')
  const inPod = cart([{ status }], { spec: { resources: { limits: { memory: '1Gi' } } } })
  assert.equal(valueOf('oomScope', APP, snapshotOf(inPod.all)), 'the limit was reached')
  assert.equal(valueOf('oomScope', APP, snapshotOf(cart([{ status: { state: running('1h') } }]).all)), null)
})
