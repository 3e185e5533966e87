import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIZES } from '../../bench/load/layout.ts'
import { STATES } from '../../bench/load/pods.ts'
import type { LoadKind, Slot } from '../../bench/load/slot.ts'
import { streamForm } from '../../bench/load/stream.ts'
import { World } from '../../bench/load/world.ts'
import { projectObject } from '../../src/cluster/dump.ts'
import { BINARY } from '../../src/cluster/encoded.ts'
import { LengthReader } from '../../src/cluster/watch/frame-reader.ts'
import { readBinaryFrame, readFrame, type Frame } from '../../src/cluster/watch/frame.ts'
import { troubleOf } from '../../src/cluster/watch/trouble.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const world = new World({ ...SIZES, pods: 600, nodes: 30, broken: 2 }, { now: NOW, remembered: 10 })
const [text, binary] = [streamForm('application/json'), streamForm(`${BINARY}, application/json`)]

const framesIn = (bytes: string): Frame[] =>
  new LengthReader(1e7).write(Buffer.from(bytes, 'latin1')).map((frame) => readBinaryFrame(frame, NOW))

function* slots({ resource, count }: LoadKind): Generator<Slot> {
  for (let index = 0; index < Math.min(count, 60); index++)
    if (resource !== 'pods') yield world.slot(resource, index)
    else for (const state of STATES.keys()) yield { ...world.slot(resource, index * 10), state }
}

// Templates write 0 where Go writes nothing.
const isNothing = (value: unknown): boolean => value === 0 || value === false || value === ''
const telling = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (isNothing(inner) ? undefined : inner)))

test('the load server says the same in both forms', () => {
  let compared = 0
  for (const kind of world.kinds.values())
    for (const slot of slots(kind)) {
      const [line, frames] = [
        text.event('ADDED', kind, kind.render(slot, 'text')),
        framesIn(binary.event('ADDED', kind, kind.render(slot, 'binary'))),
      ]
      const [one, ...others] = frames
      const other = readFrame(line, NOW)
      assert.ok(one?.type === 'changed' && other.type === 'changed' && others.length === 0)
      assert.deepEqual([one.uid, one.version], [other.uid, other.version])
      assert.deepEqual(telling(projectObject(kind, one.object)), telling(projectObject(kind, other.object)))
      compared++
    }
  assert.ok(compared > 500)
})

test('and so are bookmarks, what has expired, and what is broken', () => {
  const kind = world.kinds.get('pods')
  assert.ok(kind)
  for (const ended of [false, true])
    assert.deepEqual(framesIn(binary.bookmark(kind, 7, ended)), [readFrame(text.bookmark(kind, 7, ended), NOW)])
  const trouble = (read: () => unknown): string => {
    try {
      read()
      return 'none'
    } catch (error) {
      return troubleOf(error)
    }
  }
  assert.equal(
    trouble(() => framesIn(binary.expired)),
    'gone',
  )
  assert.equal(
    trouble(() => framesIn(binary.garbled)),
    'frame',
  )
  assert.deepEqual(framesIn(binary.truncated), [])
})
