import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { rest } from '../../src/util/virtual-clock.ts'
import { exchange, findingIn, testApi, update, type TestApi } from '../support/served-api.ts'

async function listening(
  seed: Parameters<typeof testApi>[0],
  use: (port: number, served: TestApi) => Promise<void>,
): Promise<void> {
  const served = testApi(seed)
  const { url } = await served.api.listen()
  try {
    await use(Number(new URL(url).port), served)
  } finally {
    await served.api.close(0)
  }
}

const codeOf = (answer: string): number => Number(answer.split(' ')[1])
const GET = (port: number, path = '/healthz'): string => `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n`

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  // A connection that is cut may be broken as well as ended.
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'connect')
  return socket
}

/** Lets the network have its turns until something has come about. */
async function until(there: () => boolean): Promise<void> {
  while (!there()) await rest(1)
}

const BODIES: [why: string, head: string, body: string][] = [
  ['a GET with a body', 'GET /status HTTP/1.1\r\nContent-Length: 5', 'hello'],
  ['a GET in chunks', 'GET /status HTTP/1.1\r\nTransfer-Encoding: chunked', '5\r\nhello\r\n'],
  [
    'a chunked body over any limit',
    'POST /status HTTP/1.1\r\nTransfer-Encoding: chunked',
    `fffff\r\n${'x'.repeat(300_000)}`,
  ],
  ['a body of a terabyte', 'PUT /status HTTP/1.1\r\nContent-Length: 1000000000000', 'x'],
  ['a body that is asked for first', 'POST /status HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9', ''],
  ['an unknown expectation', 'POST /status HTTP/1.1\r\nExpect: rain\r\nContent-Length: 9', ''],
]
for (const [why, head, body] of BODIES)
  test(`62: refused unread, and the connection closed: ${why}`, async () => {
    await listening({}, async (port) => {
      const answer = await exchange(port, `${head}\r\nHost: localhost:${port}\r\n\r\n${body}`)
      assert.equal(codeOf(answer), 413)
      assert.match(answer, /connection: close/i)
      assert.match(answer, /"code":"body-not-allowed"/)
      assert.equal(codeOf(await exchange(port, `${GET(port)}Connection: close\r\n\r\n`)), 200, 'others go on')
    })
  })

const UNREADABLE: [why: string, text: string, code: number][] = [
  ['no HTTP', 'hello\r\n\r\n', 400],
  [
    'both lengths',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
  ],
  ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}`, 431],
]
for (const [why, text, code] of UNREADABLE)
  test(`62: what is no request is refused in the one shape: ${why}`, async () => {
    await listening({}, async (port) => {
      const answer = await exchange(port, text)
      assert.equal(codeOf(answer), code)
      assert.match(answer, /\r\n\r\n\{"error":\{"code":/)
      assert.doesNotMatch(answer, /^server:/im)
    })
  })

test('62: a request that arrives too slowly is cut off, and so is one that never begins', async () => {
  await listening({ limits: { headersWithin: 30, requestWithin: 60, checkEvery: 10 } }, async (port) => {
    const answer = await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: loc')
    assert.equal(codeOf(answer), 408)
    const silent = await open(port)
    await once(silent, 'close')
  })
})

test('62: a client that takes no answer is cut off, and holds a piece of it at most', async () => {
  let made = 0
  const ended = Promise.withResolvers<void>()
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        made++
        yield 'x'.repeat(64 * 1024)
      }
    } finally {
      ended.resolve()
    }
  }
  await listening({ snapshot: endless, limits: { idleAfter: 100 } }, async (port) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(`${GET(port, '/snapshot')}\r\n`)
    await ended.promise
    socket.destroy()
    assert.ok(made > 0, 'the answer began')
    assert.ok(made < 1000, `what the kernel takes and a piece more was made: ${made}`)
  })
})

const MANY = 300

test(`62: ${MANY} silent connections shut nobody out`, async () => {
  const most = 50
  await listening({ limits: { connections: most } }, async (port) => {
    const sockets: Socket[] = []
    let closed = 0
    for (let i = 0; i < MANY; i++) {
      const socket = await open(port)
      socket.on('close', () => void closed++)
      sockets.push(socket)
    }
    assert.equal(codeOf(await exchange(port, `${GET(port)}Connection: close\r\n\r\n`)), 200)
    await until(() => closed >= MANY - most)
    assert.ok(closed <= MANY - most + 2, `those within the bound stay: ${closed}`)
    for (const socket of sockets) socket.destroy()
  })
})

test('62: connections that are waiting for an answer are not the ones that go', async () => {
  await listening({ limits: { connections: 3 } }, async (port, { publication, clock }) => {
    const polls = Array.from({ length: 3 }, () =>
      exchange(port, `${GET(port, '/recommendations?since=e1.0&wait=30s')}Connection: close\r\n\r\n`),
    )
    await until(() => clock.waiting === 3)
    const socket = await open(port)
    await once(socket, 'close')
    publication.update(update([findingIn('shop', 'cart')]))
    for (const answer of await Promise.all(polls)) assert.equal(codeOf(answer), 200)
  })
})

test('62: who goes away while waiting makes room', async () => {
  await listening({}, async (port, served) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(`${GET(port, '/recommendations?since=e1.0&wait=30s')}\r\n`)
    await until(() => served.clock.waiting > 0)
    socket.destroy()
    await until(() => served.clock.waiting === 0)
    assert.equal(served.clock.waiting, 0)
  })
})

test('a large list comes whole over the wire', async () => {
  await listening({}, async (port, { publication }) => {
    publication.update(
      update(Array.from({ length: 800 }, (_, i) => findingIn('shop', `f${i}`, { message: 'é'.repeat(200) }))),
    )
    const response = await fetch(`http://localhost:${port}/recommendations?limit=1000`)
    const { items } = (await response.json()) as { items: { message: string }[] }
    assert.equal(items.length, 800)
    assert.ok(items.every(({ message }) => message === 'é'.repeat(200)))
  })
})

test('a connection carries one request after another, and a tag is told back', async () => {
  await listening({}, async (port) => {
    const first = await fetch(`http://127.0.0.1:${port}/recommendations`)
    const etag = first.headers.get('etag') ?? ''
    await first.text()
    const again = await fetch(`http://127.0.0.1:${port}/recommendations`, { headers: { 'if-none-match': etag } })
    assert.equal(again.status, 304)
    const head = await fetch(`http://127.0.0.1:${port}/status`, { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
    for (const response of [first, again, head])
      for (const name of ['server', 'x-powered-by']) assert.equal(response.headers.get(name), null)
  })
})

test('a stop answers who waits with what is current, and refuses newcomers', async () => {
  const served = testApi()
  const { url } = await served.api.listen()
  const waiting = fetch(`${url}/recommendations?since=e1.0&wait=60s`)
  await until(() => served.clock.waiting > 0)
  const closed = served.api.close(10_000)
  const response = await waiting
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('connection'), 'close')
  await response.text()
  await closed
  await assert.rejects(fetch(`${url}/healthz`))
  assert.equal(served.clock.waiting, 0)
})

test('a stop waits for a slow answer no longer than its time', async () => {
  let begun = false
  const served = testApi({
    metrics: () => {
      begun = true
      return new Promise(() => undefined)
    },
  })
  const { url } = await served.api.listen()
  const waiting = fetch(`${url}/metrics`).catch(() => 'cut off')
  await until(() => begun)
  const closed = served.api.close(5000)
  await rest()
  served.clock.advance(5000)
  assert.equal(await waiting, 'cut off')
  await closed
})

test('to stop what never began, or twice, is no fault', async () => {
  const served = testApi()
  await served.api.close(0)
  const other = testApi()
  await other.api.listen()
  await Promise.all([other.api.close(0), other.api.close(0)])
})

test('a port that is taken is said when listening begins', async () => {
  await listening({}, async (port) => {
    const second = testApi({ config: { listen: `127.0.0.1:${port}` } })
    await assert.rejects(second.api.listen(), /EADDRINUSE/)
    await second.api.close(0)
  })
})
