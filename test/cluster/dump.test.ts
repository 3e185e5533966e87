import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeOf } from '../../src/cluster/cluster-look.ts'
import { lookAtDump } from '../../src/cluster/dump-look.ts'
import { DumpError } from '../../src/cluster/dump.ts'
import type { Look } from '../../src/cluster/look.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

const object = (kind: string, name: string, namespace?: string): object => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid: `uid-of-${name}`, ...(namespace ? { namespace } : {}) },
})

const list = (items: readonly unknown[], annotations?: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'List',
  metadata: annotations ? { annotations } : {},
  items,
})

const look = (documents: readonly object[], complete = false): ReturnType<typeof lookAtDump> =>
  lookAtDump(
    documents.map((json, i) => ({ file: `${i}.json`, text: JSON.stringify(json) })),
    { complete, now: NOW },
  )

const blindness = (seen: Look): string | undefined => (typeof seen === 'object' ? seen.unknown : undefined)

const LISTED = { 'dogwatch.io/listed': 'pods,nodes', 'dogwatch.io/recorded-at': '2026-11-21T09:00:00Z' }

test('an annotated dump says what was looked at and when', () => {
  const seen = look([list([object('Pod', 'a', 'shop')], LISTED)])
  const store = storeOf(seen, undefined)
  assert.equal(seen.takenAt, Date.parse('2026-11-21T09:00:00Z'))
  assert.equal(store.look('nodes'), 'listed')
  assert.deepEqual(store.look('services', 'shop'), { unknown: 'not-listed', detail: 'services: nobody looked' })
  assert.equal(blindness(store.look('volumesnapshots.snapshot.storage.k8s.io', 'shop')), 'not-installed')
  assert.equal(blindness(store.look('verticalpodautoscalers.autoscaling.k8s.io', 'shop')), 'not-installed')
  assert.equal(blindness(store.look('rollouts.argoproj.io', 'shop')), 'not-installed')
  assert.deepEqual(seen.hints, [])
})

test('a dump of some namespaces promises nothing of others, and of cluster-scoped kinds only what those refer to', () => {
  const store = storeOf(look([list([], { ...LISTED, 'dogwatch.io/listed-namespaces': 'shop' })]), undefined)
  assert.equal(store.look('pods', 'shop'), 'listed')
  assert.equal(blindness(store.look('pods', 'bank')), 'not-listed')
  assert.equal(blindness(store.look('pods')), 'not-listed')
  assert.equal(store.look('nodes'), 'referred')
})

test('a dump without a word counts as listing the kinds that are in it, and no others', () => {
  const seen = look([list([object('Pod', 'a', 'shop')])])
  const store = storeOf(seen, undefined)
  assert.equal(store.look('pods', 'shop'), 'listed')
  assert.equal(blindness(store.look('nodes')), 'not-listed')
  assert.equal(blindness(store.look('rollouts.argoproj.io')), 'not-listed')
  assert.equal(seen.hints.length, 2)
})

test('--complete is the word that everything is there', () => {
  const store = storeOf(look([list([object('Pod', 'a', 'shop')])], true), undefined)
  assert.equal(store.look('persistentvolumes'), 'listed')
  assert.equal(blindness(store.look('pods.metrics.k8s.io')), 'not-listed')
})

test('several documents, a typed list and a single object add up', () => {
  const typed = { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'b', namespace: 'shop', uid: 'b' } }] }
  const seen = look([list([object('Pod', 'a', 'shop')]), typed, object('Node', 'n')])
  const store = storeOf(seen, undefined)
  assert.deepEqual(
    store.all('pods').map((pod) => pod.metadata.name),
    ['a', 'b'],
  )
  assert.equal(store.look('nodes'), 'listed')
})

test('the cluster is the uid of kube-system, the name that was given, or dump', () => {
  const seen = look([list([object('Namespace', 'kube-system')])])
  assert.equal(storeOf(seen, undefined).cluster, 'uid-of-kube-system')
  assert.equal(storeOf(seen, 'prod').cluster, 'prod')
  assert.equal(storeOf(look([list([])]), undefined).cluster, 'dump')
})

test('what is no dump is refused, with its place', () => {
  assert.throws(() => lookAtDump([{ file: 'x.json', text: '{' }], { complete: false, now: NOW }), /x\.json: not JSON/)
  assert.throws(() => look([list([{ kind: 'Pod' }])]), new DumpError('0.json: item 0 has no apiVersion or kind'))
  assert.throws(
    () => look([list([{ apiVersion: 'v1', kind: 'Pod' }])]),
    new DumpError('0.json: item 0 (Pod) has no metadata.name'),
  )
  assert.throws(() => look([list([7])]), new DumpError('0.json: item 0 is no object'))
})

test('an object that occurs twice is held once', () => {
  const store = storeOf(look([list([object('Pod', 'a', 'shop')]), list([object('Pod', 'a', 'shop')])]), undefined)
  assert.equal(store.all('pods').length, 1)
})
