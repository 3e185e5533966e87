import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Api, type ApiOptions } from '../../src/cluster/api.ts'
import { ClusterError } from '../../src/cluster/errors.ts'
import { listObjects, type ListQuestion } from '../../src/cluster/list.ts'
import { TransportError, type Transport } from '../../src/cluster/transport.ts'
import { listOf, memoryTransport, refusal, type Answer, type Asked, type Handler } from '../support/api-server.ts'
import { pod } from '../support/build.ts'
import { HastyClock } from '../support/clock.ts'

const PODS: ListQuestion = { path: '/api/v1/pods', type: { apiVersion: 'v1', kind: 'Pod' } }
const some = (count: number) => Array.from({ length: count }, (_, i) => pod({ name: `p${i}` }))

interface Run {
  readonly names: readonly string[]
  readonly cut: boolean
  readonly asked: readonly Asked[]
  readonly waits: readonly number[]
  readonly pages: readonly number[]
}

async function list(handler: Handler, options: Partial<ApiOptions & ListQuestion> = {}): Promise<Run> {
  const clock = new HastyClock()
  const transport = memoryTransport(handler)
  const api = new Api({ transport, clock, ...options })
  const pages: number[] = []
  const listed = await listObjects(api, { ...PODS, ...options }, (objects) => pages.push(objects))
  const names = listed.objects.map(({ metadata }) => metadata.name)
  return { names, cut: listed.cut, asked: transport.asked, waits: clock.waits, pages }
}

/** Answers in turn; the last one again and again. */
function inTurn(...answers: readonly Answer[]): Handler {
  let turn = 0
  return () => answers[Math.min(turn++, answers.length - 1)] ?? {}
}

const pages =
  (objects: readonly object[], page: number): Handler =>
  ({ query }) => ({ body: listOf(PODS.type, objects, { page, from: Number(query['continue'] ?? 0) }) })
const page = (from: number, to: number, next?: string): Answer => ({
  body: {
    kind: 'PodList',
    metadata: next === undefined ? {} : { continue: next },
    items: some(to).slice(from),
  },
})

describe('a list', () => {
  test('is read page by page, by the token of the page before', async () => {
    const { names, asked, pages: seen, cut } = await list(pages(some(7), 3))
    assert.deepEqual(names, ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
    assert.deepEqual(
      asked.map(({ query }) => query),
      [{ limit: '500' }, { limit: '500', continue: '3' }, { limit: '500', continue: '6' }],
    )
    assert.deepEqual(seen, [3, 6, 7])
    assert.equal(cut, false)
  })

  test('is projected as it arrives: nothing that facts do not read is held', async () => {
    const secretive = pod({ spec: { containers: [{ name: 'app', env: [{ name: 'PASSWORD', value: 'hunter2' }] }] } })
    const api = new Api({ transport: memoryTransport(pages([secretive], 3)), clock: new HastyClock() })
    const { objects } = await listObjects(api, PODS, () => undefined)
    assert.equal(objects.length, 1)
    assert.doesNotMatch(JSON.stringify(objects), /hunter2/)
    assert.equal(objects[0]?.kind, 'Pod')
  })

  test('of nothing is empty, also where the server writes null', async () => {
    assert.deepEqual((await list(pages([], 3))).names, [])
    assert.deepEqual((await list(() => ({ body: { kind: 'PodList', metadata: {}, items: null } }))).names, [])
  })

  test('begins again, once, when the server has forgotten its state in the middle', async () => {
    const gone = refusal(410, 'The provided continue parameter is too old')
    const { names, asked } = await list(inTurn(page(0, 2, 'a'), gone, page(0, 3, 'b'), page(3, 5)))
    assert.deepEqual(names, ['p0', 'p1', 'p2', 'p3', 'p4'])
    assert.deepEqual(
      asked.map(({ query }) => query['continue']),
      [undefined, 'a', undefined, 'b'],
    )
    await assert.rejects(list(inTurn(page(0, 2, 'a'), gone, page(0, 2, 'b'), gone)), /too old/)
  })

  test('stops at the most that was wanted, and says so', async () => {
    const { names, cut, asked } = await list(pages(some(9), 3), { most: 5 })
    assert.equal(names.length, 6)
    assert.equal(asked.length, 2)
    assert.equal(cut, true)
    assert.equal((await list(pages(some(6), 3), { most: 6 })).cut, false)
  })

  test('that never ends is given up', async () =>
    assert.rejects(list(inTurn(page(0, 1, 'same'))), /the same page again and again/))
})

describe('patience', () => {
  const tooMany = (after?: string): Answer => ({
    status: 429,
    headers: after === undefined ? {} : { 'retry-after': after },
    body: 'Too many requests, please try again later.\n',
  })

  test('waits as long as the server says', async () => {
    const { names, waits } = await list(inTurn(tooMany('3'), tooMany(), page(0, 2)))
    assert.deepEqual(names, ['p0', 'p1'])
    assert.deepEqual(waits, [3000, 1000])
  })

  test('is for one page: what was read before stays', async () => {
    const { names, asked } = await list(inTurn(page(0, 2, 'a'), tooMany('1'), page(2, 4)))
    assert.deepEqual(names, ['p0', 'p1', 'p2', 'p3'])
    assert.deepEqual(
      asked.map(({ query }) => query['continue']),
      [undefined, 'a', 'a'],
    )
  })

  test('ends', async () => {
    await assert.rejects(list(inTurn(tooMany('1'))), /Too many requests, please try again later\.$/)
    await assert.rejects(list(inTurn(tooMany('3600'), page(0, 1))), /Too many requests/)
  })

  test('is not for a server that does not ask for it', async () => {
    const { asked, names } = await list(inTurn(refusal(503, 'starting', { 'retry-after': '2' }), page(0, 1)))
    assert.equal(asked.length, 2)
    assert.deepEqual(names, ['p0'])
    for (const status of [400, 401, 403, 404, 500, 503])
      await assert.rejects(list(inTurn(refusal(status, 'no'), page(0, 1))), { status, message: 'no' })
  })

  test('begins a page again that broke off, and counts none of it twice', async () => {
    let broken = 0
    const whole = Buffer.from(JSON.stringify(listOf(PODS.type, some(3))))
    async function* body(): AsyncGenerator<Uint8Array> {
      yield whole.subarray(0, -40)
      if (broken++ < 2) throw new TransportError('reset', 'memory: broke the connection')
      yield whole.subarray(-40)
    }
    const transport: Transport = { place: 'memory', request: async () => ({ status: 200, headers: {}, body: body() }) }
    const api = new Api({ transport, clock: new HastyClock() })
    const { objects } = await listObjects(api, PODS, () => undefined)
    assert.equal(objects.length, 3)
    assert.equal(api.requests, 3)
  })

  test('ends when the user stops', async () => {
    const stop = new AbortController()
    const handler: Handler = () => {
      stop.abort(new Error('stopped by the user'))
      return tooMany('1')
    }
    await assert.rejects(list(handler, { signal: stop.signal }), /stopped by the user/)
  })
})

describe('an answer that is no list', () => {
  const cases: [string, Answer, RegExp][] = [
    ['cut off', { body: '{"items":[{"metadata":{"name":"a"}}' }, /the answer is no JSON/],
    ['not JSON', { body: '<html><body>Log in</body></html>' }, /the answer is no JSON/],
    ['an object', { body: { kind: 'Status', status: 'Success' } }, /the answer is no list/],
    ['a refusal with control characters', refusal(403, 'no\u001b[2Jpods\nfor you'), /^no \[2Jpods for you$/],
    ['a refusal of a megabyte', { status: 403, body: 'x'.repeat(2 ** 20) }, /^x{299}…$/],
    ['a refusal without words', { status: 502, body: ' ' }, /^HTTP status 502$/],
  ]
  for (const [name, answer, words] of cases)
    test(name, () =>
      assert.rejects(list(inTurn(answer)), (error) => error instanceof ClusterError && words.test(error.message)),
    )

  test('without end', async () => {
    let sent = 0
    const transport: Transport = {
      place: 'memory',
      request: async () => ({ status: 200, headers: {}, body: endless(() => sent++) }),
    }
    const api = new Api({ transport, clock: new HastyClock(), largestAnswer: 2 ** 20 })
    await assert.rejects(
      listObjects(api, PODS, () => undefined),
      /larger than 1Mi/,
    )
    assert.ok(sent < 100)
  })
})

async function* endless(sending: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"kind":"PodList","items":[')
  for (;;) {
    sending()
    yield Buffer.alloc(16 * 1024, '{"metadata":{"name":"again and again"}},')
  }
}

test('the time is the latest that the server told, not that of this machine', async () => {
  const dates = ['Sat, 21 Nov 2026 14:00:05 GMT', 'Sat, 21 Nov 2026 14:00:03 GMT', 'soon']
  const transport = memoryTransport(() => ({ headers: { date: dates.shift() ?? '' }, body: listOf(PODS.type, []) }))
  const api = new Api({ transport, clock: new HastyClock() })
  assert.equal(api.serverTime, undefined)
  for (const _ of [1, 2, 3]) await listObjects(api, PODS, () => undefined)
  assert.equal(api.serverTime, Date.parse('2026-11-21T14:00:05Z'))
})
