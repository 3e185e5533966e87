import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { KubeObject } from '../../src/simulator/object.ts'
import { ObjectTable, TableError } from '../../src/simulator/table.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'
import { NOW } from '../support/build.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'

const POD = { apiVersion: 'v1', kind: 'Pod' }
const pod = (name: string, more: object = {}) => ({ ...POD, metadata: { name, namespace: 'shop' }, ...more })
const tableOf = (history = 100): ObjectTable =>
  new ObjectTable({ clock: new VirtualClock(NOW), random: seededRandom(1), history })
const names = (objects: Iterable<KubeObject> | undefined): string[] | undefined =>
  objects && [...objects].map(({ metadata }) => metadata.name)
const fault = (wanted: string) => (error: unknown) => error instanceof TableError && error.fault === wanted

test('objects get a uid, a time and a revision of the whole table', () => {
  const table = tableOf()
  const made = table.create(pod('a'))
  const node = table.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } })
  assert.match(made.metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  assert.equal(made.metadata.creationTimestamp, '2026-11-21T12:00:00Z')
  assert.equal(Number(node.metadata.resourceVersion), Number(made.metadata.resourceVersion) + 1)
  assert.equal(tableOf().create(pod('a')).metadata.uid, made.metadata.uid)
  assert.throws(() => table.create(pod('a')), fault('exists'))
})

test('a version that is named must be the one that is there, and what changes nothing is no change', () => {
  const table = tableOf()
  const made = table.create(pod('a', { spec: { x: 1 } }))
  const changed = table.update({ ...made, spec: { x: 2 } })
  assert.throws(() => table.update({ ...made, spec: { x: 3 } }), fault('conflict'))
  assert.throws(() => table.update(pod('b')), fault('absent'))
  assert.equal(table.update(structuredClone(changed)), changed)
  assert.equal(String(table.revision), changed.metadata.resourceVersion)
})

test('a changed spec raises the generation, a changed status does not', () => {
  const table = tableOf()
  const made = table.create({ ...pod('a'), metadata: { ...pod('a').metadata, generation: 1 }, spec: { x: 1 } })
  const status = table.edit({ ...POD, namespace: 'shop', name: 'a' }, (object) => ({ ...object, status: { y: 1 } }))
  const spec = table.edit({ ...POD, namespace: 'shop', name: 'a' }, (object) => ({ ...object, spec: { x: 2 } }))
  assert.deepEqual(
    [made, status, spec].map((object) => object?.metadata.generation),
    [1, 1, 2],
  )
})

test('listeners hear of each change once, in order; the end carries the revision of the end', () => {
  const table = tableOf()
  const heard: string[] = []
  const stop = table.subscribe(({ before, after, revision }) => {
    heard.push(`${before?.metadata.resourceVersion ?? '-'} ${after?.metadata.resourceVersion ?? '-'} ${revision}`)
  }, POD)
  table.create(pod('a'))
  table.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } })
  table.remove({ ...POD, namespace: 'shop', name: 'a' })
  stop()
  table.create(pod('b'))
  assert.deepEqual(heard, ['- 101 101', '103 - 103'])
})

test('the changes that are no longer kept are not told', () => {
  const table = tableOf(10)
  const begin = table.revision
  for (let count = 0; count < 11; count++) table.create(pod(`pod-${count}`))
  assert.equal(table.changesSince(POD, begin), undefined)
  assert.equal(table.changesSince(POD, begin + 1)?.length, 10)
  table.compact()
  assert.equal(table.changesSince(POD, begin + 5), undefined)
  assert.deepEqual(table.changesSince(POD, table.revision), [])
})

test('an older state comes back whole, revision and all', () => {
  const table = tableOf()
  table.create(pod('a'))
  const state = table.snapshot()
  table.create(pod('b'))
  table.remove({ ...POD, namespace: 'shop', name: 'a' })
  table.restore(state)
  assert.deepEqual([names(table.list(POD)), table.revision], [['a'], state.revision])
  const copy = tableOf()
  copy.restore(state)
  assert.deepEqual(copy.list(POD), table.list(POD))
})

test('every revision that is kept is shown as it was, in order, from any key on', () => {
  const step = fc.record({ name: fc.integer({ min: 0, max: 12 }), remove: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 12 }), (steps, from) => {
      const table = tableOf(1000)
      const states = new Map<number, string[]>([[table.revision, []]])
      for (const { name, remove } of steps) {
        const ref = { ...POD, namespace: 'shop', name: `p${String(name).padStart(2, '0')}` }
        if (remove) table.remove(ref)
        else if (table.get(ref)) table.edit(ref, (object) => ({ ...object, spec: { at: table.revision } }))
        else table.create(pod(ref.name))
        states.set(table.revision, names(table.list(POD)) ?? [])
      }
      const key = `shop/p${String(from).padStart(2, '0')}`
      for (const [revision, there] of states) {
        assert.deepEqual(
          there,
          [...there].toSorted((a, b) => (a < b ? -1 : 1)),
        )
        assert.deepEqual(names(table.scan(POD, revision)), there)
        assert.deepEqual(
          names(table.scan(POD, revision, key)),
          there.filter((name) => `shop/${name}` >= key),
        )
      }
    }),
  )
})
