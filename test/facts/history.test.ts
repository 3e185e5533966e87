import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readFact, type Parameters } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { Memory } from '../../src/facts/memory.ts'
import { isBounds, isUnknown, type Reading } from '../../src/facts/reading.ts'
import type { ObjectStore } from '../../src/cluster/store.ts'
import { HOUR, MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW } from '../support/build.ts'
import { Looks, loopAt, type MadeRun } from '../support/loop.ts'
import { subjectOf } from '../support/readings.ts'
import { kept } from '../support/usage.ts'

const APP = 'cart-6d4f-x2x4z/app'

function read(fact: string, snapshot: ObjectStore, memory: Memory, parameters: Parameters = {}): Reading {
  const declared = FACTS.find(({ name, subjects }) => name === fact && subjects.includes('container'))
  assert.ok(declared)
  const view = { snapshot, now: snapshot.takenAt, past: memory }
  return readFact(declared, subjectOf('container', APP, snapshot), { view, parameters })
}

function boundsOf(reading: Reading): { atLeast: number; atMost: number } {
  assert.ok(!isUnknown(reading), JSON.stringify(reading))
  const { value } = reading
  return value !== null && isBounds(value) ? value : { atLeast: Number(value), atMost: Number(value) }
}

/** A container that dies after `life` and is started again after `wait`, for all the time before `end`. */
function steady(life: number, wait: number, end: number, count: number): MadeRun[] {
  const period = life + wait
  return Array.from({ length: count }, (_, at) => {
    const start = end - (count - at) * period
    return { start, end: start + life }
  })
}

const moments = (runs: readonly MadeRun[]): number[] =>
  runs
    .flatMap(({ start, end }) => (end === undefined ? [start] : [start, end]))
    .map((at) => Math.ceil(at / SECOND) * SECOND)

test('restarts are counted exactly once a whole window was seen', () => {
  const runs = steady(30 * SECOND, 5 * MINUTE, NOW + 2 * HOUR, 60)
  const made = runs[0]!.start
  const looks = new Looks(new Memory())
  const began = NOW
  const first = looks.look(loopAt(runs, began, made), began)
  const { atLeast, atMost } = boundsOf(read('restartsIn', first.snapshot, looks.memory, { window: 15 * MINUTE }))
  assert.ok(atLeast < atMost, 'one look does not tell')
  for (const at of moments(runs).filter((one) => one > began && one < began + HOUR)) {
    const { snapshot } = looks.look(loopAt(runs, at, made), at)
    const truth = runs.filter(({ start }) => start > at - 15 * MINUTE && start <= at).length
    const seen = boundsOf(read('restartsIn', snapshot, looks.memory, { window: 15 * MINUTE }))
    assert.ok(seen.atLeast <= truth && truth <= seen.atMost)
    if (at - began > 17 * MINUTE) assert.equal(seen.atLeast, seen.atMost, 'exact after the window and two minutes')
  }
})

test('a change of a container that restarted touches its runs, and nothing else does', () => {
  const runs = [
    { start: NOW - HOUR, end: NOW - 10 * MINUTE },
    { start: NOW - 9 * MINUTE, end: NOW + MINUTE },
  ]
  const looks = new Looks(new Memory())
  assert.deepEqual(looks.look(loopAt(runs, NOW - 30 * MINUTE, NOW - HOUR), NOW - 30 * MINUTE).touched, [])
  const { touched, snapshot } = looks.look(loopAt(runs, NOW, NOW - HOUR), NOW)
  const pod = snapshot.all('pods')[0]!
  assert.deepEqual(touched, [`runs/${pod.metadata.uid}/app`])
  assert.deepEqual(looks.look(loopAt(runs, NOW, NOW - HOUR), NOW + SECOND).touched, [])
  const gone = { before: pod, after: undefined, witnessed: true, observedAt: NOW }
  assert.deepEqual(looks.memory.changed(gone, snapshot), touched)
  assert.equal(looks.memory.size.runs, 0)
})

test('messages of programs are not remembered, and at most 50 runs are', () => {
  const runs = steady(SECOND, SECOND, NOW, 300)
  const looks = new Looks(new Memory())
  for (const at of moments(runs)) looks.look(loopAt(runs, at, runs[0]!.start), at)
  assert.equal(looks.memory.size.runs, 50)
  const text = JSON.stringify(kept(looks.memory))
  assert.match(text, /"reason":"Error"/)
  assert.doesNotMatch(text, /own words/)
})

test('kills for memory are remembered by owner, with the limit, and counted exactly', () => {
  const runs = steady(MINUTE, 5 * MINUTE, NOW, 5).map((run) => ({ ...run, reason: 'OOMKilled' }))
  const looks = new Looks(new Memory())
  const made = runs[0]!.start
  let last: ObjectStore | undefined
  const touched = moments(runs).flatMap((at) => {
    const look = looks.look(loopAt(runs, at, made), at)
    last = look.snapshot
    return look.touched.filter((key) => key.startsWith('owner/'))
  })
  const owner = last!.all('deployments.apps')[0]!
  assert.equal(touched.length, 5)
  assert.deepEqual(new Set(touched), new Set([`owner/${owner.metadata.uid}/app`]))
  assert.equal(looks.memory.owner(`${owner.metadata.uid}/app`)?.outOfMemory.length, 5)
  assert.equal(boundsOf(read('oomKillsIn', last!, looks.memory, { window: HOUR })).atLeast, 5)
  assert.equal(boundsOf(read('oomKillsIn', last!, looks.memory, { window: HOUR })).atMost, 5)
})

interface Story {
  readonly runs: readonly MadeRun[]
  readonly looks: readonly number[]
  readonly window: number
}

const story: fc.Arbitrary<Story> = fc
  .record({
    steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 400 }), fc.boolean()), {
      minLength: 1,
      maxLength: 14,
    }),
    over: fc.boolean(),
    looks: fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 25 }),
    window: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ steps, over, looks, window }) => {
    let at = NOW - 3 * HOUR
    const runs = steps.map(([life, wait, killed], place) => {
      const start = at
      const end = start + life * SECOND
      at = end + wait * SECOND
      const last = place === steps.length - 1 && !over
      return { start, end: last ? undefined : end, reason: killed ? 'OOMKilled' : 'Error' }
    })
    const began = NOW - 3 * HOUR
    const times = [...new Set(looks)].toSorted((a, b) => a - b).map((second) => began + second * SECOND)
    return { runs, looks: times, window: window * MINUTE }
  })

const TRUTHS = {
  restartsIn: ({ runs, window }: Story, now: number) =>
    runs.slice(1).filter(({ start }) => start > now - window && start <= now).length,
  oomKillsIn: ({ runs, window }: Story, now: number) =>
    runs.filter(({ end = Infinity, reason }) => reason === 'OOMKilled' && end > now - window && end <= now).length,
} as const

for (const [fact, truthOf] of Object.entries(TRUTHS))
  test(`${fact}: whenever one looks, and whatever was missed in between, the truth lies within the bounds`, () => {
    fc.assert(
      fc.property(story, (one) => {
        const looks = new Looks(new Memory())
        for (const now of one.looks) {
          const { snapshot } = looks.look(loopAt(one.runs, now, NOW - 3 * HOUR), now)
          const { atLeast, atMost } = boundsOf(read(fact, snapshot, looks.memory, { window: one.window }))
          const truth = truthOf(one, now)
          assert.ok(atLeast <= truth && truth <= atMost, `${atLeast} to ${atMost}, in truth ${truth}`)
        }
      }),
      { numRuns: 300 },
    )
  })

test(`all counts: exact when every change was seen, over a restart too`, () => {
  fc.assert(
    fc.property(story, fc.nat(), (one, cut) => {
      const looks = new Looks(new Memory())
      const end = one.looks.at(-1) ?? NOW
      const times = [...new Set([...moments(one.runs), NOW - 3 * HOUR, end])]
        .filter((at) => at <= end)
        .toSorted((a, b) => a - b)
      for (const [place, now] of times.entries()) {
        if (place === cut % times.length) {
          const entries = kept(looks.memory)
          const { memory, dropped } = Memory.restore(entries, now)
          assert.equal(dropped, 0)
          assert.deepEqual(kept(memory), entries)
          looks.restart(memory)
        }
        const { snapshot } = looks.look(loopAt(one.runs, now, NOW - 3 * HOUR), now)
        for (const [fact, truthOf] of Object.entries(TRUTHS)) {
          const { atLeast, atMost } = boundsOf(read(fact, snapshot, looks.memory, { window: one.window }))
          assert.deepEqual([atLeast, atMost], [truthOf(one, now), truthOf(one, now)], fact)
        }
      }
    }),
    { numRuns: 200 },
  )
})
