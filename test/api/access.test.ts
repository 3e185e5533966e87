import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Envelope } from '../../src/sinks/envelope.ts'
import type { Changes, Published, ServedStatus } from '../../src/sinks/published.ts'
import { AUDIENCE } from '../../src/api/access/reviews.ts'
import { TransportError } from '../../src/cluster/transport.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import {
  answerOf,
  fakeReviews,
  findingIn,
  statusOf,
  testApi,
  update,
  type FakeReviews,
  type TestApi,
} from '../support/served-api.ts'

const OFF_LOOPBACK = { listen: '0.0.0.0:8686', hosts: ['dogwatch.dogwatch.svc'] }

function guarded(seed: Parameters<typeof testApi>[0] = {}): TestApi & { readonly reviews: FakeReviews } {
  const reviews = fakeReviews({
    users: {
      'good-token': { username: 'reader' },
      'team-token': { username: 'team' },
      'idle-token': { username: 'idle' },
      'foreign-token': { username: 'reader', audiences: ['https://kubernetes.default.svc'] },
    },
    rights: new Set([
      'reader recommendations',
      'reader status',
      'reader snapshot',
      'reader metrics',
      'team recommendations shop',
      'team snapshot shop',
      'team status shop',
    ]),
  })
  const served = testApi({ reviews, config: OFF_LOOPBACK, ...seed })
  served.publication.update(update([findingIn('shop', 'cart'), findingIn('vault', 'hidden', { severity: 'high' })]))
  return { ...served, reviews }
}

const get = (served: TestApi, path: string, token?: string): Promise<Response> =>
  Promise.resolve(
    served.api.app.request(path, {
      headers: { host: 'dogwatch.dogwatch.svc', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    }),
  )
const statusAt = async (served: TestApi, path: string, token?: string): Promise<number> =>
  (await get(served, path, token)).status
const read = async <T>(response: Response): Promise<T> => (await response.json()) as T

const OPEN = new Set(['/healthz', '/readyz'])

test('46: off loopback every route but health asks for a token, its audience and a right', async () => {
  const served = guarded()
  const paths = [...new Set(served.api.app.routes.map(({ path }) => path))].filter((path) => path !== '/*')
  assert.ok(paths.length >= 9)
  for (const path of paths) {
    const asked = path.replaceAll(/:\w+/g, 'cart')
    const open = OPEN.has(path)
    assert.equal(await statusAt(served, asked), open ? 200 : 401, `${path} without a token`)
    assert.equal(await statusAt(served, asked, 'foreign-token'), open ? 200 : 401, `${path} for another audience`)
    assert.equal(await statusAt(served, asked, 'nonsense'), open ? 200 : 401, `${path} with nonsense`)
    assert.equal(await statusAt(served, asked, 'idle-token'), open ? 200 : 403, `${path} without a right`)
    assert.equal(await statusAt(served, asked, 'good-token'), 200, `${path} with all`)
  }
})

test('a refusal says how to ask, and what right is missing', async () => {
  const served = guarded()
  const nobody = await get(served, '/status')
  assert.equal(nobody.headers.get('www-authenticate'), 'Bearer realm="dogwatch"')
  const idle = await read<{ error: object }>(await get(served, '/status', 'idle-token'))
  assert.deepEqual(idle.error, {
    code: 'forbidden',
    message: 'no right to get status.dogwatch.io',
    group: 'dogwatch.io',
    resource: 'status',
    verb: 'get',
  })
})

const ODD: [authorization: string, why: string][] = [
  ['Basic good-token', 'another scheme'],
  ['good-token', 'no scheme'],
  ['Bearer good-token, Bearer other', 'two tokens'],
  ['Bearer ', 'nothing'],
  [`Bearer ${'x'.repeat(9000)}`, 'too long'],
]
for (const [authorization, why] of ODD)
  test(`no token is looked for in an odd header: ${why}`, async () => {
    const served = guarded()
    const response = await served.api.app.request('/status', {
      headers: { host: 'dogwatch.dogwatch.svc', authorization },
    })
    assert.equal(response.status, 401)
    assert.deepEqual(served.reviews.asked, [])
  })

test('a token is reviewed for our audience, a right by name; both are kept for a minute', async () => {
  const served = guarded()
  for (const _ of [1, 2, 3]) assert.equal(await statusAt(served, '/recommendations', 'good-token'), 200)
  assert.deepEqual(
    served.reviews.asked.map(({ path, body }) => [path.split('/').at(-1), (JSON.parse(body) as { spec: object }).spec]),
    [
      ['tokenreviews', { token: 'good-token', audiences: [AUDIENCE] }],
      [
        'subjectaccessreviews',
        {
          user: 'reader',
          groups: ['system:authenticated'],
          resourceAttributes: { group: 'dogwatch.io', resource: 'recommendations', verb: 'get' },
        },
      ],
    ],
  )
  served.clock.advance(59_999)
  await get(served, '/recommendations', 'good-token')
  assert.equal(served.reviews.asked.length, 2)
  served.clock.advance(1)
  await get(served, '/recommendations', 'good-token')
  assert.equal(served.reviews.asked.length, 4)
})

test('41: a clock that is set back keeps no grant alive', async () => {
  const served = guarded()
  assert.equal(await statusAt(served, '/recommendations', 'good-token'), 200)
  served.clock.advance(-3_600_000)
  await get(served, '/recommendations', 'good-token')
  assert.equal(served.reviews.asked.length, 4)
})

test('those who ask at the same time share one review', async () => {
  const served = guarded()
  await Promise.all(Array.from({ length: 20 }, () => get(served, '/status', 'good-token')))
  assert.equal(served.reviews.asked.length, 2)
})

test('a flood of made-up tokens is slowed down, and pushes out nobody who is known', async () => {
  const served = guarded({ limits: { burst: 50, perSecond: 1 } })
  assert.equal(await statusAt(served, '/status', 'good-token'), 200)
  const codes: number[] = []
  for (let i = 0; i < 200; i++) codes.push(await statusAt(served, '/status', `made-up-${i}`))
  assert.deepEqual([codes.filter((code) => code === 401).length, codes.at(-1)], [49, 429])
  assert.equal(await statusAt(served, '/status', 'good-token'), 200, 'pays by name, not by address')
})

test('who may read one namespace sees it alone, and is told so', async () => {
  const served = guarded()
  const page = await read<Published>(await get(served, '/recommendations', 'team-token'))
  assert.deepEqual(
    [page.items.map(({ id }) => id), page.restricted, page.scores.health],
    [['cart'], { namespaces: ['shop'] }, 75],
  )
  assert.equal(await statusAt(served, '/recommendations?namespace=vault', 'team-token'), 403)
  const both = await read<Published>(await get(served, '/recommendations?namespace=vault,shop', 'team-token'))
  assert.deepEqual(
    both.items.map(({ id }) => id),
    ['cart'],
  )
  const [hidden, missing] = await Promise.all(
    ['hidden', 'never-was'].map(async (id) => {
      const response = await get(served, `/findings/${id}`, 'team-token')
      return [response.status, await response.text()]
    }),
  )
  assert.deepEqual(hidden, missing, 'whether it exists is not told')
  assert.equal(await statusAt(served, '/findings/cart', 'team-token'), 200)
  const everything = await read<Published>(await get(served, '/recommendations', 'good-token'))
  assert.deepEqual([everything.items.length, everything.restricted], [2, undefined])
})

test('neither changes nor waiting tell of other namespaces', async () => {
  const served = guarded()
  const waiting = get(served, '/recommendations?since=e1.1&wait=30s', 'team-token')
  await rest()
  served.publication.update(update([findingIn('vault', 'hidden', { severity: 'low' })], { gone: [] }))
  served.publication.update(update([], { gone: ['hidden'] }))
  await rest()
  assert.ok(served.clock.waiting > 0, 'still waits')
  served.publication.update(update([findingIn('shop', 'cart', { severity: 'low' })]))
  const changes = await read<Changes>(await waiting)
  assert.deepEqual([changes.items.map(({ id }) => id), changes.tombstones], [['cart'], []])
})

test('who loses the right while waiting gets nothing', async () => {
  const served = guarded()
  const waiting = get(served, '/recommendations?since=e1.1&wait=60s', 'team-token')
  await rest()
  served.reviews.instead = ({ path }) =>
    Promise.resolve(
      path.endsWith('tokenreviews')
        ? answerOf(201, { kind: 'TokenReview', status: { error: 'revoked' } })
        : answerOf(201, { kind: 'SubjectAccessReview', status: { allowed: false } }),
    )
  served.clock.advance(60_000)
  assert.equal((await waiting).status, 401)
})

test('the tag differs with the rights, so that one caller is not told 304 of what another has seen', async () => {
  const served = guarded()
  const [all, some] = await Promise.all(
    ['good-token', 'team-token'].map(async (token) =>
      (await get(served, '/recommendations', token)).headers.get('etag'),
    ),
  )
  assert.notEqual(all, some)
})

test('a right in one namespace opens neither snapshot nor status', async () => {
  const served = guarded()
  for (const path of ['/snapshot', '/status', '/health', '/metrics'])
    assert.equal(await statusAt(served, path, 'team-token'), 403, path)
})

test('namespaces without findings count when they are told of; too many are to be named', async () => {
  const quiet = guarded({ namespaces: () => ['shop', 'other'] })
  quiet.publication.update(update([], { gone: ['cart', 'hidden'] }))
  const page = await read<Published>(await get(quiet, '/recommendations', 'team-token'))
  assert.deepEqual([page.items, page.restricted], [[], { namespaces: ['shop'] }])
  const many = guarded({ namespaces: () => Array.from({ length: 201 }, (_, i) => `n${i}`) })
  const response = await get(many, '/recommendations', 'team-token')
  assert.deepEqual(
    [response.status, (await read<{ error: { code: string } }>(response)).error.code],
    [400, 'namespace-required'],
  )
  assert.equal(await statusAt(many, '/recommendations?namespace=shop', 'team-token'), 200)
})

const reviewOf = (status: object) => (kind: string) => ({ kind, status })
const MALFORMED: [why: string, body: (kind: string) => unknown, code: number][] = [
  ['no JSON', () => '<html>secret good-token</html>', 503],
  ['cut off', () => '{"kind":"TokenReview","spec":{"token":"good-token"', 503],
  ['another kind', () => ({ kind: 'Status', status: 'Failure' }), 503],
  ['no status', (kind) => ({ kind }), 503],
  ['a text for a truth', reviewOf({ authenticated: 'true', allowed: 'true', audiences: [AUDIENCE] }), 503],
  ['too large', (kind) => ({ kind, status: {}, filler: 'x'.repeat(300_000) }), 503],
  ['no audiences', reviewOf({ authenticated: true, allowed: true, user: { username: 'reader' } }), 401],
  ['another audience', reviewOf({ authenticated: true, audiences: ['other'], user: { username: 'reader' } }), 401],
  ['not authenticated', reviewOf({ authenticated: false, audiences: [AUDIENCE], user: { username: 'reader' } }), 401],
  ['nobody', reviewOf({ authenticated: true, audiences: [AUDIENCE], user: {} }), 401],
]
for (const [why, body, code] of MALFORMED)
  test(`63: a review that is malformed lets nobody in: ${why}`, async () => {
    const served = guarded()
    served.reviews.instead = ({ path }) =>
      Promise.resolve(answerOf(201, body(path.endsWith('tokenreviews') ? 'TokenReview' : 'SubjectAccessReview')))
    const response = await get(served, '/recommendations', 'good-token')
    assert.equal(response.status, code)
    assert.equal(served.reviews.asked.length, 1, 'the fault was reached')
    assert.doesNotMatch(JSON.stringify(served.logged) + (await response.text()), /good-token/)
  })

test('63: an access review that is denied, or both, lets nobody in', async () => {
  for (const status of [{ allowed: false }, { allowed: true, denied: true }]) {
    const served = guarded()
    const tokens = fakeReviews({ users: { 'good-token': { username: 'reader' } }, rights: new Set() })
    served.reviews.instead = (asked) =>
      asked.path.endsWith('tokenreviews')
        ? tokens.request(asked)
        : Promise.resolve(answerOf(201, { kind: 'SubjectAccessReview', status }))
    assert.equal(await statusAt(served, '/status', 'good-token'), 403)
  }
})

test('63: a review API that is down gives 503 with a time, is left alone meanwhile, and asked again after', async () => {
  const served = guarded()
  served.reviews.instead = () => Promise.reject(new TransportError('unreachable', 'nobody there, good-token'))
  const response = await get(served, '/recommendations', 'good-token')
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '5'])
  for (let i = 0; i < 20; i++) assert.equal(await statusAt(served, '/recommendations', 'good-token'), 503)
  assert.equal(served.reviews.asked.length, 1)
  assert.equal(await statusAt(served, '/healthz'), 200, 'health does not hang on it')
  served.reviews.instead = undefined
  served.clock.advance(5000)
  assert.equal(await statusAt(served, '/recommendations', 'good-token'), 200)
})

for (const code of [401, 403, 404, 429, 500, 503])
  test(`63: a review answered with ${code} lets nobody in`, async () => {
    const served = guarded()
    served.reviews.instead = () => Promise.resolve(answerOf(code, { kind: 'Status', status: 'Failure' }))
    assert.equal(await statusAt(served, '/status', 'good-token'), 503)
  })

test('63: a review that never comes is given up after its time, and its turn is free again', async () => {
  const served = guarded()
  let ended = 0
  served.reviews.instead = ({ signal }) =>
    new Promise(() => signal?.addEventListener('abort', () => void ended++, { once: true }))
  const waiting = Array.from({ length: 40 }, (_, i) => get(served, '/status', `slow-${i}`))
  await rest()
  assert.equal(served.reviews.asked.length, 16, 'so many at once')
  served.clock.advance(5000)
  const responses = await Promise.all(waiting)
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([503]))
  assert.equal(ended, 16, 'what was asked is called off')
  assert.equal(served.reviews.asked.length, 16, 'those behind are not sent after a failure')
  served.reviews.instead = undefined
  served.clock.advance(5000)
  assert.equal(await statusAt(served, '/status', 'good-token'), 200)
})

test('63: a right that is known is good while the API is down, for its minute and no longer', async () => {
  const served = guarded()
  await get(served, '/recommendations', 'good-token')
  served.reviews.instead = () => Promise.reject(new TransportError('unreachable', 'nobody there'))
  served.clock.advance(30_000)
  assert.equal(await statusAt(served, '/recommendations', 'good-token'), 200)
  served.clock.advance(30_000)
  assert.equal(await statusAt(served, '/recommendations', 'good-token'), 503)
})

test('without a way to review tokens nobody is let in', async () => {
  const served = testApi({ config: OFF_LOOPBACK })
  assert.equal(await statusAt(served, '/recommendations', 'good-token'), 503)
  assert.equal(await statusAt(served, '/recommendations'), 401)
})

test('open reads need no token, and say so', async () => {
  const served = testApi({ config: { ...OFF_LOOPBACK, openReads: true } })
  served.publication.update(update([findingIn('shop', 'cart')]))
  const { items } = await read<Envelope>(await get(served, '/recommendations'))
  assert.equal(items.length, 1)
  const { server } = await read<ServedStatus>(await get(served, '/status'))
  assert.deepEqual(server, { reads: 'open', tls: true })
})

test('whoever has not said who they are is not told what readiness waits for', async () => {
  const status = () => statusOf({ ready: { synced: false, fresh: true, waitingFor: ['pods in namespace vault'] } })
  const served = testApi({ status, config: OFF_LOOPBACK })
  const response = await get(served, '/readyz')
  assert.equal(response.status, 503)
  assert.deepEqual(await response.json(), { ready: false, synced: false, fresh: true, waiting: 1 })
})

test('no token is ever logged or given out', async () => {
  const served = guarded()
  for (const token of ['good-token', 'team-token', 'idle-token', 'foreign-token'])
    for (const path of ['/recommendations', '/status', '/snapshot']) {
      const response = await get(served, path, token)
      assert.doesNotMatch((await response.text()) + JSON.stringify([...response.headers]), /-token/)
    }
  assert.doesNotMatch(JSON.stringify([served.logged, served.answered]), /-token/)
})
