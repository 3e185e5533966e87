import assert from 'node:assert/strict'
import { assertStatus, jsonOf, namesIn, pick, type Check, type Home } from './home.ts'

const LETTERS = ['a', 'b', 'c', 'd', 'e']

/** Five ConfigMaps of one label; what it returns selects them. */
async function five(home: Home, set: string): Promise<Record<string, string>> {
  for (const letter of LETTERS) await home.configMap(`${set}-${letter}`, { labels: { set, letter } })
  return { labelSelector: `set=${set}` }
}

const names = (set: string, letters: readonly string[] = LETTERS): string[] =>
  letters.map((letter) => `${set}-${letter}`)
const oldToken = (rv: number): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start: 'zz\u0000' })).toString('base64url')

export const LISTS: readonly Check[] = [
  [
    'a list is sorted by name, its items say no kind',
    async (home) => {
      const query = await five(home, 'plain')
      const list = await home.expect({ path: home.core('configmaps'), query })
      assert.equal(pick(list, 'kind'), 'ConfigMapList')
      assert.equal(pick(list, 'apiVersion'), 'v1')
      assert.match(String(pick(list, 'metadata.resourceVersion')), /^[1-9]\d*$/)
      assert.deepEqual(namesIn(list), names('plain'))
      assert.deepEqual([pick(list, 'items.0.kind'), pick(list, 'items.0.apiVersion')], [undefined, undefined])
    },
  ],
  [
    'pages are all of the state that the first was of, whatever happens meanwhile',
    async (home) => {
      const { labelSelector = '' } = await five(home, 'paged')
      const path = home.core('configmaps')
      const first = await home.expect({ path, query: { labelSelector, limit: '2' } })
      await home.configMap('paged-ca', { labels: { set: 'paged' } })
      await home.expect({ method: 'DELETE', path: home.core('configmaps/paged-d') })
      const token = String(pick(first, 'metadata.continue'))
      const second = await home.expect({ path, query: { labelSelector, limit: '2', continue: token } })
      const next = String(pick(second, 'metadata.continue'))
      const last = await home.expect({ path, query: { labelSelector, limit: '2', continue: next } })
      assert.deepEqual([first, second, last].flatMap(namesIn), names('paged'))
      assert.deepEqual(
        [pick(last, 'metadata.continue'), pick(first, 'metadata.remainingItemCount')],
        [undefined, undefined],
      )
      const version = pick(first, 'metadata.resourceVersion')
      assert.deepEqual(
        [second, last].map((list) => pick(list, 'metadata.resourceVersion')),
        [version, version],
      )
    },
  ],
  [
    'a page of everything says how much is left',
    async (home) => {
      const path = home.core('secrets')
      for (const name of ['one', 'two', 'three']) await home.create(path, { metadata: { name } })
      const list = await home.expect({ path, query: { limit: '1' } })
      assert.deepEqual([namesIn(list).length, pick(list, 'metadata.remainingItemCount')], [1, 2])
    },
  ],
  [
    'a broken token is refused, and one that is too old comes with another',
    async (home) => {
      const path = home.core('configmaps')
      const broken = await home.expect({ path, query: { limit: '1', continue: 'nonsense!' } }, 400)
      assertStatus(broken, {
        code: 400,
        reason: 'BadRequest',
        message: /^invalid continue token: continue key is not valid: /,
      })
      const reply = await home.send({ path, query: { limit: '1', continue: oldToken(1) } })
      // A young server may still know its first revision.
      if (reply.status === 200) return assert.deepEqual(namesIn(jsonOf(reply)), [])
      assertStatus(jsonOf(reply), {
        code: 410,
        reason: 'Expired',
        message: /^The provided continue parameter is too old/,
      })
      const again: unknown = JSON.parse(
        Buffer.from(String(pick(jsonOf(reply), 'metadata.continue')), 'base64').toString(),
      )
      assert.deepEqual([pick(again, 'v'), pick(again, 'rv'), pick(again, 'start')], ['meta.k8s.io/v1', -1, 'zz\u0000'])
    },
  ],
  [
    'labels select',
    async (home) => {
      await five(home, 'labels')
      const selected = async (selector: string): Promise<unknown[]> =>
        namesIn(
          await home.expect({ path: home.core('configmaps'), query: { labelSelector: `set=labels,${selector}` } }),
        )
      assert.deepEqual(await selected('letter=a'), names('labels', ['a']))
      assert.deepEqual(await selected('letter!=a'), names('labels', ['b', 'c', 'd', 'e']))
      assert.deepEqual(await selected('letter in (a,c)'), names('labels', ['a', 'c']))
      assert.deepEqual(await selected('letter notin (a, c)'), names('labels', ['b', 'd', 'e']))
      assert.deepEqual(await selected('letter'), names('labels'))
      assert.deepEqual(await selected('!letter'), [])
      assert.deepEqual(await selected('nothing!=x'), names('labels'))
      const query = { labelSelector: 'a=b=c' }
      const refused = await home.expect({ path: home.core('configmaps'), query }, 400)
      assertStatus(refused, { code: 400, reason: 'BadRequest' })
    },
  ],
  [
    'fields select, and only those that the kind has',
    async (home) => {
      await five(home, 'fields')
      const path = home.core('configmaps')
      const query = { fieldSelector: 'metadata.name=fields-b' }
      assert.deepEqual(namesIn(await home.expect({ path, query })), ['fields-b'])
      const everywhere = { fieldSelector: `metadata.namespace=${home.namespace},metadata.name=fields-c` }
      const all = await home.expect({ path: '/api/v1/configmaps', query: everywhere })
      assert.deepEqual(namesIn(all), ['fields-c'])
      const refused = await home.expect({ path, query: { fieldSelector: 'data.name=x' } }, 400)
      const message = '"data.name" is not a known field selector: only "metadata.name", "metadata.namespace"'
      assertStatus(refused, { code: 400, reason: 'BadRequest', message })
      const pods = await home.expect({ path: home.core('pods'), query: { fieldSelector: 'spec.foo=x' } }, 400)
      assertStatus(pods, { code: 400, reason: 'BadRequest', message: 'field label not supported: spec.foo' })
    },
  ],
  [
    'an exact revision is shown as it was',
    async (home) => {
      const path = home.core('configmaps')
      const query = { labelSelector: 'set=exact' }
      await home.configMap('exact-a', { labels: { set: 'exact' } })
      const resourceVersion = await home.versionOf(path)
      await home.configMap('exact-b', { labels: { set: 'exact' } })
      const then = await home.expect({ path, query: { ...query, resourceVersion, resourceVersionMatch: 'Exact' } })
      assert.deepEqual(namesIn(then), ['exact-a'])
      assert.equal(pick(then, 'metadata.resourceVersion'), resourceVersion)
      const since = await home.expect({ path, query: { ...query, resourceVersion } })
      assert.deepEqual(namesIn(since), ['exact-a', 'exact-b'])
    },
  ],
  [
    'what does not go together in a list is refused',
    async (home) => {
      const path = home.core('configmaps')
      const alone = await home.expect({ path, query: { resourceVersionMatch: 'Exact' } }, 422)
      assertStatus(alone, {
        code: 422,
        reason: 'Invalid',
        message: /resourceVersionMatch is forbidden unless resourceVersion is provided/,
      })
      const initial = await home.expect({ path, query: { sendInitialEvents: 'true' } }, 422)
      assertStatus(initial, { code: 422, reason: 'Invalid', message: /sendInitialEvents is forbidden for list/ })
      assert.equal(pick(initial, 'details.causes.0.field'), 'sendInitialEvents')
    },
  ],
  [
    'a revision of the future is waited for, and then told to be too large',
    async (home) => {
      const path = home.core('configmaps')
      const resourceVersion = String(Number(await home.versionOf(path)) + 1_000_000)
      const query = { resourceVersion, resourceVersionMatch: 'NotOlderThan' }
      const reply = await home.send({ path, query })
      assertStatus(jsonOf(reply), { code: 504, reason: 'Timeout', message: /^Timeout: Too large resource version: / })
      assert.deepEqual([reply.status, reply.headers['retry-after']], [504, '1'])
      assert.equal(pick(jsonOf(reply), 'details.causes.0.reason'), 'ResourceVersionTooLarge')
      assert.equal(pick(jsonOf(reply), 'details.retryAfterSeconds'), 1)
    },
  ],
  [
    'a namespace that is not there has nothing in it',
    async (home) => {
      const list = await home.expect({ path: '/api/v1/namespaces/nobody-has-this/pods' })
      assert.deepEqual(namesIn(list), [])
    },
  ],
  [
    'a large list is compressed for whoever takes that, a small one is not',
    async (home) => {
      const path = home.core('configmaps')
      const data = { text: 'dogwatch '.repeat(2000) }
      for (let index = 0; index < 12; index++)
        await home.create(path, { metadata: { name: `large-${index}`, labels: { set: 'large' } }, data })
      const headers = { 'accept-encoding': 'gzip' }
      const large = await home.send({ path, query: { labelSelector: 'set=large' }, headers })
      assert.equal(large.headers['content-encoding'], 'gzip')
      assert.equal(namesIn(jsonOf(large)).length, 12)
      const plain = await home.send({ path, query: { labelSelector: 'set=large' } })
      const small = await home.send({ path, query: { labelSelector: 'set=nothing' }, headers })
      assert.deepEqual(
        [plain, small].map((reply) => reply.headers['content-encoding']),
        [undefined, undefined],
      )
    },
  ],
]
