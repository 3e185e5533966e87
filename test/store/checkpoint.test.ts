import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { openCheckpoint, type Checkpoint } from '../../src/store/checkpoint.ts'
import type { Entry } from '../../src/store/entries.ts'
import { SILENT } from '../../src/util/logger.ts'

const here = mkdtempSync(join(tmpdir(), 'dogwatch-checkpoint-'))
after(() => rmSync(here, { recursive: true }))

let files = 0
const HOMES: Record<string, () => string | undefined> = {
  file: () => join(here, `${++files}.db`),
  memory: () => undefined,
}

const AT = Date.parse('2026-11-21T12:00:00Z')
const entry = (key: string, value: unknown, section = 'clocks'): Entry => ({ section, key, value })
const all = async (checkpoint: Checkpoint): Promise<Entry[]> => {
  const found: Entry[] = []
  for await (const one of checkpoint.load()) found.push(one)
  return found
}

for (const [home, place] of Object.entries(HOMES)) {
  const open = (mostBytes?: number) => openCheckpoint(place(), { logger: SILENT, mostBytes })

  test(`${home}: begins empty, and says when nothing was saved`, async () => {
    const checkpoint = await open()
    assert.deepEqual(await all(checkpoint), [])
    assert.deepEqual([checkpoint.savedAt, checkpoint.problem], [undefined, undefined])
    await checkpoint.close()
  })

  test(`${home}: gives back what was saved last, in its order, and nothing of what was saved before`, async () => {
    const checkpoint = await open()
    await checkpoint.save([entry('a', 1), entry('b', 2)], AT)
    await checkpoint.save([entry('c', { deep: [null, 'x\n"y"'] }), entry('a', 3, 'past')], AT + 1)
    assert.deepEqual(await all(checkpoint), [entry('c', { deep: [null, 'x\n"y"'] }), entry('a', 3, 'past')])
    assert.deepEqual([checkpoint.savedAt, checkpoint.problem], [AT + 1, undefined])
    await checkpoint.save([], AT + 2)
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt], [[], AT + 2])
  })

  test(`${home}: any JSON comes back as it was`, async () => {
    const checkpoint = await open()
    const entries = fc.array(fc.record({ section: fc.string(), key: fc.string(), value: fc.jsonValue() }), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(entries, async (given) => {
        await checkpoint.save(given, AT)
        assert.equal(JSON.stringify(await all(checkpoint)), JSON.stringify(given))
      }),
      { numRuns: 30 },
    )
  })

  test(`${home}: a value belongs to the checkpoint once it is saved`, async () => {
    const checkpoint = await open()
    const value = { n: 1 }
    await checkpoint.save([entry('a', value)], AT)
    value.n = 2
    assert.deepEqual(await all(checkpoint), [entry('a', { n: 1 })])
  })

  test(`${home}: what its caller throws in the middle is thrown, and the last save stays`, async () => {
    const checkpoint = await open()
    await checkpoint.save([entry('a', 1)], AT)
    const broken = function* broken() {
      for (let i = 0; i < 5_000; i++) yield entry(`b${i}`, 'x'.repeat(20))
      throw new RangeError('no more')
    }
    await assert.rejects(checkpoint.save(broken(), AT + 1), /no more/)
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt], [[entry('a', 1)], AT])
    await checkpoint.save([entry('c', 1)], AT + 2)
    assert.deepEqual(await all(checkpoint), [entry('c', 1)])
  })

  test(`${home}: saves follow each other, and closing waits for the last`, async () => {
    const checkpoint = await open()
    const saves = [1, 2, 3].map((n) => checkpoint.save([entry('a', n)], AT + n))
    await checkpoint.close()
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt], [[entry('a', 3)], AT + 3])
    await Promise.all(saves)
  })

  test(`${home}: past its bound it keeps what came first, and says so until all fits again`, async () => {
    const checkpoint = await open(1_000)
    const many = Array.from({ length: 100 }, (_, i) => entry(`key${i}`, 'x'.repeat(20)))
    await checkpoint.save(many, AT)
    const kept = await all(checkpoint)
    assert.ok(kept.length > 10 && kept.length < 30, `${kept.length} kept`)
    assert.deepEqual(kept, many.slice(0, kept.length))
    assert.match(checkpoint.problem ?? '', new RegExp(`^${100 - kept.length} entries left out`))
    await checkpoint.save(many.slice(0, 5), AT)
    assert.equal(checkpoint.problem, undefined)
  })

  test(`${home}: one entry that is far too long takes no other with it`, async () => {
    const checkpoint = await open()
    await checkpoint.save([entry('a', 1), entry('b', 'x'.repeat(2 ** 20)), entry('c', 1)], AT)
    assert.deepEqual(await all(checkpoint), [entry('a', 1), entry('c', 1)])
    assert.match(checkpoint.problem ?? '', /^1 entries left out/)
  })

  test(`${home}: a large save and its load give others their turn at every few entries`, async () => {
    const checkpoint = await open()
    const turns: number[] = []
    let going = true
    let pulled = 0
    const turn = (): void => {
      turns.push(pulled)
      if (going) setImmediate(turn)
    }
    setImmediate(turn)
    const entries = function* entries() {
      for (; pulled < 50_000; pulled++) yield entry(`key${pulled}`, { since: AT + pulled, state: 'firing' })
    }
    await checkpoint.save(entries(), AT)
    const steps = turns.slice(1).map((now, index) => now - (turns[index] ?? 0))
    assert.ok(turns.length > 50, `${turns.length} turns`)
    assert.ok(Math.max(...steps) < 1_000, `${Math.max(...steps)} entries in one go`)
    const before = turns.length
    assert.equal((await all(checkpoint)).length, 50_000)
    assert.ok(turns.length - before > 50, `${turns.length - before} turns`)
    going = false
  })
}
