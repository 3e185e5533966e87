import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attention, type Lapse } from '../../src/util/attention.ts'
import type { Clock } from '../../src/util/clock.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const YEARS = 10 * 365 * 24 * 3_600_000

/** A wall clock that can jump, over timers that cannot. */
function jumping(): { clock: Clock; steady: VirtualClock; jump: (ms: number) => void } {
  const steady = new VirtualClock(NOW)
  let offset = 0
  return {
    clock: { now: () => steady.now() + offset, after: (ms, call) => steady.after(ms, call) },
    steady,
    jump: (ms) => (offset += ms),
  }
}

function attended() {
  const time = jumping()
  const lapses: Lapse[] = []
  const attention = new Attention(time.clock, 30_000)
  attention.start((lapse) => lapses.push(lapse))
  return { ...time, attention, lapses }
}

test('time that passes is no lapse, however quiet it is', async () => {
  const { steady, lapses, attention } = attended()
  await steady.advance(600_000)
  assert.deepEqual([lapses, attention.lapse()], [[], undefined])
  attention.stop()
  assert.equal(steady.waiting, 0)
})

for (const ms of [31_000, 3_600_000, YEARS, -40_000, -3_600_000, -YEARS])
  test(`fault 51, the clock jumps by ${ms / 1000} s: told once, within a second`, async () => {
    const { steady, lapses, attention, jump } = attended()
    await steady.advance(5_000)
    jump(ms)
    await steady.advance(1_000)
    assert.deepEqual(lapses, [{ from: NOW + 5_000, to: NOW + 6_000 + ms }])
    await steady.advance(60_000)
    assert.equal(lapses.length, 1)
    attention.stop()
  })

test('fault 51, whoever asks in the moment after a jump hears of it before the beat, and it is not told again', async () => {
  const { steady, lapses, attention, jump } = attended()
  await steady.advance(5_000)
  jump(3_600_000)
  assert.deepEqual(attention.lapse(), { from: NOW + 5_000, to: NOW + 3_605_000 })
  assert.equal(attention.lapse(), undefined)
  await steady.advance(60_000)
  assert.deepEqual(lapses, [])
  attention.stop()
})

test('fault 42, a stall of a minute is a lapse; a correction of some seconds is none', async () => {
  const stalled: { now: number; call: (() => void) | undefined } = { now: NOW, call: undefined }
  const clock: Clock = { now: () => stalled.now, after: (_ms, call) => ((stalled.call = call), () => undefined) }
  const lapses: Lapse[] = []
  new Attention(clock, 30_000).start((lapse) => lapses.push(lapse))
  for (const ms of [1_000, 5_000, -5_000, 60_000]) {
    stalled.now += ms
    stalled.call?.()
  }
  assert.deepEqual(lapses, [{ from: NOW + 1_000, to: NOW + 61_000 }])
})
