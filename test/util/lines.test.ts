import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lines, LongLineError } from '../../src/util/lines.ts'

async function read(chunks: readonly Uint8Array[], longest = 1000): Promise<string[]> {
  const found: string[] = []
  for await (const line of lines(ReadableStream.from(chunks), longest)) found.push(line)
  return found
}

test('lines are the same wherever the bytes are split', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\u2028', '\u2029', '\u0085', '"'), minLength: 1 })
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(100)), async (written, cuts) => {
      const bytes = Buffer.from(written.map((text) => `${text}\n`).join(''))
      const places = [0, ...cuts.filter((at) => at < bytes.length).toSorted((a, b) => a - b), bytes.length]
      const chunks = places.slice(1).map((end, at) => bytes.subarray(places[at], end))
      assert.deepEqual(
        await read(chunks),
        written.map((text) => text.trim()),
      )
    }),
  )
})

test('a last line without an end is a line', async () => {
  assert.deepEqual(await read([Buffer.from('a\n\nb')]), ['a', '', 'b'])
  assert.deepEqual(await read([]), [])
})

test('a line without an end in sight is refused before it is held', async () => {
  const long = [Buffer.from('ok\n'), Buffer.alloc(600, 'x'), Buffer.alloc(600, 'x')]
  await assert.rejects(read(long), LongLineError)
  assert.deepEqual((await read(long, 2000)).length, 2)
})
