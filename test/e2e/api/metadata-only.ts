import assert from 'node:assert/strict'
import { assertStatus, namesIn, pick, type Check } from './home.ts'

const as = (form: string): { accept: string } => ({ accept: `application/json;as=${form};g=meta.k8s.io;v=v1` })
const ONE = as('PartialObjectMetadata')
const LIST = as('PartialObjectMetadataList')

export const METADATA_ONLY: readonly Check[] = [
  [
    'a list of metadata has nothing else',
    async (home) => {
      await home.configMap('meta-a', { labels: { set: 'meta' } })
      const query = { labelSelector: 'set=meta' }
      const list = await home.expect({ path: home.core('configmaps'), query, headers: LIST })
      assert.equal(pick(list, 'kind'), 'PartialObjectMetadataList')
      assert.equal(pick(list, 'apiVersion'), 'meta.k8s.io/v1')
      assert.deepEqual(namesIn(list), ['meta-a'])
      assert.equal(pick(list, 'items.0.data'), undefined)
      const one = await home.expect({ path: home.core('configmaps/meta-a'), headers: ONE })
      assert.deepEqual([pick(one, 'kind'), pick(one, 'data')], ['PartialObjectMetadata', undefined])
    },
  ],
  [
    'a watch of metadata has nothing else, bookmarks among it',
    async (home) => {
      await home.configMap('meta-w', { labels: { set: 'meta-w' } })
      const query = {
        watch: '1',
        labelSelector: 'set=meta-w',
        allowWatchBookmarks: 'true',
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        timeoutSeconds: '5',
      }
      const watch = await home.open({ path: home.core('configmaps'), query, headers: ONE })
      const [added, mark] = [await watch.next(), await watch.next()]
      watch.close()
      assert.deepEqual(
        [added, mark].map((event) => [event?.type, pick(event?.object, 'kind'), pick(event?.object, 'data')]),
        [
          ['ADDED', 'PartialObjectMetadata', undefined],
          ['BOOKMARK', 'PartialObjectMetadata', undefined],
        ],
      )
    },
  ],
  [
    'a form that does not fit is not acceptable',
    async (home) => {
      const path = home.core('configmaps')
      for (const accept of [ONE.accept, 'application/json;as=PartialObjectMetadataList', 'text/html'])
        assertStatus(await home.expect({ path, headers: { accept } }, 406), { code: 406, reason: 'NotAcceptable' })
    },
  ],
  [
    'a watch in the form of a list ends at its first event, without a word',
    async (home) => {
      await home.configMap('meta-trap', { labels: { set: 'meta-trap' } })
      const query = { watch: '1', labelSelector: 'set=meta-trap', timeoutSeconds: '30' }
      const watch = await home.open({ path: home.core('configmaps'), query, headers: LIST })
      assert.equal(watch.status, 200)
      assert.deepEqual(await watch.rest(), [])
    },
  ],
]
