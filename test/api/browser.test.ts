import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowsHost, isForeign, isLoopback, listenOf, type HostRules } from '../../src/api/hosts.ts'
import { exchange, testApi, type TestApi } from '../support/served-api.ts'

const portOf = (url: string): number => Number(new URL(url).port)

async function listening<T>(seed: Parameters<typeof testApi>[0], use: (port: number, served: TestApi) => Promise<T>) {
  let looked = 0
  const served = testApi({
    metrics: () => {
      looked++
      return Promise.resolve({ contentType: 'text/plain', text: 'secret figures\n' })
    },
    ...seed,
  })
  const { url } = await served.api.listen()
  try {
    return { result: await use(portOf(url), served), looked: () => looked }
  } finally {
    await served.api.close(0)
  }
}

/** The status line's number and whether the answer gives anything away. */
const ask = async (port: number, head: string): Promise<[code: number, leaked: boolean]> => {
  const answer = await exchange(port, `${head}\r\nConnection: close\r\n\r\n`)
  return [Number(answer.split(' ')[1]), answer.includes('secret figures')]
}

const FORGED: [why: string, head: (port: number) => string, code: number][] = [
  ['a rebound name', (p) => `GET /metrics HTTP/1.1\r\nHost: evil.example:${p}`, 421],
  [
    'a rebound page that names itself',
    (p) => `GET /metrics HTTP/1.1\r\nHost: evil.example:${p}\r\nOrigin: http://evil.example:${p}`,
    421,
  ],
  ['a name that begins like ours', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost.evil.example:${p}`, 421],
  ['a name that ends like ours', (p) => `GET /metrics HTTP/1.1\r\nHost: evil.localhost:${p}`, 421],
  ['a user before the name', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost@evil.example:${p}`, 400],
  ['a trailing dot', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost.:${p}`, 421],
  ['another port', () => 'GET /metrics HTTP/1.1\r\nHost: localhost:1', 421],
  ['no port', () => 'GET /metrics HTTP/1.1\r\nHost: localhost', 421],
  ['another address', (p) => `GET /metrics HTTP/1.1\r\nHost: 10.0.0.1:${p}`, 421],
  ['an address written otherwise', (p) => `GET /metrics HTTP/1.1\r\nHost: 127.1:${p}`, 421],
  ['no host', () => 'GET /metrics HTTP/1.1\r\nAccept: */*', 400],
  ['an empty host', () => 'GET /metrics HTTP/1.1\r\nHost:', 400],
  ['two hosts', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nHost: evil.example`, 400],
  ['an address for a path', (p) => `GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost:${p}`, 400],
  ['our address for a path', (p) => `GET http://localhost:${p}/metrics HTTP/1.1\r\nHost: evil.example`, 400],
  [
    'a forwarded host',
    (p) =>
      `GET /metrics HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost:${p}\r\nForwarded: host=localhost:${p}`,
    421,
  ],
  ['a page elsewhere', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nOrigin: http://evil.example`, 403],
  [
    'a page on another port',
    (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nOrigin: http://localhost:3000`,
    403,
  ],
  [
    'a page by another of our names',
    (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nOrigin: http://127.0.0.1:${p}`,
    403,
  ],
  ['a page without an origin', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nOrigin: null`, 403],
  [
    'an image in a page elsewhere',
    (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nSec-Fetch-Site: cross-site`,
    403,
  ],
  ['a page of the same site', (p) => `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nSec-Fetch-Site: same-site`, 403],
  [
    'a form of a page elsewhere',
    (p) => `POST /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nOrigin: http://evil.example\r\nContent-Type: text/plain`,
    403,
  ],
  [
    'a preflight',
    (p) =>
      `OPTIONS /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: GET`,
    403,
  ],
  [
    'another protocol',
    (p) =>
      `GET /metrics HTTP/1.1\r\nHost: localhost:${p}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil.example`,
    403,
  ],
]

test('61: forged hosts, foreign pages and forwarded headers are refused before anything looks', async () => {
  const { result, looked } = await listening({}, async (port) => {
    const answers: [string, number, boolean][] = []
    for (const [why, head] of FORGED) answers.push([why, ...(await ask(port, head(port)))])
    return answers
  })
  assert.deepEqual(
    result,
    FORGED.map(([why, , code]) => [why, code, false]),
  )
  assert.equal(looked(), 0)
})

test('61: the names on loopback, and a page of our own, are let in', async () => {
  const { result } = await listening({ config: { hosts: ['dogwatch.test', 'proxied.test:443'] } }, async (port) => {
    const heads = [
      `Host: localhost:${port}`,
      `Host: LOCALHOST:${port}`,
      `Host: 127.0.0.1:${port}`,
      `Host: [::1]:${port}`,
      `Host: localhost:${port}\r\nOrigin: http://localhost:${port}\r\nSec-Fetch-Site: same-origin`,
      `Host: localhost:${port}\r\nSec-Fetch-Site: none`,
      `Host: dogwatch.test`,
      `Host: dogwatch.test:9999`,
      `Host: proxied.test:443`,
    ]
    const answers = []
    for (const head of heads) answers.push(await ask(port, `GET /metrics HTTP/1.1\r\n${head}`))
    return answers
  })
  assert.deepEqual(
    result,
    Array.from({ length: 9 }, () => [200, true]),
  )
})

test('61: what a header says of the address changes nothing', async () => {
  await listening({ limits: { burst: 5, perSecond: 0.1 } }, async (port) => {
    const codes: number[] = []
    for (let i = 0; i < 7; i++) {
      const [code] = await ask(
        port,
        `GET /healthz HTTP/1.1\r\nHost: localhost:${port}\r\nX-Forwarded-For: 10.0.0.${i}\r\nForwarded: for=10.0.0.${i}`,
      )
      codes.push(code)
    }
    assert.deepEqual(codes, [200, 200, 200, 200, 200, 429, 429])
  })
})

const rules = (seed: Partial<HostRules> = {}): HostRules => ({
  names: [],
  listen: '0.0.0.0',
  port: () => 8686,
  loopback: false,
  ...seed,
})

test('off loopback the address that the connection came in on is a name of ours, and so is a port-forward', () => {
  assert.ok(allowsHost(rules(), '10.2.3.4:8686', '10.2.3.4'))
  assert.ok(allowsHost(rules(), '10.2.3.4:8686', '::ffff:10.2.3.4'))
  assert.ok(allowsHost(rules(), '[fd00::1]:8686', 'fd00::1'))
  assert.ok(allowsHost(rules(), 'localhost:18686', '127.0.0.1'))
  assert.ok(!allowsHost(rules(), '10.2.3.5:8686', '10.2.3.4'))
  assert.ok(!allowsHost(rules(), 'evil.example', '10.2.3.4'))
  assert.ok(!allowsHost(rules(), undefined, '10.2.3.4'))
  assert.ok(!allowsHost(rules({ names: ['dogwatch.svc:443'] }), 'dogwatch.svc', undefined))
})

test('which addresses are loopback', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '[::1]']) assert.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '[::]', '127.evil.example', '10.0.0.1', 'localhost.evil', '[::2]'])
    assert.ok(!isLoopback(host), host)
  assert.deepEqual(listenOf('[::1]:8686'), { host: '[::1]', port: 8686 })
})

test('a page of ours over TLS is ours too', () => {
  assert.ok(!isForeign({ host: 'dogwatch.test', origin: 'https://dogwatch.test' }))
  assert.ok(isForeign({ host: 'dogwatch.test', origin: 'https://dogwatch.test.evil' }))
  assert.ok(isForeign({ host: 'dogwatch.test', site: 'nonsense' }))
})
