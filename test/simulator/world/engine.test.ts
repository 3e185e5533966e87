import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Engine } from '../../../src/simulator/world/engine.ts'
import { Heap } from '../../../src/simulator/world/heap.ts'
import { daemonSet, deployment } from '../../../src/simulator/world/manifests.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/util/time.ts'
import { seededRandom } from '../../../src/util/seeded-random.ts'
import { VirtualClock } from '../../../src/util/virtual-clock.ts'
import { smallWorld, someApp } from '../../support/worlds.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')

test('a heap gives the earliest first, and of two at once what came first', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 3 })), (steps) => {
      const heap = new Heap<{ at: number; order: number }>()
      const model: { at: number; order: number }[] = []
      for (const [order, at] of steps.entries()) {
        if (at !== null) {
          heap.push({ at, order })
          model.push({ at, order })
          continue
        }
        model.sort((a, b) => a.at - b.at || a.order - b.order)
        assert.deepEqual(heap.pop(), model.shift())
      }
      assert.equal(heap.size, model.length)
    }),
  )
})

test('every call is made at its own time, however late', async () => {
  const clock = new VirtualClock(NOW)
  const engine = new Engine({ clock, random: seededRandom(1) })
  const calls: string[] = []
  const say = (what: string) => (): void => void calls.push(`${what} ${(engine.now() - NOW) / SECOND}`)
  engine.after(5 * SECOND, say('five'))
  engine.after(SECOND, () => {
    say('one')()
    engine.after(SECOND, say('two'))
  })
  const off = engine.after(3 * SECOND, say('three'))
  off()
  engine.every(2 * SECOND, say('again'))
  await clock.advance(5 * SECOND)
  assert.deepEqual(calls, [])
  engine.step()
  assert.deepEqual(calls, ['one 1', 'again 2', 'two 2', 'again 4', 'five 5'])
})

test('what repeats is not told of a long past', () => {
  const clock = new VirtualClock(NOW)
  const engine = new Engine({ clock, random: seededRandom(1), begins: NOW - 1000 * HOUR })
  const calls: number[] = []
  engine.every(MINUTE, () => calls.push(engine.now()))
  engine.step()
  assert.ok(calls.length >= 60 && calls.length <= 80, `${calls.length} calls`)
  assert.ok(calls.every((at) => at >= NOW - 80 * MINUTE && at <= NOW))
})

test('it works in slices, and leaves no timer when it is stopped', async () => {
  const clock = new VirtualClock(NOW)
  let worked = 0
  // A look at this watch finds a millisecond gone by.
  const stopwatch = (): number => worked++
  const engine = new Engine({ clock, random: seededRandom(1), stopwatch })
  const slices: number[] = []
  let turn = -1
  const setAfter = clock.after.bind(clock)
  clock.after = (ms, call) =>
    setAfter(ms, () => {
      turn = slices.push(0) - 1
      call()
    })
  for (let task = 0; task < 100; task++) engine.after(SECOND, () => void (slices[turn] = (slices[turn] ?? 0) + 1))
  engine.start()
  await clock.advance(MINUTE)
  assert.equal(
    slices.reduce((sum, done) => sum + done, 0),
    100,
  )
  assert.ok(Math.max(...slices) <= 5, `${Math.max(...slices)} tasks at once`)
  engine.after(HOUR, () => undefined)
  assert.equal(clock.waiting, 1)
  engine.stop()
  assert.equal(clock.waiting, 0)
})

test('a quiet world does nothing but say that it is well', async () => {
  const { world, table, at, pass } = smallWorld({ nodes: 10 })
  for (let app = 0; app < 50; app++) world.store.create(deployment(someApp({ name: `app-${app}`, replicas: 6 }), at))
  world.store.create(daemonSet(someApp({ name: 'agent' }), at))
  await pass(10 * MINUTE)
  const pods = table.list({ apiVersion: 'v1', kind: 'Pod' })
  assert.equal(pods.length, 310)
  await pass(2 * HOUR)
  const before = table.revision
  const made = { events: 0 }
  table.subscribe(({ after }) => {
    if (after?.kind !== 'Node') made.events++
  })
  await pass(HOUR)
  assert.equal(made.events, 0)
  assert.equal(table.revision - before, (10 * HOUR) / (5 * MINUTE))
  assert.ok(world.engine.waiting < 40, `${world.engine.waiting} calls are to come`)
})
