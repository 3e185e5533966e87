import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { NodeTransport, type NodeTransportOptions } from '../../src/cluster/node-transport.ts'
import { TransportError, type TransportFault } from '../../src/cluster/transport.ts'
import { serve, type Answer } from '../support/api-server.ts'
import { certificate, type Certificate } from '../support/certificate.ts'
import { ManualClock } from '../support/clock.ts'
import { accessTo, Scratch } from '../support/kubeconfigs.ts'

type Settings = Readonly<Record<string, unknown>>

/** A transport to a port of this machine, with the clock that it waits by. */
class Line implements Disposable {
  readonly #scratch = new Scratch()
  readonly clock = new ManualClock()
  #transport: NodeTransport | undefined

  async open(
    cluster: Settings,
    user: Settings = {},
    limits: Partial<NodeTransportOptions> = {},
  ): Promise<NodeTransport> {
    const access = await accessTo(this.#scratch, cluster, user)
    return (this.#transport = new NodeTransport(access, { clock: this.clock, ...limits }))
  }

  [Symbol.dispose](): void {
    this.#transport?.close()
    this.#scratch[Symbol.dispose]()
  }
}

const get = (transport: NodeTransport, path = '/api/v1/pods') => transport.request({ method: 'GET', path })

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts).toString()
}

const fails = (fault: TransportFault, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TransportError, String(error))
  assert.equal(error.fault, fault)
  assert.match(error.message, words)
  return true
}

describe('over http', () => {
  test('sends path, query, headers and credentials, below the path of the server', async () => {
    using line = new Line()
    await using api = await serve(() => ({ headers: { 'X-Thing': 'a' }, body: { ok: true } }))
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}/k8s/clusters/c-1/` }, { token: 'abcdef' })
    const { status, headers, body } = await transport.request({
      method: 'GET',
      path: '/api/v1/events',
      query: { fieldSelector: 'type!=Normal', limit: '500' },
      headers: { accept: 'application/json' },
    })
    assert.equal(status, 200)
    assert.equal(headers['x-thing'], 'a')
    assert.equal(await textOf(body), '{"ok":true}')
    const [asked] = api.asked
    assert.equal(asked?.path, '/k8s/clusters/c-1/api/v1/events')
    assert.deepEqual(asked?.query, { fieldSelector: 'type!=Normal', limit: '500' })
    assert.equal(asked?.headers['authorization'], 'Bearer abcdef')
    assert.equal(asked?.headers['accept'], 'application/json')
    assert.equal(asked?.headers['user-agent'], 'dogwatch')
  })

  test('keeps its connection, also when an answer is compressed', async () => {
    using line = new Line()
    const body = JSON.stringify({ text: 'pod '.repeat(10_000) })
    await using api = await serve(({ headers }) =>
      headers['accept-encoding'] === 'gzip'
        ? { headers: { 'content-encoding': 'gzip' }, body: gzipSync(body) }
        : { status: 500 },
    )
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
    for (let i = 0; i < 5; i++) assert.equal(await textOf((await get(transport)).body), body)
    assert.equal(api.connections, 1)
    assert.equal(line.clock.waiting, 0)
  })

  const BREAKS: [string, Answer][] = [
    ['plain', { act: (response) => void response.write('{"items":[', () => response.destroy()) }],
    [
      'compressed',
      {
        headers: { 'content-encoding': 'gzip' },
        act: (response) => void response.write(gzipSync('{"items":[]}').subarray(0, 15), () => response.destroy()),
      },
    ],
    [
      'compressed and ended too early',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync('{}').subarray(0, 15) },
    ],
  ]
  for (const [name, answer] of BREAKS)
    test(`a connection that breaks in the middle of an answer is a reset: ${name}`, async () => {
      using line = new Line()
      await using api = await serve(() => answer)
      const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
      const { body } = await get(transport)
      await assert.rejects(
        textOf(body),
        fails('reset', /127\.0\.0\.1:\d+ \(context "test" of .*\): broke the connection/),
      )
    })

  test('a connection that breaks before an answer is a reset', async () => {
    using line = new Line()
    const server = createHttpServer((request) => request.socket.destroy())
    await using api = await serve(() => ({}), server)
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
    await assert.rejects(get(transport), fails('reset', /broke the connection/))
  })

  test('silence before an answer is given up', async () => {
    using line = new Line()
    await using api = await serve(() => ({ act: () => undefined }))
    api.server.removeAllListeners('request')
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` }, {}, { idleAfter: 7000 })
    const answer = assert.rejects(get(transport), fails('timeout', /no answer for 7 s/))
    await once(api.server, 'request')
    line.clock.advance(7000)
    await answer
    assert.equal(line.clock.waiting, 0)
  })

  test('a request may say itself how long it bears silence, as a watch does', async () => {
    using line = new Line()
    await using api = await serve(() => ({ act: (response) => void response.write('{"a":') }))
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` }, {}, { idleAfter: 7000 })
    const { body } = await transport.request({ method: 'GET', path: '/', idleAfter: 90_000 })
    const chunks = body[Symbol.asyncIterator]()
    await chunks.next()
    const next = chunks.next()
    const end = assert.rejects(next, fails('timeout', /silence for 90 s/))
    line.clock.advance(89_000)
    assert.equal(line.clock.waiting, 1)
    line.clock.advance(1000)
    await end
  })

  test('asks for a review with a body', async () => {
    using line = new Line()
    const bodies: string[] = []
    const http = createHttpServer()
    http.prependListener('request', (request) => {
      request.setEncoding('utf8')
      request.on('data', (part: string) => bodies.push(part))
    })
    await using api = await serve(() => ({ status: 201, body: { status: { authenticated: true } } }), http)
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
    const body = JSON.stringify({ kind: 'TokenReview', spec: { token: 'äöü' } })
    const path = '/apis/authentication.k8s.io/v1/tokenreviews'
    const { status } = await transport.request({ method: 'POST', path, body })
    assert.equal(status, 201)
    assert.equal(bodies.join(''), body)
    assert.equal(api.asked[0]?.headers['content-type'], 'application/json')
    assert.equal(api.asked[0]?.headers['content-length'], String(Buffer.byteLength(body)))
  })

  test('a token that the server refuses is read anew', async () => {
    using line = new Line()
    using scratch = new Scratch()
    const tokenFile = scratch.write('token', 'first')
    await using api = await serve(({ headers }) => ({
      status: headers['authorization'] === 'Bearer second' ? 200 : 401,
    }))
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` }, { tokenFile })
    assert.equal((await get(transport)).status, 401)
    scratch.write('token', 'second\n')
    assert.equal((await get(transport)).status, 200)
  })

  test('a credential plugin is asked again when its credential is refused, and not for each refusal', async () => {
    using line = new Line()
    using scratch = new Scratch()
    const calls = scratch.write('calls', '')
    const plugin = scratch.write(
      'plugin.cjs',
      `require('node:fs').appendFileSync(${JSON.stringify(calls)}, 'x'); console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'abcdef' } }))`,
    )
    await using api = await serve(() => ({ status: 401 }))
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [plugin] }
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` }, { exec })
    const times = (): number => readFileSync(calls, 'utf8').length
    await Promise.all([get(transport), get(transport), get(transport)])
    assert.equal(times(), 1)
    await Promise.all([get(transport), get(transport), get(transport)])
    await get(transport)
    assert.equal(times(), 2)
    line.clock.advance(10_000)
    await get(transport)
    assert.equal(times(), 3)
  })

  test('silence in the middle of an answer is given up, slowness is not', async () => {
    using line = new Line()
    await using api = await serve(() => ({ act: (response) => void response.write('{"a":') }))
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` }, {}, { idleAfter: 7000 })
    const { body } = await get(transport)
    const chunks = body[Symbol.asyncIterator]()
    line.clock.advance(60_000)
    assert.equal(Buffer.from((await chunks.next()).value as Uint8Array).toString(), '{"a":')
    line.clock.advance(60_000)
    const next = assert.rejects(chunks.next(), fails('timeout', /silence for 7 s/))
    line.clock.advance(7000)
    await next
  })

  test('who stops reading ends the request', async () => {
    using line = new Line()
    const ended = Promise.withResolvers<void>()
    await using api = await serve(() => ({
      act: (response) => {
        response.on('close', () => ended.resolve())
        response.write('{"a":')
      },
    }))
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
    for await (const _ of (await get(transport)).body) break
    await ended.promise
  })

  test('a user who stops is told so, and not that the server failed', async () => {
    using line = new Line()
    await using api = await serve(() => ({ act: (response) => void response.write('{"a":') }))
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
    const stop = new AbortController()
    const { body } = await transport.request({ method: 'GET', path: '/', signal: stop.signal })
    const reading = assert.rejects(textOf(body), { name: 'AbortError' })
    stop.abort()
    await reading
    await assert.rejects(transport.request({ method: 'GET', path: '/', signal: stop.signal }), { name: 'AbortError' })
  })

  test('a port that nobody listens on', async () => {
    using line = new Line()
    const api = await serve(() => ({}))
    await api[Symbol.asyncDispose]()
    const transport = await line.open({ server: `http://127.0.0.1:${api.port}` })
    await assert.rejects(get(transport), fails('unreachable', /refused the connection: is it running/))
    assert.equal(line.clock.waiting, 0)
  })

  test('a name that does not exist', async () => {
    using line = new Line()
    const transport = await line.open({ server: 'https://nowhere.invalid' })
    await assert.rejects(get(transport), fails('unreachable', /a name that cannot be resolved/))
  })
})

const authority = certificate({ name: 'test authority' })
const ip = [127, 0, 0, 1] as const
const server = certificate({ name: 'server', by: authority, ip })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const secure = (of: Certificate, options: object = {}) => createHttpsServer({ cert: of.cert, key: of.key, ...options })
/** A server that lets in only those with a certificate. */
const strict = () => secure(server, { ca: authority.cert, requestCert: true })

describe('over https', () => {
  const trusted = (port: number): Settings => ({
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': base64(authority.cert),
  })

  test('trusts the authority of the kubeconfig and shows its own certificate', async () => {
    using line = new Line()
    const https = strict()
    const names: unknown[] = []
    https.on('secureConnection', (socket: TLSSocket) => names.push(socket.getPeerCertificate().subject.CN))
    await using api = await serve(() => ({ body: { ok: true } }), https)
    const me = certificate({ name: 'me', by: authority })
    const transport = await line.open(trusted(api.port), {
      'client-certificate-data': base64(me.cert),
      'client-key-data': base64(me.key),
    })
    for (let i = 0; i < 3; i++) assert.equal(await textOf((await get(transport)).body), '{"ok":true}')
    assert.deepEqual(names, ['me'])
  })

  const FAULTS: [string, Certificate, Settings, RegExp][] = [
    [
      'an unknown authority',
      server,
      { 'certificate-authority-data': undefined },
      /an authority that is not known here/,
    ],
    [
      'an expired certificate',
      certificate({ name: 'old', by: authority, ip, until: '20210101000000Z' }),
      {},
      /its certificate has expired/,
    ],
    [
      'a certificate for another address',
      certificate({ name: 'other', by: authority, ip: [10, 0, 0, 1] }),
      {},
      /for another name: .*tls-server-name/,
    ],
  ]
  for (const [name, of, settings, words] of FAULTS)
    test(name, async () => {
      using line = new Line()
      await using api = await serve(() => ({}), secure(of))
      const transport = await line.open({ ...trusted(api.port), ...settings })
      await assert.rejects(get(transport), fails('certificate', words))
    })

  test('an authority that is changed in its file is trusted from then on, and the old one no more', async () => {
    using line = new Line()
    using scratch = new Scratch()
    const next = certificate({ name: 'next authority' })
    const https = secure(server)
    await using api = await serve(() => ({ body: { ok: true }, headers: { connection: 'close' } }), https)
    const ca = scratch.write('ca.crt', authority.cert)
    const transport = await line.open({ server: `https://127.0.0.1:${api.port}`, 'certificate-authority': ca })
    assert.equal(await textOf((await get(transport)).body), '{"ok":true}')
    const renewed = certificate({ name: 'server', by: next, ip })
    https.setSecureContext({ cert: renewed.cert, key: renewed.key })
    await assert.rejects(get(transport), fails('certificate', /an authority that is not known here/))
    scratch.write('ca.crt', next.cert)
    assert.equal(await textOf((await get(transport)).body), '{"ok":true}')
    https.setSecureContext({ cert: server.cert, key: server.key })
    await assert.rejects(get(transport), fails('certificate', /an authority that is not known here/))
  })

  test('verifies nothing only when the kubeconfig says so', async () => {
    using line = new Line()
    await using api = await serve(() => ({ body: { ok: true } }), secure(server))
    const settings = { server: `https://127.0.0.1:${api.port}`, 'insecure-skip-tls-verify': true }
    assert.equal((await get(await line.open(settings))).status, 200)
  })

  test('a server that wants a certificate', async () => {
    using line = new Line()
    await using api = await serve(() => ({}), strict())
    await assert.rejects(
      get(await line.open(trusted(api.port))),
      fails('certificate', /TLS failed: .*certificate required$/),
    )
  })

  test('a server that speaks no TLS', async () => {
    using line = new Line()
    await using api = await serve(() => ({}))
    await assert.rejects(get(await line.open(trusted(api.port))), fails('certificate', /speak TLS/))
  })

  test('a client key that is none', async () => {
    using line = new Line()
    await using api = await serve(() => ({}), secure(server))
    const user = { 'client-certificate-data': base64(server.cert), 'client-key-data': base64('no key at all') }
    await assert.rejects(get(await line.open(trusted(api.port), user)), (error) => {
      assert.doesNotMatch(String(error), /no key at all/)
      return fails('certificate', /no valid PEM/)(error)
    })
  })

  test('a server that never finishes the handshake is given up', async () => {
    using line = new Line()
    const silent = createTcpServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const transport = await line.open(trusted((silent.address() as AddressInfo).port), {}, { connectWithin: 4000 })
    const answer = assert.rejects(get(transport), fails('timeout', /no connection for 4 s/))
    await once(silent, 'connection')
    line.clock.advance(4000)
    await answer
    silent.close()
    await once(silent, 'close')
  })

  test('goes through the proxy of the kubeconfig, and keeps the connection through it', async () => {
    using line = new Line()
    await using api = await serve(() => ({ body: { ok: true } }), secure(server))
    const proxy = createHttpServer()
    const asked: unknown[] = []
    proxy.on('connect', (request, socket) => {
      asked.push([request.url, request.headers['proxy-authorization']])
      const target = connect(api.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        target.pipe(socket).pipe(target)
      })
      for (const end of [socket, target]) end.on('error', () => undefined)
    })
    await using through = await serve(() => ({}), proxy)
    const settings = { ...trusted(api.port), 'proxy-url': `http://me:s3cr3t-word@127.0.0.1:${through.port}` }
    const transport = await line.open(settings)
    for (let i = 0; i < 3; i++) assert.equal(await textOf((await get(transport)).body), '{"ok":true}')
    assert.deepEqual(asked, [[`127.0.0.1:${api.port}`, `Basic ${base64('me:s3cr3t-word')}`]])
    assert.match(transport.place, new RegExp(`, through proxy 127\\.0\\.0\\.1:${through.port}\\)$`))
    transport.close()
  })
})
