import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readFact } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { Memory } from '../../src/facts/memory.ts'
import { isBounds, isUnknown, type Reading } from '../../src/facts/reading.ts'
import { HOUR, MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW, node, snapshotOf, type Raw } from '../support/build.ts'
import { Looks } from '../support/loop.ts'
import { subjectOf } from '../support/readings.ts'
import { kept } from '../support/usage.ts'

interface Change {
  readonly at: number
  readonly status: string
}

const worker = (changes: readonly Change[], now: number, created: number): Raw => {
  const last = changes.findLast(({ at }) => at <= now)
  assert.ok(last)
  const condition = { type: 'Ready', status: last.status, lastTransitionTime: new Date(last.at).toISOString() }
  return node({
    name: 'worker',
    uid: 'n',
    created: new Date(created).toISOString(),
    status: { conditions: [condition] },
  })
}

function losses(raw: Raw, now: number, window: number, memory?: Memory): Reading {
  const snapshot = snapshotOf([raw], { now })
  const declared = FACTS.find(({ name }) => name === 'readyLossesIn')
  assert.ok(declared)
  return readFact(declared, subjectOf('node', 'worker', snapshot), {
    view: { snapshot, now, past: memory },
    parameters: { window },
  })
}

function boundsOf(reading: Reading): { atLeast: number; atMost: number } {
  assert.ok(!isUnknown(reading))
  const { value } = reading
  return value !== null && isBounds(value) ? value : { atLeast: Number(value), atMost: Number(value) }
}

const BEGAN = NOW - 3 * HOUR
/** A node that changes at most once a minute, as nodes do. */
const history = fc
  .array(fc.tuple(fc.integer({ min: 61, max: 1500 }), fc.constantFrom('True', 'False', 'Unknown')), { maxLength: 20 })
  .map((steps) => {
    let at = BEGAN
    const changes: Change[] = [{ at, status: 'True' }]
    for (const [seconds, status] of steps) {
      at += seconds * SECOND
      if (changes.at(-1)?.status !== status) changes.push({ at, status })
    }
    return changes
  })

const truth = (changes: readonly Change[], now: number, window: number): number =>
  changes.filter(
    ({ at, status }, place) =>
      place > 0 && status !== 'True' && changes[place - 1]?.status === 'True' && at <= now && at > now - window,
  ).length

test('readyLossesIn: one look tells nothing more than the last change of a condition', () => {
  const day = NOW - 24 * HOUR
  const read = (status: string, ago: number): unknown =>
    losses(worker([{ at: NOW - ago, status }], NOW, day), NOW, HOUR)
  assert.deepEqual(read('True', 2 * HOUR), { value: 0 })
  assert.deepEqual(read('False', 2 * HOUR), { value: 0 })
  assert.deepEqual(read('True', 10 * MINUTE), { value: { atLeast: 0, atMost: 50 }, until: NOW + 50 * MINUTE })
  assert.deepEqual(read('False', 10 * MINUTE), { value: { atLeast: 0, atMost: 51 }, until: NOW + 50 * MINUTE })
  const young = losses(worker([{ at: NOW - MINUTE, status: 'True' }], NOW, NOW - 100 * SECOND), NOW, HOUR)
  assert.deepEqual(young, { value: 0, until: NOW + 59 * MINUTE })
})

test('readyLossesIn: exact when every change was seen, over a restart too', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 200 }), fc.nat(), (changes, minutes, cut) => {
      const looks = new Looks(new Memory())
      for (const [place, { at }] of changes.entries()) {
        if (place === cut % changes.length) {
          const entries = kept(looks.memory)
          const { memory, dropped } = Memory.restore(entries, at)
          assert.equal(dropped, 0)
          assert.deepEqual(kept(memory), entries)
          looks.restart(memory)
          const before = changes[place - 1]
          if (before) looks.look([worker(changes, at - 1, BEGAN - 24 * HOUR)], at - 1)
        }
        const raw = worker(changes, at, BEGAN - 24 * HOUR)
        looks.look([raw], at)
        if (at - BEGAN < minutes * MINUTE) continue
        const { atLeast, atMost } = boundsOf(losses(raw, at, minutes * MINUTE, looks.memory))
        const expected = truth(changes, at, minutes * MINUTE)
        assert.deepEqual([atLeast, atMost], [expected, expected])
      }
    }),
  )
})

test('readyLossesIn: whatever was missed while nobody watched, the truth lies within the bounds', () => {
  fc.assert(
    fc.property(
      history,
      fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 200 }),
      (changes, minutes, window) => {
        const looks = new Looks(new Memory())
        let before = BEGAN
        for (const minute of [...new Set(minutes)].toSorted((a, b) => a - b)) {
          const now = BEGAN + minute * MINUTE
          looks.memory.gap(before, now - 1, true)
          before = now
          const raw = worker(changes, now, BEGAN - 24 * HOUR)
          looks.look([raw], now)
          const { atLeast, atMost } = boundsOf(losses(raw, now, window * MINUTE, looks.memory))
          const expected = truth(changes, now, window * MINUTE)
          assert.ok(atLeast <= expected && expected <= atMost, `${atLeast} to ${atMost}, in truth ${expected}`)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('what is remembered of a node ends with it, and what was read back ends when it does not come again', () => {
  const looks = new Looks(new Memory())
  const { snapshot } = looks.look([worker([{ at: NOW - HOUR, status: 'True' }], NOW, BEGAN)], NOW)
  const gone = { before: snapshot.all('nodes')[0], after: undefined, witnessed: false, observedAt: NOW }
  const { memory } = Memory.restore(kept(looks.memory), NOW)
  assert.deepEqual(looks.memory.changed(gone, snapshot), ['flips/n/Ready'])
  assert.equal(looks.memory.size.flips, 0)
  assert.deepEqual(memory.sweep(NOW + HOUR), [])
  assert.deepEqual(memory.sweep(NOW + HOUR + 1), ['flips/n/Ready'])
})
