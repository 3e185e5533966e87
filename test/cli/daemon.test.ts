import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { run } from '../../src/cli/program.ts'
import type { Services } from '../../src/cli/services.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { serve, type Answer, type Asked } from '../support/api-server.ts'
import { NOW } from '../support/build.ts'
import { certificate } from '../support/certificate.ts'
import { ManualClock } from '../support/clock.ts'
import { recorder, type Recorder } from '../support/console.ts'
import { testDaemon } from '../support/daemon.ts'
import { BROKEN_SHOP, envelopeOf, fakeServices, finding } from '../support/envelopes.ts'
import { findingIn, statusOf } from '../support/served-api.ts'

const SCRATCH = mkdtempSync(join(tmpdir(), 'dogwatch-daemon-'))
after(() => rmSync(SCRATCH, { recursive: true }))

const CRITICAL = findingIn('shop', 'cart')
const LOW = findingIn('data', 'db', {
  severity: 'low',
  category: 'storage',
  rule: { id: 'no-requests', version: 'sha256:1' },
})
const PENDING = findingIn('shop', 'web', { state: 'pending', firesAt: '2026-11-21T12:04:00Z' })

interface Calling {
  readonly console?: Recorder
  readonly services?: Services
  readonly clock?: ManualClock
}

async function dogwatch(argv: readonly string[], { console = recorder(), services, clock }: Calling = {}) {
  const start = { services: services ?? fakeServices(), io: console.io, called: 'dogwatch' }
  const code = await run(argv, { ...start, clock: clock ?? new ManualClock(NOW) })
  return { code, out: console.out(), error: console.error() }
}

// ── lists

test('findings are those of the daemon, filtered as asked for', async () => {
  await using daemon = await testDaemon({ findings: [CRITICAL, LOW, PENDING] })
  const names = async (...argv: string[]): Promise<string[]> =>
    (await dogwatch(['findings', '-o', 'name', '--server', daemon.url, ...argv])).out.trim().split('\n')
  assert.deepEqual(await names(), ['cart', 'web', 'db'])
  assert.deepEqual(await names('-n', 'data'), ['db'])
  assert.deepEqual(await names('-n', 'data', '-n', 'shop', '--severity', 'critical', '--severity', 'high'), [
    'cart',
    'web',
  ])
  assert.deepEqual(await names('--state', 'pending'), ['web'])
  assert.deepEqual(await names('--rule', 'no-requests'), ['db'])
  assert.deepEqual(await names('--category', 'storage', '--kind', 'Deployment'), ['db'])
  assert.deepEqual(await names('--kind', 'Pod'), [''])
})

test('a list of many pages is one list', async () => {
  const many = Array.from({ length: 1203 }, (_, at) => findingIn('shop', `f-${String(at).padStart(4, '0')}`))
  await using daemon = await testDaemon({ findings: many })
  const { code, out } = await dogwatch(['findings', '-o', 'json', '--server', daemon.url])
  const { items, next } = JSON.parse(out) as Envelope
  assert.equal(code, 0)
  assert.deepEqual(
    items.map(({ id }) => id),
    many.map(({ id }) => id),
  )
  assert.equal(next, null)
  assert.equal(daemon.served.answered.length, 5)
})

test('a list of a daemon that begins anew is begun anew too, and given up in the end', async () => {
  const page = { ...envelopeOf([CRITICAL]), next: 'more' }
  let calm = false
  await using daemon = await serve(({ path, query }) => {
    if (path === '/status') return { body: statusOf() }
    if (query['since'] !== undefined) return { body: { ...envelopeOf([]), since: query['since'], tombstones: [] } }
    if (query['continue'] === undefined) return { body: page }
    return calm
      ? { body: envelopeOf([LOW]) }
      : { status: 410, body: { error: { code: 'gone', message: 'list again' } } }
  })
  const argv = ['findings', '-o', 'name', '--server', `http://127.0.0.1:${daemon.port}`]
  const { code, error } = await dogwatch(argv)
  assert.equal(code, 1)
  assert.match(error, /the daemon begins anew each time that its findings are listed\n/)
  calm = true
  assert.equal((await dogwatch(argv)).out, 'cart\ndb\n')
})

test('an incomplete answer is an incomplete exit', async () => {
  const incomplete = [{ resource: 'events', reason: 'forbidden' as const, detail: 'no' }]
  await using daemon = await testDaemon()
  daemon.find([CRITICAL], { incomplete })
  const { code, out } = await dogwatch(['findings', '--server', daemon.url])
  assert.equal(code, 4)
  assert.match(out, /events: no permission/)
  assert.match(out, /Looked at 1 object of 0 kinds as of/)
})

test('the line that explains a finding asks the same daemon', async () => {
  await using daemon = await testDaemon({ findings: [CRITICAL] })
  const { out } = await dogwatch(['findings', '-n', 'shop', '--server', daemon.url])
  assert.ok(out.includes(`dogwatch findings cart --server ${daemon.url}\n`), out)
})

test('one finding is chosen as explain chooses, or by its whole id', async () => {
  await using daemon = await testDaemon({ findings: BROKEN_SHOP.items })
  const services = fakeServices({ runbook: () => Promise.resolve('# page') })
  const one = (...argv: string[]) => dogwatch(['findings', ...argv, '--server', daemon.url], { services })
  assert.match((await one('crash-loop')).out, /^CRITICAL {2}app of Deployment shop\/cart keeps crashing\n/)
  assert.equal((await one('node/worker-3', '-o', 'name')).out, 'node-unhealthy-9zz21abc\n')
  const [json] = JSON.parse((await one('crash-loop', '-o', 'json')).out) as Record<string, unknown>[]
  assert.deepEqual(json?.['explains'], ['not-ready-1b2c3d4e', 'service-no-endpoints-5e6f7a8b'])
  assert.equal(json?.['runbookText'], '# page')
  // The filter hides it from the list.
  assert.match((await one('crash-loop-7f3k2q9d', '--severity', 'info')).out, /keeps crashing/)
  const unknown = await one('nothing-like-it')
  assert.deepEqual([unknown.code, unknown.error.split('\n')[0]], [2, 'dogwatch: no finding is called nothing-like-it'])
})

test('recommendations are shown by the decision on them', async () => {
  await using daemon = await testDaemon({ findings: BROKEN_SHOP.items })
  const argv = ['recommendations', '--server', daemon.url]
  const { code, out } = await dogwatch(argv)
  assert.equal(code, 0)
  assert.ok(out.indexOf('Waits for approval') < out.indexOf('Held'))
  const json = JSON.parse((await dogwatch([...argv, '-o', 'json'])).out) as Envelope
  assert.ok(json.items.length > 0 && json.items.every(({ recommendations }) => recommendations.length > 0))
  await using quiet = await testDaemon()
  assert.equal((await dogwatch(['recommendations', '--server', quiet.url])).out, 'Nothing is proposed.\n')
})

// ── status

test('status ends with 4 while the daemon is not ready', async () => {
  await using daemon = await testDaemon()
  assert.equal((await dogwatch(['status', '--server', daemon.url])).code, 0)
  daemon.status = statusOf({ ready: { synced: false, fresh: true, waitingFor: ['pods'] } })
  const { code, out } = await dogwatch(['status', '--server', daemon.url])
  assert.equal(code, 4)
  assert.match(out, /no: not everything was seen yet \(pods\)/)
  const json = JSON.parse((await dogwatch(['status', '-o', 'json', '--server', daemon.url])).out) as { level: string }
  assert.equal(json.level, 'L1')
  assert.match((await dogwatch(['status', '-o', 'yaml', '--server', daemon.url])).out, /\nlevel: L1\n/)
})

// ── who is asked, and how

test('the address is that of the option, of the environment, or loopback', async () => {
  await using daemon = await testDaemon({ findings: [CRITICAL] })
  const console = recorder({ env: { DOGWATCH_SERVER: `${daemon.url}/` } })
  assert.equal((await dogwatch(['findings', '-o', 'name'], { console })).out, 'cart\n')
  const wrong = recorder({ env: { DOGWATCH_SERVER: 'nonsense' } })
  const { code, error } = await dogwatch(['status'], { console: wrong })
  assert.deepEqual(
    [code, error],
    [2, 'dogwatch: DOGWATCH_SERVER: an address such as https://127.0.0.1:8686 is expected\n'],
  )
})

test('a token is sent from its file or the environment, and never without TLS to elsewhere', async () => {
  const tokens: (string | undefined)[] = []
  await using daemon = await serve(({ headers }) => {
    tokens.push(headers['authorization'])
    return { body: statusOf() }
  })
  const file = join(SCRATCH, 'token')
  writeFileSync(file, 'from.file\n')
  const server = ['--server', `http://127.0.0.1:${daemon.port}`]
  const console = () => recorder({ env: { DOGWATCH_TOKEN: 'from.env' } })
  await dogwatch(['status', ...server], { console: console() })
  await dogwatch(['status', ...server, '--token-file', file], { console: console() })
  await dogwatch(['status', ...server])
  assert.deepEqual(tokens, ['Bearer from.env', 'Bearer from.file', undefined])
  const open = await dogwatch(['status', '--server', 'http://dogwatch.example:8686', '--token-file', file])
  assert.equal(open.code, 2)
  assert.match(open.error, /a token is not sent without TLS\n/)
  writeFileSync(file, 'two\nlines')
  const odd = await dogwatch(['status', ...server, '--token-file', file])
  assert.deepEqual([odd.code, odd.error], [2, `dogwatch: ${file}: what is in it is no token\n`])
  assert.match((await dogwatch(['status', ...server, '--token-file', '/nowhere'])).error, /\/nowhere: no such file/)
  assert.equal(tokens.length, 3)
})

test('a daemon behind TLS is asked by the authority and the name that are given', async () => {
  const authority = certificate({ name: 'authority' })
  const own = certificate({ name: 'daemon', by: authority, ip: [127, 0, 0, 1] })
  await using daemon = await serve(() => ({ body: statusOf() }), createServer({ cert: own.cert, key: own.key }))
  const file = join(SCRATCH, 'ca.pem')
  writeFileSync(file, authority.cert)
  const server = ['status', '--server', `https://127.0.0.1:${daemon.port}`]
  assert.equal((await dogwatch([...server, '--certificate-authority', file])).code, 0)
  const untrusted = await dogwatch(server)
  assert.equal(untrusted.code, 1)
  assert.match(
    untrusted.error,
    /its certificate is not trusted here\nname the authority .* --certificate-authority FILE\n$/,
  )
  const misnamed = await dogwatch([...server, '--certificate-authority', file, '--tls-server-name', 'other.example'])
  assert.match(misnamed.error, /its certificate is for another name\nsay which with --tls-server-name NAME\n$/)
  const plain = await dogwatch(['status', '--server', `http://127.0.0.1:${daemon.port}`])
  assert.match(plain.error, /\ndoes it speak TLS\? Then its address begins with https\n$/)
  writeFileSync(file, 'no certificate')
  assert.equal((await dogwatch([...server, '--certificate-authority', file])).code, 2)
})

test('where no daemon answers, the way to one is said', async () => {
  const daemon = await testDaemon()
  await daemon[Symbol.asyncDispose]()
  for (const command of ['status', 'findings', 'recommendations', 'watch', 'findings --watch', 'watch --once']) {
    const { code, out, error } = await dogwatch([...command.split(' '), '--server', daemon.url])
    assert.deepEqual([code, out], [1, ''])
    assert.equal(
      error,
      `dogwatch: no daemon answers at ${daemon.url}: connection refused\nstart one with \`dogwatch run\`, or reach one in a cluster with \`kubectl -n dogwatch port-forward service/dogwatch 8686\`\n`,
    )
  }
})

const REFUSED: [name: string, answer: Answer, message: RegExp][] = [
  ['another program', { body: '<html>hello</html>' }, /what answers there is no dogwatch daemon/],
  ['an empty answer', { body: '' }, /what answers there is no dogwatch daemon/],
  ['half an answer', { body: '{"version":"1' }, /what answers there is no dogwatch daemon/],
  ['another version', { body: { ...statusOf(), kinds: {} } }, /or one of another version/],
  ['a page that is not there', { status: 404, body: 'not found' }, /HTTP status 404\nis the address right/],
  [
    'a refusal',
    { status: 401, body: { error: { code: 'unauthorized', message: 'a token\u001B[31m is asked for' } } },
    /a token \[31m is asked for\nit asks for a token: --token-file FILE, or DOGWATCH_TOKEN\n/,
  ],
  ['a redirection', { status: 302, headers: { location: 'http://elsewhere/' } }, /HTTP status 302/],
  ['an answer that breaks off', { act: (response) => void response.destroy() }, /the connection broke/],
  ['no HTTP', { act: ({ socket }) => void socket?.end('hello\r\n\r\n') }, /no daemon answers|what answers there is no/],
]

for (const [name, answer, message] of REFUSED)
  test(`${name} is no daemon, and one line or two say so`, async () => {
    await using daemon = await serve(() => answer)
    const { code, out, error } = await dogwatch(['status', '--server', `http://127.0.0.1:${daemon.port}`])
    assert.deepEqual([code, out], [1, ''])
    assert.match(error, message)
    assert.ok(error.trimEnd().split('\n').length <= 2, error)
    assert.doesNotMatch(error.replaceAll('\n', ''), /\p{Cc}/u)
  })

test('an answer without an end is given up', async () => {
  await using daemon = await serve(() => ({
    act: (response) => {
      const flood = (): void => {
        while (response.write('x'.repeat(2 ** 20)));
        response.once('drain', flood)
      }
      flood()
    },
  }))
  const { code, error } = await dogwatch(['status', '--server', `http://127.0.0.1:${daemon.port}`])
  assert.deepEqual([code, error], [1, 'dogwatch: the answer is larger than 32Mi\n'])
})

test('a daemon that is silent is given up after a while', async () => {
  const clock = new ManualClock(NOW)
  await using daemon = await serve(() => ({ act: () => clock.advance(15_000) }))
  const { code, error } = await dogwatch(['status', '--server', `http://127.0.0.1:${daemon.port}`], { clock })
  assert.deepEqual([code, error], [1, `dogwatch: http://127.0.0.1:${daemon.port} does not answer within 15 s\n`])
})

test('a list without an end is given up', async () => {
  await using daemon = await serve(() => ({ body: { ...envelopeOf([]), next: 'again' } }))
  const { error } = await dogwatch(['findings', '--server', `http://127.0.0.1:${daemon.port}`])
  assert.match(error, /the list of findings does not end/)
})

const HOSTILE = '\u001B]0;owned\u0007\u001B[2J\u202Eevil\n\r'
const hostile = finding({
  id: `id${HOSTILE}`,
  title: HOSTILE,
  message: HOSTILE.repeat(50),
  rule: { id: HOSTILE, version: HOSTILE },
  target: { apiVersion: 'v1', kind: HOSTILE, namespace: HOSTILE, name: HOSTILE, uid: 'u' },
})

test('nothing that a daemon says reaches a terminal raw', async () => {
  const status = statusOf({
    version: HOSTILE,
    cluster: HOSTILE,
    level: HOSTILE,
    ready: { synced: false, fresh: false, waitingFor: [HOSTILE] },
    kinds: [
      {
        resource: HOSTILE,
        namespace: HOSTILE,
        state: 'failed',
        detail: HOSTILE,
        objects: 1,
        syncedAt: null,
        heardAt: null,
        continuousSince: null,
        restarts: 0,
        relists: 0,
        missed: 0,
        malformed: 0,
      },
    ],
    blind: [{ resource: HOSTILE, reason: HOSTILE, detail: HOSTILE }],
    counts: { objects: 1, evaluations: 1, findings: { [HOSTILE]: 3 } },
    checkpoint: { path: HOSTILE, savedAt: null, problem: HOSTILE },
  })
  const envelope = { ...envelopeOf([hostile]), cluster: HOSTILE, restricted: { namespaces: [HOSTILE] } }
  await using daemon = await serve(({ path }) => ({ body: path === '/status' ? status : envelope }))
  const server = ['--server', `http://127.0.0.1:${daemon.port}`]
  for (const command of [
    'status',
    'findings',
    'findings id',
    'findings -o name',
    'findings -o wide',
    'recommendations',
    'watch --once',
  ]) {
    const { out, error } = await dogwatch([...command.split(' '), ...server])
    assert.ok(out.length > 0, command)
    assert.doesNotMatch((out + error).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u, command)
  }
})

// ── following

const lines = (text: string): string[] => text.split('\n').filter(Boolean)
const resolved = { ...CRITICAL, state: 'resolved' as const, resolvedAt: '2026-11-21T12:01:00Z' }

describe('findings --watch', () => {
  test('prints what is there, then each change, until it is stopped', async () => {
    await using daemon = await testDaemon({ findings: [CRITICAL, LOW] })
    const console = recorder()
    const running = dogwatch(['findings', '--watch', '--server', daemon.url], { console })
    await console.until(({ out }) => lines(out).length === 2)
    daemon.find([PENDING])
    await console.until(({ out }) => lines(out).length === 3)
    daemon.find([resolved], { at: NOW + 60_000 })
    await console.until(({ out }) => lines(out).length === 4)
    console.stop()
    assert.deepEqual(await running, { code: 0, out: console.out(), error: '' })
    assert.deepEqual(
      lines(console.out()).map((line) => line.replace(/: .*\[/, ' [')),
      [
        '2026-11-21T12:00:00Z  firing      CRITICAL  crash-loop [cart]',
        '2026-11-21T12:00:00Z  firing      LOW       no-requests [db]',
        '2026-11-21T12:00:00Z  pending     CRITICAL  crash-loop [web]',
        '2026-11-21T12:01:00Z  resolved    CRITICAL  crash-loop [cart]',
      ],
    )
  })

  test('what is gone is over, and a JSON object a line is for tools', async () => {
    await using daemon = await testDaemon({ findings: [CRITICAL] })
    const console = recorder()
    const running = dogwatch(['findings', '-w', '-o', 'json', '--server', daemon.url], { console })
    await console.until(({ out }) => lines(out).length === 1)
    daemon.find([], { gone: ['cart'], at: NOW + 1000 })
    await console.until(({ out }) => lines(out).length === 2)
    console.stop()
    await running
    const [first, second] = lines(console.out()).map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual([first?.['before'], second?.['before'], second?.['at']], [null, 'firing', '2026-11-21T12:00:01Z'])
  })

  test('does not go with an id, or with a format that has an end', async () => {
    assert.equal((await dogwatch(['findings', 'cart', '--watch'])).code, 2)
    assert.equal((await dogwatch(['findings', '--watch', '-o', 'yaml'])).code, 2)
  })
})

describe('a daemon that is restarted', () => {
  test('is asked again while it is away, and what it has not looked at yet is not over', async () => {
    const clock = new ManualClock(NOW)
    const first = await testDaemon({ findings: [CRITICAL, LOW] })
    const port = Number(new URL(first.url).port)
    const console = recorder()
    const running = dogwatch(['watch', '--server', first.url], { console, clock })
    await console.until(({ out }) => lines(out).length === 2)
    await first[Symbol.asyncDispose]()
    await console.until(({ error }) => error.endsWith('connection refused; it is asked again until it answers\n'))
    await using second = await testDaemon({
      epoch: 'e2',
      port,
      status: { ready: { synced: false, fresh: false, waitingFor: [] } },
    })
    clock.advance(1000)
    await console.until(({ error }) => /just been started and is reading the cluster/.test(error))
    second.find([CRITICAL, PENDING])
    second.status = statusOf()
    clock.advance(2000)
    await console.until(({ error }) => error.endsWith('the daemon answers again\n'))
    console.stop()
    await running
    assert.deepEqual(
      lines(console.out())
        .slice(2)
        .map((line) => line.replace(/^\S+ +(\w+) .*\[/, '$1 [')),
      ['pending [web]', 'resolved [db]'],
    )
  })

  test('an answer that asking again cannot mend ends it', async () => {
    let asked = 0
    const handler = ({ path }: Asked): Answer => {
      if (path === '/status') return { body: statusOf() }
      return asked++ === 0
        ? { body: envelopeOf([CRITICAL]) }
        : { status: 401, body: { error: { code: 'x', message: 'no' } } }
    }
    await using daemon = await serve(handler)
    const { code, error } = await dogwatch(['watch', '--server', `http://127.0.0.1:${daemon.port}`])
    assert.equal(code, 1)
    assert.match(error, /: no\nit asks for a token/)
  })
})

describe('watch on a terminal', () => {
  const OPEN = '\u001B[?1049h'
  const CLOSE = '\u001B[?1049l'
  /** What the terminal shows after everything that was written. */
  const shown = (out: string): string[] =>
    stripVTControlCharacters(out.slice(out.lastIndexOf('\u001B[H')))
      .split('\n')
      .map((line) => line.trimEnd())

  test('draws the whole screen anew with each change, and gives it back', async () => {
    await using daemon = await testDaemon({ findings: [CRITICAL, LOW] })
    const console = recorder({ terminal: true, columns: 120 })
    const clock = new ManualClock(NOW)
    const running = dogwatch(['watch', '--server', daemon.url], { console, clock })
    await console.until(({ out }) => out.includes('all is fresh') && out.includes('CRITICAL'))
    assert.ok(console.out().startsWith(OPEN))
    daemon.find([resolved, PENDING])
    await console.until(({ out }) => out.includes('Lately'))
    const screen = shown(console.out())
    assert.ok(
      screen.some((line) => /^CRITICAL +12m +pending, 4m +crash-loop +Deployment shop\/web/.test(line)),
      screen.join('\n'),
    )
    assert.ok(
      screen.some((line) => /^12:00:00 {2}resolved/.test(line)),
      screen.join('\n'),
    )
    clock.advance(60_000)
    await console.until(({ out }) => out.includes('pending, 3m'))
    console.stop()
    assert.equal((await running).code, 0)
    assert.ok(console.out().endsWith(CLOSE))
  })

  test('gives the screen back when it ends in an error', async () => {
    let asked = 0
    await using daemon = await serve(({ path }) => {
      if (path === '/status') return { body: statusOf() }
      return asked++ === 0 ? { body: envelopeOf([CRITICAL]) } : { body: 'nonsense' }
    })
    const console = recorder({ terminal: true })
    const { code, out, error } = await dogwatch(['watch', '--server', `http://127.0.0.1:${daemon.port}`], { console })
    assert.equal(code, 1)
    assert.ok(out.startsWith(OPEN) && out.endsWith(CLOSE))
    assert.match(error, /no dogwatch daemon/)
  })

  test('says on the screen that the daemon is away, and that it is back', async () => {
    const clock = new ManualClock(NOW)
    const first = await testDaemon({ findings: [CRITICAL] })
    const console = recorder({ terminal: true, columns: 120 })
    const running = dogwatch(['watch', '--server', first.url], { console, clock })
    await console.until(({ out }) => out.includes('CRITICAL'))
    await first[Symbol.asyncDispose]()
    await console.until(({ out }) => shown(out).some((line) => line.includes('connection refused')))
    await using second = await testDaemon({ epoch: 'e2', port: Number(new URL(first.url).port) })
    second.find([CRITICAL])
    clock.advance(1000)
    await console.until(({ out }) => !shown(out).some((line) => line.includes('connection refused')))
    console.stop()
    assert.equal((await running).code, 0)
  })

  test('never draws more than the terminal has', async () => {
    const many = Array.from({ length: 60 }, (_, at) => findingIn('shop', `f-${at}`))
    await using daemon = await testDaemon({ findings: many })
    for (const [columns, rows] of [
      [40, 10],
      [80, 24],
      [200, 50],
      [10, 3],
    ] as const) {
      const console = recorder({ terminal: true, columns, rows })
      const running = dogwatch(['watch', '--server', daemon.url], { console })
      await console.until(({ out }) => out.includes('\u001B[H'))
      console.stop()
      await running
      const screen = shown(console.out().replace(CLOSE, ''))
      assert.ok(screen.length <= rows, `${screen.length} lines`)
      for (const line of screen) assert.ok(line.length <= columns, line)
    }
  })
})
