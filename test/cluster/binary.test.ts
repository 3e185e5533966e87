import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import * as fc from 'fast-check'
import { StatusError } from '../../src/cluster/api.ts'
import { Encoded } from '../../src/cluster/encoded.ts'
import { KINDS } from '../../src/cluster/kinds.ts'
import { at, object } from '../../src/cluster/projection/object.ts'
import { array, number, string } from '../../src/cluster/projection/shape.ts'
import { shared } from '../../src/cluster/projection/shared.ts'
import { time } from '../../src/cluster/projection/values.ts'
import { WireReader } from '../../src/cluster/projection/wire.ts'
import { LengthReader } from '../../src/cluster/watch/frame-reader.ts'
import { readBinaryFrame, readFrame, type Frame } from '../../src/cluster/watch/frame.ts'
import { readObject } from '../../src/cluster/watch/relist.ts'
import { troubleOf, WatchError } from '../../src/cluster/watch/trouble.ts'
import { kept } from '../support/binary-recordings.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const RECORDED = kept()
const EVERY = [...RECORDED].flatMap(([resource, events]) =>
  events.map(({ binary, json }) => ({ resource, binary, json })),
)
const READ = KINDS.filter(({ project }) => project.wire !== undefined)

const kindOf = (resource: string) => {
  const kind = KINDS.find((one) => one.resource === resource)
  assert.ok(kind, resource)
  return kind
}

/** What a frame comes to, identity and all. */
function told(frame: Frame, resource: string): object {
  assert.equal(frame.type, 'changed')
  if (frame.type !== 'changed') return {}
  return { ...frame, object: readObject(kindOf(resource), frame.object) }
}

describe('the binary form, as a real API server wrote it', () => {
  test('every kind that is read so was recorded', () => {
    assert.deepEqual(READ.map(({ resource }) => resource).toSorted(), [...RECORDED.keys()])
    for (const [resource, events] of RECORDED) assert.ok(events.length > 0, resource)
  })

  for (const [resource, events] of RECORDED)
    test(`${resource}: is read as JSON is`, () => {
      for (const { binary, json } of events)
        assert.deepEqual(told(readBinaryFrame(binary, NOW), resource), told(readFrame(json, NOW), resource))
    })

  test('equal parts of pods are one object', () => {
    const [first] = RECORDED.get('pods') ?? []
    assert.ok(first)
    const containersOf = (frame: Frame): unknown => {
      const read = frame.type === 'changed' ? readObject(kindOf('pods'), frame.object) : ''
      assert.ok(typeof read === 'object' && 'spec' in read && read.spec && 'containers' in read.spec)
      return read.spec.containers
    }
    const binary = containersOf(readBinaryFrame(first.binary, NOW))
    assert.equal(binary, containersOf(readBinaryFrame(first.binary, NOW)))
    assert.deepEqual(binary, containersOf(readFrame(first.json, NOW)))
  })

  test('an event that is cut short or garbled is one clear error, or an object that was read', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EVERY),
        fc.nat(),
        fc.option(fc.integer({ min: 0, max: 255 })),
        ({ resource, binary }, place, byte) => {
          const cut = place % binary.length
          const bytes = byte === null ? binary.subarray(0, cut) : Buffer.from(binary)
          if (byte !== null) bytes[cut] = byte
          try {
            const frame = readBinaryFrame(bytes, NOW)
            if (frame.type !== 'changed' && frame.type !== 'deleted') return
            const read = readObject(kindOf(resource), frame.object)
            assert.ok(typeof read === 'string' ? read !== '' : read.metadata.uid !== '')
          } catch (error) {
            assert.ok(error instanceof WatchError, String(error))
            assert.equal(troubleOf(error), 'frame')
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

/** Pieces as a stream has them, each behind its length. */
function streamOf(pieces: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    pieces.flatMap((piece) => {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(piece.length)
      return [head, piece]
    }),
  )
}

describe('pieces behind their lengths', () => {
  const PIECES = EVERY.slice(0, 4).map(({ binary }) => binary)
  const BYTES = streamOf(PIECES)

  test('are the same wherever the bytes are cut', () => {
    const small = streamOf([Buffer.from('abc'), Buffer.from('d')])
    for (let cut = 0; cut <= small.length; cut++) {
      const reader = new LengthReader(10)
      const pieces = [...reader.write(small.subarray(0, cut)), ...reader.write(small.subarray(cut))]
      assert.deepEqual(pieces.map(String), ['abc', 'd'], `cut at ${cut}`)
      assert.equal(reader.end(), undefined)
    }
  })

  test('are the same in any pieces of the stream', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1 }), (sizes) => {
        const reader = new LengthReader(1e6)
        const pieces: Buffer[] = []
        for (let from = 0, i = 0; from < BYTES.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          pieces.push(...reader.write(BYTES.subarray(from, from + size)))
          from += size
        }
        assert.deepEqual(pieces, PIECES)
      }),
    )
  })

  test('too long is said before it is held, one of 1.5 MB is read', () => {
    const large = Buffer.alloc(1.5 * 2 ** 20, 7)
    assert.deepEqual(new LengthReader(large.length).write(streamOf([large])), [large])
    const head = Buffer.from([0, 0, 0, 11])
    assert.throws(() => new LengthReader(10).write(head), WatchError)
  })

  test('one that the stream ends in is no piece, and not forgotten', () => {
    const reader = new LengthReader(10)
    assert.deepEqual(reader.write(Buffer.from([0, 0, 0, 5, 1, 2])), [])
    assert.deepEqual(reader.end(), Buffer.from([1, 2]))
    assert.equal(reader.end(), undefined)
    reader.write(Buffer.from([0]))
    assert.ok(reader.end())
  })
})

const envelope = (of: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('k8s\0'), new BinaryWriter().uint32(18).bytes(of).finish()])
const event = (type: string, of: Uint8Array): Buffer => {
  const raw = new BinaryWriter().uint32(10).bytes(envelope(of)).finish()
  return Buffer.from(new BinaryWriter().uint32(10).string(type).uint32(18).bytes(raw).finish())
}
const metadata = (fields: readonly (readonly [number: number, text: string])[]): Uint8Array => {
  const writer = new BinaryWriter()
  for (const [field, text] of fields) writer.uint32(field * 8 + 2).string(text)
  return new BinaryWriter().uint32(10).bytes(writer.finish()).finish()
}
const troubleIn = (bytes: Buffer): string => {
  try {
    return readBinaryFrame(bytes, NOW).type
  } catch (error) {
    return troubleOf(error)
  }
}

describe('an event in the binary form', () => {
  const identity = [
    [1, 'a'],
    [5, 'u'],
    [6, '7'],
  ] as const

  test('is known by its type, name, uid and version', () => {
    const frame = readBinaryFrame(event('ADDED', metadata(identity)), NOW)
    assert.deepEqual({ ...frame, object: undefined }, { type: 'changed', uid: 'u', version: '7', object: undefined })
    assert.equal(troubleIn(event('DELETED', metadata(identity))), 'deleted')
    for (const missing of [0, 1, 2])
      assert.equal(troubleIn(event('ADDED', metadata(identity.filter((_, i) => i !== missing)))), 'frame')
  })

  test('of an unknown type, without an object or without its envelope is one clear error', () => {
    assert.equal(troubleIn(event('RENAMED', metadata(identity))), 'frame')
    assert.equal(troubleIn(Buffer.from(new BinaryWriter().uint32(10).string('ADDED').finish())), 'frame')
    assert.equal(troubleIn(Buffer.alloc(0)), 'frame')
    const bare = new BinaryWriter().uint32(10).bytes(metadata(identity)).finish()
    const unwrapped = new BinaryWriter().uint32(10).string('ADDED').uint32(18).bytes(bare).finish()
    assert.equal(troubleIn(Buffer.from(unwrapped)), 'frame')
  })

  test('a bookmark tells whether everything was sent', () => {
    const entry = new BinaryWriter().uint32(10).string('k8s.io/initial-events-end').uint32(18).string('true').finish()
    const marked = new BinaryWriter().uint32(50).string('9').uint32(98).bytes(entry).finish()
    const whole = new BinaryWriter().uint32(10).bytes(marked).finish()
    assert.deepEqual(readBinaryFrame(event('BOOKMARK', whole), NOW), { type: 'bookmark', version: '9', allSent: true })
    const plain = event('BOOKMARK', metadata([[6, '9']]))
    assert.deepEqual(readBinaryFrame(plain, NOW), { type: 'bookmark', version: '9', allSent: false })
  })

  test('a failure is told with its code, its words and when to ask again', () => {
    const status = (code: number, reason: string): Uint8Array =>
      new BinaryWriter()
        .uint32(26)
        .string('some words')
        .uint32(34)
        .string(reason)
        .uint32(42)
        .bytes(new BinaryWriter().uint32(40).int32(3).finish())
        .uint32(48)
        .int32(code)
        .finish()
    assert.equal(troubleIn(event('ERROR', status(410, 'Expired'))), 'gone')
    assert.throws(
      () => readBinaryFrame(event('ERROR', status(429, 'TooManyRequests')), NOW),
      (error) => error instanceof StatusError && error.status === 429 && error.retryAfter === 3000,
    )
  })
})

describe('reading a message', () => {
  const shape = object({
    name: at(1, string),
    count: at(2, number),
    exact: at(3, number, 'always'),
    since: at(4, time),
    inner: at(5, object({ text: at(1, string) })),
    words: at(6, shared(object({ text: at(1, string) }))),
  })
  // The bytes begin with a length; the tag before it is this.
  const readTag = 10
  const from = (write: (writer: BinaryWriter) => BinaryWriter) => {
    const bytes = Buffer.from(new BinaryWriter().bytes(write(new BinaryWriter()).finish()).finish())
    return shape.wire(new WireReader(bytes), readTag)
  }

  test('leaves out what Go leaves out of JSON, and keeps what JSON has though it is 0', () => {
    assert.deepEqual(
      from((writer) => writer.uint32(10).string('').uint32(16).int32(0).uint32(24).int32(0)),
      { exact: 0 },
    )
    assert.deepEqual(
      from((writer) => writer),
      {},
    )
  })

  test('numbers may be negative and large; what is not known is stepped over', () => {
    const all = from((writer) =>
      writer.uint32(16).int32(-7).uint32(24).int64('9007199254740991').uint32(80).int32(1).uint32(93).fixed32(1),
    )
    assert.deepEqual(all, { count: -7, exact: Number.MAX_SAFE_INTEGER })
  })

  test('the first second of 1970 is a time, and no time is none', () => {
    const timed = (write: (writer: BinaryWriter) => BinaryWriter) =>
      from((writer) => writer.uint32(34).bytes(write(new BinaryWriter()).finish()))
    assert.deepEqual(
      timed((writer) => writer.uint32(8).int64(0)),
      { since: '1970-01-01T00:00:00Z' },
    )
    assert.deepEqual(
      timed((writer) => writer),
      {},
    )
  })

  test('a value of another type, and one that is longer than its message, is an error', () => {
    assert.throws(() => from((writer) => writer.uint32(8).int32(1)), TypeError)
    assert.throws(() => from((writer) => writer.uint32(18).string('x')), TypeError)
    assert.throws(() => from((writer) => writer.uint32(10).uint32(100)), RangeError)
    const inner = new BinaryWriter().uint32(10).uint32(3).finish()
    assert.throws(() => from((writer) => writer.uint32(42).bytes(inner).uint32(10).string('xyz')), RangeError)
    assert.throws(() => new Encoded(Buffer.from('{"kind":"Pod"}')), TypeError)
  })

  test('what is shared is the same object for the same bytes', () => {
    const words = (text: string) =>
      from((writer) => writer.uint32(50).bytes(new BinaryWriter().uint32(10).string(text).finish()))?.words
    assert.deepEqual(words('a'), { text: 'a' })
    assert.equal(words('a'), words('a'))
    assert.notEqual(words('a'), words('b'))
  })

  test('what differs in bytes that are not read is the same object too', () => {
    const likes = object({ many: at(1, shared(array(object({ text: at(1, string) })), [2])) })
    const read = (texts: readonly string[], unread: number) => {
      const writer = new BinaryWriter()
      for (const text of texts)
        writer.uint32(10).bytes(new BinaryWriter().uint32(10).string(text).uint32(16).uint32(unread).finish())
      return likes.wire(new WireReader(Buffer.from(new BinaryWriter().bytes(writer.finish()).finish())), readTag)?.many
    }
    assert.deepEqual(read(['a', 'b'], 1), [{ text: 'a' }, { text: 'b' }])
    assert.equal(read(['a', 'b'], 1), read(['a', 'b'], 2))
    assert.notEqual(read(['a', 'b'], 1), read(['b', 'a'], 1))
  })
})
