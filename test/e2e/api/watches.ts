import assert from 'node:assert/strict'
import { assertStatus, nameIn, pick, type Check, type Home } from './home.ts'

type Query = Readonly<Record<string, string>>

const watching = (home: Home, query: Query, plural = 'configmaps') =>
  home.open({ path: home.core(plural), query: { watch: '1', timeoutSeconds: '20', ...query } })

const patch = (home: Home, name: string, body: object) =>
  home.expect({ method: 'PATCH', path: home.core(`configmaps/${name}`), body })

const remove = (home: Home, name: string) => home.expect({ method: 'DELETE', path: home.core(`configmaps/${name}`) })

const INITIAL = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }
const END = 'k8s.io/initial-events-end'

/** The end mark has a dot in its name, so it is not to be had by a path. */
function endMark(object: unknown): boolean {
  const annotations = pick(object, 'metadata.annotations')
  return (
    typeof annotations === 'object' &&
    annotations !== null &&
    Object.entries(annotations).some(([name, value]) => name === END && value === 'true')
  )
}

export const WATCHES: readonly Check[] = [
  [
    'a watch tells what happens, in order, with rising revisions',
    async (home) => {
      const resourceVersion = await home.versionOf(home.core('configmaps'))
      const watch = await watching(home, { resourceVersion, labelSelector: 'set=order' })
      await home.configMap('order', { labels: { set: 'order' } })
      await patch(home, 'order', { data: { more: 'yes' } })
      await remove(home, 'order')
      const events = [await watch.next(), await watch.next(), await watch.next()]
      watch.close()
      assert.deepEqual(
        events.map((event) => [event?.type, pick(event?.object, 'kind'), pick(event?.object, 'data.more')]),
        [
          ['ADDED', 'ConfigMap', undefined],
          ['MODIFIED', 'ConfigMap', 'yes'],
          ['DELETED', 'ConfigMap', 'yes'],
        ],
      )
      const versions = events.map((event) => Number(pick(event?.object, 'metadata.resourceVersion')))
      assert.deepEqual(
        versions,
        [...new Set(versions)].toSorted((a, b) => a - b),
      )
    },
  ],
  [
    'a watch from a revision tells what happened since, one without tells what is there first',
    async (home) => {
      await home.configMap('since-a', { labels: { set: 'since' } })
      const resourceVersion = await home.versionOf(home.core('configmaps'))
      await home.configMap('since-b', { labels: { set: 'since' } })
      const since = await watching(home, { resourceVersion, labelSelector: 'set=since', timeoutSeconds: '1' })
      assert.deepEqual((await since.rest()).map(nameIn), ['since-b'])
      const all = await watching(home, { labelSelector: 'set=since', timeoutSeconds: '1' })
      const events = await all.rest()
      assert.deepEqual(new Set(events.map(nameIn)), new Set(['since-a', 'since-b']))
      assert.deepEqual([...new Set(events.map(({ type }) => type))], ['ADDED'])
    },
  ],
  [
    'an object that is selected no longer is gone for that watch',
    async (home) => {
      const resourceVersion = await home.versionOf(home.core('configmaps'))
      const watch = await watching(home, { resourceVersion, labelSelector: 'choose=me' })
      await home.configMap('choose', {})
      await patch(home, 'choose', { metadata: { labels: { choose: 'me' } } })
      await patch(home, 'choose', { metadata: { labels: { choose: 'other' } } })
      const [made, gone] = [await watch.next(), await watch.next()]
      watch.close()
      assert.deepEqual([made?.type, gone?.type], ['ADDED', 'DELETED'])
      assert.equal(pick(gone?.object, 'metadata.labels.choose'), 'me')
      assert.ok(
        Number(pick(gone?.object, 'metadata.resourceVersion')) > Number(pick(made?.object, 'metadata.resourceVersion')),
      )
    },
  ],
  [
    'at its deadline a watch ends, whole',
    async (home) => {
      const resourceVersion = await home.versionOf(home.core('configmaps'))
      const watch = await watching(home, { resourceVersion, labelSelector: 'set=nothing', timeoutSeconds: '1' })
      assert.deepEqual([watch.status, await watch.rest()], [200, []])
    },
  ],
  [
    'bookmarks come before the deadline, for whoever asks',
    async (home) => {
      const resourceVersion = await home.versionOf(home.core('configmaps'))
      const query = { resourceVersion, labelSelector: 'set=nothing', timeoutSeconds: '6' }
      const watches = [await watching(home, { ...query, allowWatchBookmarks: 'true' }), await watching(home, query)]
      await home.configMap('moves-the-revision')
      const [marks = [], none = []] = await Promise.all(watches.map((watch) => watch.rest()))
      assert.ok(marks.length > 0)
      assert.deepEqual(none, [])
      for (const { type, object } of marks) {
        assert.deepEqual([type, pick(object, 'kind'), pick(object, 'apiVersion')], ['BOOKMARK', 'ConfigMap', 'v1'])
        assert.ok(!endMark(object))
      }
      const last = Number(pick(marks.at(-1)?.object, 'metadata.resourceVersion'))
      assert.ok(last > Number(resourceVersion), 'the revision moves on with what is not selected')
    },
  ],
  [
    'a watch from before what is remembered fails in the stream',
    async (home) => {
      const watch = await watching(home, { resourceVersion: '1' })
      const event = await watch.next()
      assert.equal(watch.status, 200)
      // A server that has been there since its first revision still remembers that.
      if (event?.type !== 'ERROR') return watch.close()
      assert.equal(await watch.next(), undefined)
      assertStatus(event.object, {
        code: 410,
        reason: 'Expired',
        message: /^too old resource version: 1 \(\d+\)$/,
      })
    },
  ],
  [
    'a watch from the future is silent',
    async (home) => {
      const resourceVersion = String(Number(await home.versionOf(home.core('configmaps'))) + 1_000_000)
      const query = { resourceVersion, allowWatchBookmarks: 'true', timeoutSeconds: '4' }
      const watch = await watching(home, query)
      await home.configMap('future', {})
      assert.deepEqual([watch.status, await watch.rest()], [200, []])
    },
  ],
  [
    'a watch of one object by its name',
    async (home) => {
      await home.configMap('by-name', {})
      await home.configMap('by-name-not', {})
      const watch = await watching(home, { fieldSelector: 'metadata.name=by-name', timeoutSeconds: '1' })
      assert.deepEqual((await watch.rest()).map(nameIn), ['by-name'])
    },
  ],
]

const REFUSED: readonly (readonly [query: Query, message: RegExp])[] = [
  [
    { watch: '1', sendInitialEvents: 'true' },
    /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
  ],
  [{ watch: '1', sendInitialEvents: 'true', resourceVersionMatch: 'Exact' }, /resourceVersionMatch/],
  [
    { watch: '1', resourceVersionMatch: 'NotOlderThan' },
    /resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided/,
  ],
]

export const WATCH_LISTS: readonly Check[] = [
  [
    'a watch that begins with what is there says where that ends, and goes on',
    async (home) => {
      for (const name of ['list-b', 'list-a']) await home.configMap(name, { labels: { set: 'list' } })
      const watch = await watching(home, { ...INITIAL, labelSelector: 'set=list' })
      const first = [await watch.next(), await watch.next()]
      const mark = await watch.next()
      await home.configMap('list-c', { labels: { set: 'list' } })
      const next = await watch.next()
      watch.close()
      assert.deepEqual(
        first.map((event) => [event?.type, event && nameIn(event), pick(event?.object, 'kind')]),
        [
          ['ADDED', 'list-a', 'ConfigMap'],
          ['ADDED', 'list-b', 'ConfigMap'],
        ],
      )
      assert.equal(mark?.type, 'BOOKMARK')
      assert.ok(endMark(mark?.object), JSON.stringify(mark))
      assert.deepEqual([next?.type, next && nameIn(next)], ['ADDED', 'list-c'])
      const [at, after] = [mark, next].map((event) => Number(pick(event?.object, 'metadata.resourceVersion')))
      assert.ok(at !== undefined && after !== undefined && at < after)
    },
  ],
  [
    'where nothing is there, the end comes first',
    async (home) => {
      const watch = await watching(home, { ...INITIAL, labelSelector: 'set=nothing' })
      const mark = await watch.next()
      watch.close()
      assert.ok(mark?.type === 'BOOKMARK' && endMark(mark.object))
    },
  ],
  [
    'a state of the future is waited for, and then told in the stream to be too large',
    async (home) => {
      const resourceVersion = String(Number(await home.versionOf(home.core('configmaps'))) + 1_000_000)
      const watch = await watching(home, { ...INITIAL, resourceVersion })
      const event = await watch.next()
      assert.deepEqual([watch.status, event?.type, await watch.next()], [200, 'ERROR', undefined])
      assertStatus(event?.object, { code: 504, reason: 'Timeout', message: /^Timeout: Too large resource version: / })
    },
  ],
  [
    'who takes no bookmarks never hears of the end',
    async (home) => {
      await home.configMap('no-mark', { labels: { set: 'no-mark' } })
      const { allowWatchBookmarks: _, ...query } = INITIAL
      const watch = await watching(home, { ...query, labelSelector: 'set=no-mark', timeoutSeconds: '2' })
      assert.deepEqual(
        (await watch.rest()).map(({ type }) => type),
        ['ADDED'],
      )
    },
  ],
  [
    'what does not go together in a watch is refused',
    async (home) => {
      for (const [query, message] of REFUSED)
        assertStatus(await home.expect({ path: home.core('configmaps'), query }, 422), {
          code: 422,
          reason: 'Invalid',
          message,
        })
    },
  ],
]
