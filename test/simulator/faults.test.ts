import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answerFrom,
  answerLate,
  cutAfter,
  refuseConnection,
  refuseWith,
  resetAfter,
  splitInto,
  stallAfter,
  throttle,
  trickle,
} from '../../src/simulator/fault-effects.ts'
import type { FaultEffect, PlantedFault } from '../../src/simulator/faults.ts'
import {
  dropFrames,
  duplicateFrames,
  holdFrames,
  onlyBookmarks,
  replaceFrames,
  spoilFrames,
  withoutBookmarks,
} from '../../src/simulator/frame-faults.ts'
import { ObjectTable } from '../../src/simulator/table.ts'
import { transportTo } from '../../src/cli/demo/transport.ts'
import { simulation, textOf, Watching, type Simulation } from '../support/simulator.ts'

const PODS = '/api/v1/pods'
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } })
const MARKS = { allowWatchBookmarks: 'true', timeoutSeconds: '100' }

interface Struck extends Simulation {
  readonly watch: Watching
  readonly fault: PlantedFault
}

/** A watch of pods that a fault meets, and three pods that are made while it lasts. */
async function struck(effect: FaultEffect, ms = 100): Promise<Struck> {
  const one = simulation()
  const fault = one.server.faults.plant({ verb: 'watch', resource: 'pods' }, effect)
  const watch = new Watching(one.server, PODS, MARKS)
  for (const name of ['a', 'b', 'c']) {
    one.server.table.create(pod(name))
    await one.clock.advance(10)
  }
  await one.clock.advance(ms)
  return { ...one, watch, fault }
}

const WATCH_FAULTS: readonly (readonly [name: string, effect: FaultEffect, lines: string[], ended: string])[] = [
  ['a reset after two events', resetAfter({ frames: 2 }), ['ADDED a', 'ADDED b'], 'read ECONNRESET'],
  ['a stall after one event', stallAfter({ frames: 1 }), ['ADDED a'], 'open'],
  ['a half-open watch', stallAfter({ frames: 0 }), [], 'open'],
  ['an end after one event', cutAfter({ frames: 1 }), ['ADDED a'], 'end'],
  ['an end in the middle of the first event', cutAfter({ bytes: 40 }), [], 'end'],
  ['pieces of three bytes', splitInto([3]), ['ADDED a', 'ADDED b', 'ADDED c'], 'open'],
  ['every event twice', duplicateFrames(), ['ADDED a', 'ADDED a', 'ADDED b', 'ADDED b', 'ADDED c', 'ADDED c'], 'open'],
  ['the second event lost', dropFrames((index) => index === 1), ['ADDED a', 'ADDED c'], 'open'],
  ['no JSON', spoilFrames('malformed', (index) => index === 1), ['ADDED a', 'unreadable', 'ADDED c'], 'open'],
  ['half a line', spoilFrames('truncated', (index) => index === 1), ['ADDED a', 'unreadable', 'ADDED c'], 'open'],
  ['an unknown type', spoilFrames('unknown-type', (index) => index === 0), ['RENAMED a', 'ADDED b', 'ADDED c'], 'open'],
  ['no metadata', spoilFrames('no-metadata', (index) => index === 0), ['ADDED', 'ADDED b', 'ADDED c'], 'open'],
  [
    'another event instead',
    replaceFrames((index) => index === 0, [{ type: 'ERROR', object: { kind: 'Status', code: 410 } }]),
    ['ERROR', 'ADDED b', 'ADDED c'],
    'open',
  ],
]

for (const [name, effect, lines, ended] of WATCH_FAULTS)
  test(`a watch meets ${name}`, async () => {
    const { watch, fault, clock } = await struck(effect)
    assert.deepEqual([watch.lines, watch.ended], [lines, ended])
    assert.ok(fault.reached > 0)
    watch.leave()
    await clock.advance(10)
    assert.equal(clock.waiting, 0)
  })

test('an event of 1.5 MB is whole', async () => {
  const { watch, clock } = await struck(spoilFrames('huge', (index) => index === 1))
  await clock.advance(1000)
  assert.deepEqual(watch.lines, ['ADDED a', 'ADDED b', 'ADDED c'])
  assert.ok(watch.text.length > 1_500_000)
  watch.leave()
})

test('one kind lags behind the others', async () => {
  const { watch, clock, fault } = await struck(holdFrames(5000))
  assert.deepEqual(watch.lines, [])
  await clock.advance(5000)
  assert.deepEqual(watch.lines, ['ADDED a'])
  await clock.advance(10_000)
  assert.deepEqual([watch.lines.length, fault.reached], [3, 3])
  watch.leave()
})

test('one byte a second', async () => {
  const { watch, clock } = await struck(trickle(1, 1000))
  await clock.advance(30_000)
  assert.equal(watch.text.length, 30)
  watch.leave()
})

test('no bookmarks, or nothing but bookmarks', async () => {
  const none = await struck(withoutBookmarks(), 200_000)
  assert.deepEqual(none.watch.lines, ['ADDED a', 'ADDED b', 'ADDED c'])
  const only = await struck(onlyBookmarks(), 200_000)
  assert.ok(only.watch.lines.length > 0 && only.watch.lines.every((line) => line === 'BOOKMARK'))
  assert.ok(none.fault.reached > 0 && only.fault.reached === 3)
})

const STATUSES = [401, 403, 404, 410, 422, 500, 502, 503, 504]

test('any status, with any Retry-After', async () => {
  const { server } = simulation()
  for (const status of STATUSES) {
    const fault = server.faults.plant({ path: PODS }, refuseWith(status, { retryAfter: 'tomorrow' }), { times: 1 })
    const answer = await server.request({ method: 'GET', path: PODS })
    assert.deepEqual([answer.status, answer.headers['retry-after'], fault.reached], [status, 'tomorrow', 1])
    assert.equal((await textOf(answer.body)).startsWith('{"kind":"Status"'), status !== 502)
  }
  server.faults.plant({ verb: 'list' }, throttle(), { times: 1 })
  const { status, headers, body } = await server.request({ method: 'GET', path: PODS })
  assert.deepEqual(
    [status, headers['retry-after'], headers['content-type'], await textOf(body)],
    [429, '1', 'text/plain; charset=utf-8', 'Too many requests, please try again later.\n'],
  )
  assert.equal((await server.request({ method: 'GET', path: PODS })).status, 200)
})

test('the n-th of the requests that match, and no other', async () => {
  const { server } = simulation()
  const fault = server.faults.plant({ resource: 'pods', verb: 'list' }, refuseWith(500), { skip: 1, times: 2 })
  const statuses: number[] = []
  for (let count = 0; count < 5; count++) {
    await server.request({ method: 'GET', path: '/api/v1/nodes' })
    statuses.push((await server.request({ method: 'GET', path: PODS })).status)
  }
  assert.deepEqual([statuses, fault.met, fault.reached], [[200, 500, 500, 200, 200], 2, 2])
  fault.remove()
})

test('a slow answer, and none at all', async () => {
  const { server, clock } = simulation()
  server.faults.plant({}, answerLate(60_000), { times: 1 })
  const began = clock.now()
  const slow = server.request({ method: 'GET', path: PODS }).then(() => clock.now() - began)
  await clock.advance(70_000)
  assert.equal(await slow, 60_000)
  server.faults.plant({}, answerLate(), { times: 1 })
  const gone = new AbortController()
  const never = server.request({ method: 'GET', path: PODS, signal: gone.signal })
  await clock.advance(1_000_000)
  gone.abort(new Error('enough'))
  await assert.rejects(never, /enough/)
  assert.equal(server.log.entries.at(-1)?.ended, 'left')
})

test('no connection, as a transport tells it', async () => {
  const { server } = simulation()
  const transport = transportTo(server)
  const fault = server.faults.plant({}, refuseConnection(), { times: 1 })
  await assert.rejects(transport.request({ method: 'GET', path: PODS }), { name: 'Error', fault: 'unreachable' })
  assert.equal(fault.reached, 1)
})

test('an older server shows what was, and its revision', async () => {
  const { server, clock } = simulation()
  server.table.create(pod('a'))
  const older = new ObjectTable({ clock, random: () => 0 })
  older.restore(server.table.snapshot())
  server.table.create(pod('b'))
  const fault = server.faults.plant({ verb: 'list' }, answerFrom(older), { times: 1 })
  const listed = async () => {
    const { body } = await server.request({ method: 'GET', path: PODS })
    const list = JSON.parse(await textOf(body)) as { metadata: { resourceVersion: string }; items: unknown[] }
    return [list.items.length, Number(list.metadata.resourceVersion)]
  }
  assert.deepEqual(
    [await listed(), await listed()],
    [
      [1, older.revision],
      [2, server.table.revision],
    ],
  )
  assert.equal(fault.reached, 1)
})

test('a server that goes down breaks every watch, refuses, and comes back with what it had', async () => {
  const { server, clock } = simulation()
  const watch = new Watching(server, PODS)
  await clock.advance(10)
  await server.down()
  await clock.advance(10)
  assert.equal(watch.ended, 'read ECONNRESET')
  await assert.rejects(server.request({ method: 'GET', path: PODS }), { code: 'ECONNREFUSED' })
  const resourceVersion = String(server.table.revision)
  server.table.create(pod('a'))
  await server.comeUp()
  const again = new Watching(server, PODS, { resourceVersion })
  await clock.advance(10)
  assert.deepEqual(again.lines, ['ADDED a'])
  again.leave()
})
