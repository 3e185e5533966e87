import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeSnapshot } from '../../src/cluster/snapshot-writer.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import type { Changes, ServedStatus } from '../../src/sinks/published.ts'
import type { ErrorBody } from '../../src/api/errors.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import { findingIn, statusOf, testApi, update, type TestApi } from '../support/served-api.ts'

const HERE = { host: 'localhost:0' }
const get = (served: TestApi, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  Promise.resolve(served.api.app.request(path, { headers: { ...HERE, ...headers } }))
const read = async <T>(response: Response): Promise<T> => (await response.json()) as T
const errorOf = async (response: Response): Promise<ErrorBody['error']> => (await read<ErrorBody>(response)).error

function shop(): TestApi {
  const served = testApi()
  served.publication.update(
    update([findingIn('shop', 'cart', { severity: 'high' }), findingIn('data', 'db'), findingIn('shop', 'web')]),
  )
  return served
}

test('recommendations are given in one envelope, by severity and id', async () => {
  const served = shop()
  const response = await get(served, '/recommendations')
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/json')
  const envelope = await read<Envelope>(response)
  assert.deepEqual(
    { ...envelope, items: envelope.items.map(({ id }) => id) },
    {
      apiVersion: 'dogwatch.io/v1alpha1',
      cluster: 'test',
      revision: 'e1.1',
      generatedAt: '2026-11-21T12:00:00Z',
      complete: true,
      incomplete: [],
      unknown: [],
      scores: { health: 100, delivery: 100, storage: 100, scaling: 100, efficiency: 100 },
      items: ['db', 'web', 'cart'],
      next: null,
    },
  )
})

test('who has seen a revision is told so in a word, until it moves', async () => {
  const served = shop()
  const etag = (await get(served, '/recommendations')).headers.get('etag') ?? ''
  assert.match(etag, /^"e1\.1-/)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const response = await get(served, '/recommendations', { 'if-none-match': known })
    assert.equal(response.status, 304, known)
    assert.equal(await response.text(), '')
    assert.equal(response.headers.get('etag'), etag)
  }
  for (const path of ['/recommendations?severity=high', '/recommendations?limit=1'])
    assert.equal((await get(served, path, { 'if-none-match': etag })).status, 200, path)
  served.publication.update(update([findingIn('shop', 'cart', { severity: 'low' })]))
  assert.equal((await get(served, '/recommendations', { 'if-none-match': etag })).status, 200)
})

const FILTERED: [query: string, ids: string[]][] = [
  ['namespace=shop', ['web', 'cart']],
  ['namespace=shop,data', ['db', 'web', 'cart']],
  ['namespace=shop&namespace=data&severity=high', ['cart']],
  ['rule=crash-loop&category=health&state=firing&kind=Deployment', ['db', 'web', 'cart']],
  ['kind=Node', []],
]
for (const [query, wanted] of FILTERED)
  test(`recommendations with ${query}`, async () => {
    const { items } = await read<Envelope>(await get(shop(), `/recommendations?${query}`))
    assert.deepEqual(
      items.map(({ id }) => id),
      wanted,
    )
  })

test('pages lead through all findings; a token of another run is refused', async () => {
  const served = shop()
  const first = await read<Envelope>(await get(served, '/recommendations?limit=2'))
  assert.deepEqual(
    first.items.map(({ id }) => id),
    ['db', 'web'],
  )
  const path = `/recommendations?limit=2&continue=${first.next}`
  const second = await read<Envelope>(await get(served, path))
  assert.deepEqual([second.items.map(({ id }) => id), second.next], [['cart'], null])
  served.publication.update(update([], { gone: ['db'] }))
  const moved = await read<Envelope>(await get(served, path))
  assert.deepEqual([moved.items.map(({ id }) => id), moved.revision], [['cart'], first.revision])
  const other = Buffer.from(first.next ?? '', 'base64url')
    .toString()
    .replace(/^[^.]+/, 'other')
  const late = await get(served, `/recommendations?limit=2&continue=${Buffer.from(other).toString('base64url')}`)
  assert.equal(late.status, 410)
  assert.deepEqual((await errorOf(late)).code, 'gone')
})

const REFUSED: [path: string, code: string, message: RegExp][] = [
  ['/recommendations?serverity=high', 'unknown-parameter', /"serverity"; did you mean "severity"\?/],
  ['/recommendations?severity=hihg', 'bad-parameter', /severity cannot be "hihg"; did you mean "high"\?/],
  [
    '/recommendations?state=firing,resolved',
    'bad-parameter',
    /"resolved": what is over .* since=REVISION .* tombstones/,
  ],
  ['/recommendations?since=e1.1&state=resolved', 'bad-parameter', /"resolved": what is over .* since=REVISION/],
  ['/recommendations?state=resolvd', 'bad-parameter', /"resolvd"; it is one of firing, pending/],
  ['/recommendations?state=constructor', 'bad-parameter', /"constructor"; it is one of firing, pending/],
  ['/recommendations?severity=', 'bad-parameter', /severity is empty/],
  ['/recommendations?namespace=a,,b', 'bad-parameter', /namespace is empty/],
  [`/recommendations?rule=${Array.from({ length: 101 }, () => 'a').join()}`, 'bad-parameter', /more than 100/],
  ['/recommendations?limit=0', 'bad-parameter', /1 to 10000/],
  ['/recommendations?limit=1e3', 'bad-parameter', /1 to 10000/],
  ['/recommendations?limit=1&limit=2', 'bad-parameter', /more than once/],
  ['/recommendations?wait=30', 'bad-parameter', /30s/],
  ['/recommendations?wait=30s', 'bad-parameter', /needs since, or If-None-Match/],
  ['/recommendations?since=e1.1&limit=5', 'bad-parameter', /limit does not go with since/],
  ['/recommendations?since=e1.1&continue=x', 'bad-parameter', /continue does not go with since/],
  ['/status?verbose=1', 'unknown-parameter', /this takes none/],
  ['/findings/cart?x=%1b%5B2J', 'unknown-parameter', /^unknown parameter "x"; this takes none$/],
  ['/recommendations?%1b%5B2J%0a=1', 'unknown-parameter', /^unknown parameter " \[2J "/],
  ['/recommendations?__proto__=1', 'unknown-parameter', /"__proto__"/],
]
for (const [path, code, message] of REFUSED)
  test(`refused by name: ${path.slice(0, 50)}`, async () => {
    const response = await get(shop(), path)
    assert.equal(response.status, 400)
    const error = await errorOf(response)
    assert.equal(error.code, code)
    assert.match(error.message, message)
  })

test('since gives what has changed and what is gone; another life is 410', async () => {
  const served = shop()
  served.publication.update(update([findingIn('shop', 'cart', { severity: 'low' })], { gone: ['db'] }))
  const changes = await read<Changes>(await get(served, '/recommendations?since=e1.1'))
  assert.deepEqual(
    [changes.since, changes.revision, changes.items.map(({ id }) => id), changes.tombstones],
    ['e1.1', 'e1.2', ['cart'], [{ id: 'db', revision: 'e1.2' }]],
  )
  for (const revision of ['e0.1', 'e1.7', 'x'])
    assert.equal((await get(served, `/recommendations?since=${revision}`)).status, 410)
})

test('a long poll ends with the change, and the clock runs for it', async () => {
  const served = shop()
  const waiting = get(served, '/recommendations?since=e1.1&wait=30s&namespace=shop')
  await rest()
  assert.equal(served.clock.waiting, 1)
  served.publication.update(update([findingIn('data', 'db', { severity: 'low' })]))
  await rest()
  assert.equal(served.clock.waiting, 1, 'what moves elsewhere does not end it')
  served.publication.update(update([findingIn('shop', 'cart', { severity: 'low' })]))
  const changes = await read<Changes>(await waiting)
  assert.deepEqual([changes.revision, changes.items.map(({ id }) => id)], ['e1.3', ['cart']])
  assert.equal(served.clock.waiting, 0)
})

test('a long poll without a change ends with its time: no changes, or 304', async () => {
  const served = shop()
  const etag = (await get(served, '/recommendations')).headers.get('etag') ?? ''
  const since = get(served, '/recommendations?since=e1.1&wait=30s')
  const same = get(served, '/recommendations?wait=10h', { 'if-none-match': etag })
  await rest()
  served.clock.advance(60_000)
  const changes = await read<Changes>(await since)
  assert.deepEqual([changes.items, changes.tombstones, changes.revision], [[], [], 'e1.1'])
  assert.equal((await same).status, 304, '10 hours are cut to a minute')
})

test('one too many long polls is told to come back', async () => {
  const publication = testApi().publication
  const served = testApi({ publication })
  const polls = Array.from({ length: 256 }, () => get(served, '/recommendations?since=e1.0&wait=30s'))
  await rest()
  const refused = await get(served, '/recommendations?since=e1.0&wait=30s')
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '5'])
  served.publication.update(update([findingIn('shop', 'cart')]))
  for (const response of await Promise.all(polls)) assert.equal(response.status, 200)
})

test('one finding, or none', async () => {
  const served = shop()
  const response = await get(served, '/findings/cart')
  assert.equal((await read<{ id: string }>(response)).id, 'cart')
  const missing = await get(served, '/findings/constructor')
  assert.deepEqual([missing.status, (await errorOf(missing)).code], [404, 'not-found'])
})

test('status says what the daemon says, and who may read', async () => {
  const served = await read<ServedStatus>(await get(shop(), '/status'))
  assert.deepEqual(served, { ...statusOf(), server: { reads: 'loopback', tls: false } })
})

test('readyz and health say what is missing', async () => {
  const status = statusOf({
    ready: { synced: false, fresh: false, waitingFor: ['pods: 400 of some thousands'] },
    blind: [{ resource: 'events', reason: 'forbidden', detail: 'no\u001b[2J right' }],
    rules: {
      ...statusOf().rules,
      problems: [{ file: 'a.json', line: 3, column: 1, message: 'unknown fact', kept: true }],
      disabled: [{ rule: 'mine', reason: 'threw' }],
    },
    checkpoint: { path: '/x', savedAt: null, problem: 'disk full' },
  })
  const served = testApi({ status: () => status })
  const ready = await get(served, '/readyz')
  assert.equal(ready.status, 503)
  assert.deepEqual(await ready.json(), {
    ready: false,
    synced: false,
    fresh: false,
    waitingFor: ['pods: 400 of some thousands'],
  })
  assert.deepEqual(await (await get(served, '/health')).json(), {
    status: 'degraded',
    reasons: [
      'pods: 400 of some thousands',
      'events: forbidden (no [2J right)',
      'a.json:3: unknown fact; its last good rules are in force',
      'rule mine is disabled: threw',
      'checkpoint: disk full',
    ],
  })
  assert.equal((await get(testApi(), '/readyz')).status, 200)
  assert.deepEqual(await (await get(testApi(), '/health')).json(), { status: 'ok', reasons: [] })
  assert.deepEqual(await (await get(served, '/healthz')).json(), { status: 'ok' })
})

test('snapshot gives what scan reads, whole or in pieces', async () => {
  const text = writeSnapshot({
    objects: [],
    looks: { listed: new Map([['pods', 'all']]), blind: new Map(), unnamed: 'not-listed' },
    takenAt: 0,
    cluster: 'c',
  })
  assert.equal(await (await get(testApi({ snapshot: () => text }), '/snapshot')).text(), text)
  const long = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(5000, 'é'))
  async function* pieces(): AsyncGenerator<string> {
    yield* long
  }
  assert.equal(await (await get(testApi({ snapshot: pieces }), '/snapshot')).text(), long.join(''))
})

test('metrics come in the form that they are made in', async () => {
  const response = await get(testApi(), '/metrics')
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4')
  assert.equal(await response.text(), 'dogwatch_findings 1\n')
})

test('the API describes itself', async () => {
  const response = await get(testApi(), '/openapi.json')
  const document = await read<{ openapi: string; paths: Record<string, { get: { parameters: { name: string }[] } }> }>(
    response,
  )
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(Object.keys(document.paths), [
    '/recommendations',
    '/findings/{id}',
    '/status',
    '/health',
    '/healthz',
    '/readyz',
    '/snapshot',
    '/metrics',
  ])
  assert.deepEqual(
    document.paths['/recommendations']?.get.parameters.map(({ name }) => name),
    ['namespace', 'severity', 'rule', 'category', 'state', 'kind', 'limit', 'continue', 'since', 'wait'],
  )
})

test('every route only reads', async () => {
  const served = testApi()
  const paths = [...new Set(served.api.app.routes.map(({ path }) => path))].filter((path) => path !== '/*')
  assert.ok(paths.length >= 9)
  for (const path of paths)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await served.api.app.request(path, { method, headers: HERE })
      assert.equal(response.status, 405, `${method} ${path}`)
      assert.equal(response.headers.get('allow'), 'GET, HEAD')
      assert.equal(response.headers.get('access-control-allow-origin'), null)
    }
})

test('HEAD is GET without its body', async () => {
  const served = shop()
  const response = await served.api.app.request('/recommendations', { method: 'HEAD', headers: HERE })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('etag') ?? '', /^"e1\.1-/)
  assert.equal(await response.text(), '')
})

test('an unknown path is 404, a fault of ours 500 without its words', async () => {
  const unknown = await get(testApi(), '/admin')
  assert.deepEqual([unknown.status, (await errorOf(unknown)).code], [404, 'not-found'])
  const broken = testApi({
    status: () => {
      throw new Error('secret of the inside')
    },
  })
  const response = await get(broken, '/status')
  assert.equal(response.status, 500)
  assert.doesNotMatch(await response.text(), /secret/)
  assert.deepEqual(broken.logged, [
    { event: 'request failed', fields: { route: '/status', error: 'secret of the inside' } },
  ])
})

test('every answer forbids to keep, frame, run or guess it', async () => {
  for (const path of ['/recommendations', '/healthz', '/nowhere', '/status?x=1']) {
    const { headers } = await get(shop(), path)
    assert.equal(headers.get('cache-control'), 'no-store', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/)
    for (const name of ['server', 'x-powered-by', 'set-cookie']) assert.equal(headers.get(name), null)
  }
})

test('who asks too fast is told when to come back', async () => {
  const served = testApi({ limits: { burst: 3, perSecond: 0.5 } })
  const codes = async (): Promise<number[]> => {
    const responses = await Promise.all([1, 2, 3, 4].map(() => get(served, '/healthz')))
    return responses.map(({ status }) => status)
  }
  assert.deepEqual(await codes(), [200, 200, 200, 429])
  assert.equal((await get(served, '/status')).headers.get('retry-after'), '2')
  served.clock.advance(2000)
  assert.deepEqual(await codes(), [200, 429, 429, 429])
})

test('requests are counted by the pattern of their route, never by the path', async () => {
  const served = shop()
  for (const path of ['/findings/cart', '/findings/other', '/nowhere', '/status?x=1']) await get(served, path)
  assert.deepEqual(
    served.answered.map(({ route, code, method }) => [route, code, method]),
    [
      ['/findings/:id', 200, 'GET'],
      ['/findings/:id', 404, 'GET'],
      ['other', 404, 'GET'],
      ['/status', 400, 'GET'],
    ],
  )
})
