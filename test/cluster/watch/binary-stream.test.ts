import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { BINARY } from '../../../src/cluster/encoded.ts'
import type { AnyObject } from '../../../src/cluster/kinds.ts'
import { KINDS } from '../../../src/cluster/kinds.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../../src/cluster/transport.ts'
import { readFrame } from '../../../src/cluster/watch/frame.ts'
import { readObject } from '../../../src/cluster/watch/relist.ts'
import { kept } from '../../support/binary-recordings.ts'
import {
  asked,
  assertSame,
  busiest,
  createPods,
  MINUTE,
  POLITE,
  SECOND,
  touch,
  watchOne,
} from '../../support/watching.ts'

const RECORDED = kept().get('pods') ?? []
const POD = KINDS.find(({ resource }) => resource === 'pods')

const framed = (bytes: Uint8Array): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(bytes.length)
  return Buffer.concat([head, bytes])
}

/** The mark after everything that there is, at a version. */
function endMark(version: string): Buffer {
  const bytes = (write: (writer: BinaryWriter) => BinaryWriter): Uint8Array => write(new BinaryWriter()).finish()
  const mark = bytes((writer) => writer.uint32(10).string('k8s.io/initial-events-end').uint32(18).string('true'))
  const metadata = bytes((writer) => writer.uint32(50).string(version).uint32(98).bytes(mark))
  const object = bytes((writer) => writer.uint32(18).bytes(bytes((inner) => inner.uint32(10).bytes(metadata))))
  const raw = bytes((writer) => writer.uint32(10).bytes(Buffer.concat([Buffer.from('k8s\0'), object])))
  return framed(bytes((writer) => writer.uint32(10).string('BOOKMARK').uint32(18).bytes(raw)))
}

const isBinary = ({ headers, query }: ApiRequest): boolean =>
  query?.['watch'] === '1' && headers?.['accept']?.includes(BINARY) === true

/** Answers watches that may be answered so in the binary form, with these bytes in pieces of a size, and leaves all else as it is. */
const answering =
  (bytes: Buffer, size: number, ends: boolean) =>
  (inner: Transport): Transport => ({
    place: inner.place,
    request: async (request) => {
      if (!isBinary(request)) return inner.request(request)
      const body = async function* (): AsyncGenerator<Uint8Array> {
        for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
        if (!ends && request.signal && !request.signal.aborted) await once(request.signal, 'abort')
        request.signal?.throwIfAborted()
      }
      const headers = { 'content-type': `${BINARY};stream=watch` }
      return { status: 200, headers, body: body() } satisfies ApiResponse
    },
  })

const readOf = (json: string): AnyObject | string => {
  const frame = readFrame(json, 0)
  assert.ok(POD && frame.type === 'changed')
  return readObject(POD, frame.object)
}

describe('a watch in the binary form', () => {
  const bytes = Buffer.concat([...RECORDED.map(({ binary }) => framed(binary)), endMark('999999')])

  for (const size of [3, 4096, bytes.length])
    test(`as a real server sent it, in pieces of ${size} bytes: everything is held`, async () => {
      await using seen = watchOne(undefined, { transport: answering(bytes, size, false) })
      await seen.clock.advance(SECOND)
      assert.equal(seen.freshness().state, 'live')
      assert.equal(seen.freshness().malformed, 0)
      const wanted = RECORDED.map(({ json }) => readOf(json))
      assert.deepEqual([...seen.cache.objects.values()], wanted)
    })

  const BROKEN = {
    'that is none': framed(Buffer.from('\xff\xff\xff', 'latin1')),
    'that breaks off': bytes.subarray(0, 100),
    'too long to be held': Buffer.from([0xff, 0, 0, 0]),
  }
  for (const [how, broken] of Object.entries(BROKEN))
    test(`${how}, again and again: JSON is asked for`, async () => {
      await using seen = watchOne(createPods('a', 'b'), { transport: answering(broken, broken.length, true) })
      const { server, clock, cache } = seen
      await clock.advance(2 * MINUTE)
      assertSame(cache, server.table, ['pods'])
      assert.equal(seen.freshness().state, 'live')
      touch(server, 'a')
      await clock.advance(SECOND)
      assertSame(cache, server.table, ['pods'])
      assert.ok(asked(server).length > 0, 'a watch in JSON')
      assert.ok(busiest(server.log.find({ from: 0 })) <= POLITE)
    })
})
