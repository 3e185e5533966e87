import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { refusalOf } from '../../src/cluster/api.ts'
import { projectObject } from '../../src/cluster/dump.ts'
import { BINARY } from '../../src/cluster/encoded.ts'
import { pathOf, targetOf } from '../../src/cluster/kind-look.ts'
import { KINDS, type AnyObject, type Kind } from '../../src/cluster/kinds.ts'
import type { ApiResponse, Transport } from '../../src/cluster/transport.ts'
import { framing, LengthReader, LineReader } from '../../src/cluster/watch/frame-reader.ts'
import { readBinaryFrame, readFrame, type Frame } from '../../src/cluster/watch/frame.ts'
import { withCluster } from '../../src/cluster/with-cluster.ts'
import { keep } from '../support/binary-recordings.ts'
import { RealServer } from '../support/real-server.ts'
import { applyScenarios } from '../support/scenarios.ts'
import { rareObjects } from './binary-objects.ts'

const JSON_TYPE = 'application/json'
const LONGEST = 2 ** 23
/** Kinds that are read in their binary form. */
const READ = KINDS.filter(({ project }) => project.wire !== undefined)
const FROM_START = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }

let transport: Transport
const done = Promise.withResolvers<void>()
let ended: Promise<unknown>

const HOME = `dogwatch-binary-${process.pid}`
const server = new RealServer()
/** Those of them that are in no namespace, and do not go with it. */
const made: string[] = []

before(async () => {
  await applyScenarios(server)
  await server.create('/api/v1/namespaces', { metadata: { name: HOME } })
  for (const { path, body } of rareObjects(HOME)) {
    await server.create(path, body)
    if (!path.includes('/namespaces/')) made.push(`${path}/${HOME}`)
  }
  const opened = Promise.withResolvers<void>()
  ended = withCluster({ kubeconfig: undefined, context: undefined, env: process.env }, async (way) => {
    transport = way.transport
    opened.resolve()
    await done.promise
  })
  await Promise.race([opened.promise, ended])
})

after(async () => {
  for (const path of [...made, `/api/v1/namespaces/${HOME}`]) await server.send({ method: 'DELETE', path })
  done.resolve()
  await ended
})

const watch = (kind: Kind, accept: string, query: Readonly<Record<string, string>>): Promise<ApiResponse> =>
  transport.request({
    method: 'GET',
    path: pathOf(targetOf(kind), undefined),
    query: { watch: '1', timeoutSeconds: '30', ...query },
    headers: { accept },
  })

interface Seen<T> {
  readonly object: AnyObject
  readonly sent: T
}

/** How an answer is cut and read. */
interface Form<T> {
  readonly accept: string
  readonly cutter: { write(chunk: Uint8Array): T[] }
  readonly read: (piece: T, now: number) => Frame
}

/** Everything there is of a kind, by uid and version. */
async function everything<T>(kind: Kind, { accept, cutter, read }: Form<T>): Promise<Map<string, Seen<T>>> {
  const response = await watch(kind, accept, FROM_START)
  assert.equal(response.status, 200)
  assert.equal(response.headers['content-type']?.startsWith(accept), true, response.headers['content-type'])
  const found = new Map<string, Seen<T>>()
  for await (const chunk of response.body)
    for (const sent of cutter.write(chunk)) {
      const frame = read(sent, Date.now())
      if (frame.type === 'bookmark' && frame.allSent) return found
      assert.equal(frame.type, 'changed')
      const object = frame.type === 'changed' ? projectObject(kind, frame.object) : undefined
      assert.ok(object && frame.type === 'changed')
      found.set(`${frame.uid} ${frame.version}`, { object, sent })
    }
  throw new Error('the stream ended before everything was sent')
}

for (const kind of READ)
  test(`${kind.resource}: what is read of the binary form is what is read of JSON`, async () => {
    const binary = await everything(kind, {
      accept: BINARY,
      cutter: new LengthReader(LONGEST),
      read: readBinaryFrame,
    })
    const json = await everything(kind, { accept: JSON_TYPE, cutter: new LineReader(LONGEST), read: readFrame })
    const both = [...json].flatMap(([key, asJson]) => {
      const asBinary = binary.get(key)
      return asBinary ? [{ asBinary, asJson }] : []
    })
    for (const { asBinary, asJson } of both) assert.deepEqual(asBinary.object, asJson.object)
    assert.ok(both.length > 0 || json.size === 0, 'nothing is the same version')
    keep(
      kind.resource,
      both.map(({ asBinary, asJson }) => ({ binary: asBinary.sent, json: asJson.sent })),
    )
  })

test('a refusal in the binary form is told in the words of the server', async () => {
  const [kind] = READ
  assert.ok(kind)
  const words = async (accept: string): Promise<string> => {
    const response = await watch(kind, accept, { sendInitialEvents: 'true' })
    assert.equal(response.status, 422)
    assert.ok(response.headers['content-type']?.startsWith(accept))
    return (await refusalOf(response, Date.now())).message
  }
  assert.match(await words(BINARY), /sendInitialEvents/)
  assert.equal(await words(BINARY), await words(JSON_TYPE))
})

test('a version that comes from the future fails in the stream, told as in JSON', async () => {
  const [kind] = READ
  assert.ok(kind)
  const failure = async (accept: string): Promise<object> => {
    const { headers, body } = await watch(kind, accept, { ...FROM_START, resourceVersion: '999999999' })
    const cutter = framing(headers['content-type'], LONGEST)
    try {
      for await (const chunk of body) for (const read of cutter.write(chunk)) read(Date.now())
    } catch (error) {
      assert.ok(error instanceof Error)
      // The server has moved on between the two.
      const { message } = error
      return { ...Object.fromEntries(Object.entries(error)), message: message.replace(/current: \d+/, 'current') }
    }
    throw new Error('it did not fail')
  }
  const [binary, json] = [await failure(BINARY), await failure(JSON_TYPE)]
  assert.deepEqual(binary, json)
})
