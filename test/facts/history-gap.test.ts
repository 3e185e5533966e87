import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ObjectStore } from '../../src/cluster/store.ts'
import { readFact } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { Memory } from '../../src/facts/memory.ts'
import { isBounds, isUnknown } from '../../src/facts/reading.ts'
import { HOUR, MINUTE, SECOND } from '../../src/util/time.ts'
import { NOW } from '../support/build.ts'
import { Looks, loopAt, type MadeRun } from '../support/loop.ts'
import { subjectOf } from '../support/readings.ts'
import { kept } from '../support/usage.ts'

const BEGAN = NOW - 3 * HOUR
const WINDOWS = [5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR]
/** A kubelet reports so late: what was not told by then may have happened before. */
const REPORT_DELAY = 15 * SECOND

/** What nobody watched, from the last save to the first look after it. */
interface Gap {
  readonly from: number
  readonly to: number
  /** Whether the daemon was another one afterwards; else the same one stood still, or its server was away. */
  readonly restart: boolean
}

interface Story {
  readonly runs: readonly MadeRun[]
  /** When something happened, or somebody looked, in order. */
  readonly times: readonly number[]
  readonly gaps: readonly Gap[]
}

const story: fc.Arbitrary<Story> = fc
  .record({
    steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 400 }), fc.boolean()), {
      minLength: 2,
      maxLength: 20,
    }),
    // How far after the one before each begins, and how long it lasts.
    gaps: fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 1500 }), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    }),
    more: fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 10 }),
  })
  .map(({ steps, gaps, more }) => {
    let at = BEGAN
    const runs = steps.map(([life, wait, killed]) => {
      const run = { start: at, end: at + life * SECOND, reason: killed ? 'OOMKilled' : 'Error' }
      at = run.end + wait * SECOND
      return run
    })
    let end = BEGAN
    const away = gaps.map(([after, length, restart]) => {
      const from = end + after * SECOND
      end = from + length * SECOND
      return { from, to: end, restart }
    })
    const happens = runs.flatMap((run) => [run.start, run.end])
    const looks = [...more.map((second) => BEGAN + second * SECOND), ...away.map(({ to }) => to), at + HOUR]
    const times = [...new Set([BEGAN, ...happens, ...looks])].toSorted((a, b) => a - b)
    return { runs, times, gaps: away }
  })

/** One daemon: it sees each change unless it is away; what it saved is what it goes on with. */
class Watcher {
  #looks = new Looks(new Memory())
  #saved: ReturnType<typeof kept> | undefined
  #last: ObjectStore | undefined
  readonly #gaps: readonly Gap[]
  missed = 0

  constructor(gaps: readonly Gap[]) {
    this.#gaps = gaps
  }

  /** What it holds after a look at a time; nothing while it is away. */
  see(objects: Parameters<Looks['look']>[0], now: number): { snapshot: ObjectStore; memory: Memory } | undefined {
    const gap = this.#gaps.find(({ from, to }) => now > from && now <= to)
    if (gap) this.#saved ??= kept(this.#looks.memory, this.#last)
    if (gap && now < gap.to) {
      this.missed++
      return undefined
    }
    if (gap) this.#goOn(gap)
    const { snapshot } = this.#looks.look(objects, now)
    this.#last = snapshot
    return { snapshot, memory: this.#looks.memory }
  }

  #goOn({ from, to, restart }: Gap): void {
    if (!restart) this.#looks.memory.gap(from, to, true)
    else {
      const { memory } = Memory.restore(this.#saved ?? [], to)
      memory.gap(from, to, memory.isWhole)
      this.#looks.restart(memory)
    }
    this.#saved = undefined
  }
}

type Seen = NonNullable<ReturnType<Watcher['see']>>

function count(name: string, { snapshot, memory }: Seen, window: number): readonly [atLeast: number, atMost: number] {
  const declared = FACTS.find((one) => one.name === name && one.subjects.includes('container'))
  assert.ok(declared)
  const view = { snapshot, now: snapshot.takenAt, past: memory }
  const subject = subjectOf('container', 'cart-6d4f-x2x4z/app', snapshot)
  const reading = readFact(declared, subject, { view, parameters: { window } })
  assert.ok(!isUnknown(reading), JSON.stringify(reading))
  const { value } = reading
  return value !== null && isBounds(value) ? [value.atLeast, value.atMost] : [Number(value), Number(value)]
}

const inside = ({ from, to }: Gap, time: number): boolean => time >= from - REPORT_DELAY && time < to

test('invariant 36, windowed: after restarts and gaps the count is that of a daemon that never stopped, and what it missed is dated in the gap', () => {
  const reached = { missed: 0, exact: 0, open: 0 }
  fc.assert(
    fc.property(story, ({ runs, times, gaps }) => {
      const [steady, broken] = [new Watcher([]), new Watcher(gaps)]
      for (const now of times) {
        const objects = loopAt(runs, now, BEGAN)
        const [whole, part] = [steady.see(objects, now), broken.see(objects, now)]
        assert.ok(whole)
        if (!part) continue
        for (const window of WINDOWS) {
          const truth = count('restartsIn', whole, window)
          assert.equal(truth[0], truth[1])
          const [atLeast, atMost] = count('restartsIn', part, window)
          assert.ok(atLeast <= truth[0] && truth[0] <= atMost, `${atLeast} to ${atMost}, in truth ${truth[0]}`)
          // Only a window that begins in a gap leaves open which of the restarts in it came before: all are dated in it.
          const isOpen = gaps.some((gap) => gap.from <= now && inside(gap, now - window))
          if (isOpen) reached.open++
          else reached.exact++
          if (!isOpen)
            assert.deepEqual([atLeast, atMost], truth, `${window / MINUTE} min before ${(now - BEGAN) / SECOND} s`)
          const [fewest, most] = count('oomKillsIn', part, window)
          const [kills] = count('oomKillsIn', whole, window)
          assert.ok(fewest <= kills && kills <= most, `${fewest} to ${most} kills, in truth ${kills}`)
        }
      }
      reached.missed += broken.missed
    }),
    { numRuns: 200 },
  )
  assert.ok(reached.missed > 100 && reached.exact > 1_000 && reached.open > 100, JSON.stringify(reached))
})
