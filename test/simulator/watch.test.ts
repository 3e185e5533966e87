import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { simulation, textOf, Watching } from '../support/simulator.ts'

const PODS = '/api/v1/pods'
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } })
const ref = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name })
const MARKS = { allowWatchBookmarks: 'true' }
const INITIAL = { ...MARKS, sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }

test('bookmarks come 59 to 61 s apart, and once or twice before the deadline', async () => {
  const { clock, server } = simulation()
  const began = clock.now()
  const watch = new Watching(server, PODS, { ...MARKS, timeoutSeconds: '280' })
  const at: number[] = []
  while (watch.ended === 'open') {
    await clock.advance(100)
    while (at.length < watch.told.length) at.push((clock.now() - began) / 1000)
  }
  const last = at.filter((second) => second > 270)
  const regular = at.filter((second) => second <= 270)
  assert.equal(regular.length, 4)
  for (const [index, second] of regular.entries()) {
    const gap = second - (regular[index - 1] ?? 0)
    assert.ok(gap >= 58.9 && gap <= 61.1, `${gap} s`)
  }
  assert.ok(last.length >= 1 && last.length <= 2)
  for (const second of last) assert.ok(280 - second >= 0.8 && 280 - second <= 2.6, `${280 - second} s before`)
  assert.deepEqual([watch.ended, clock.now() - began], ['end', 280_000])
})

test('a bookmark moves on with other kinds', async () => {
  const { clock, server } = simulation()
  const watch = new Watching(server, PODS, MARKS)
  server.table.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } })
  await clock.advance(61_000)
  assert.equal(watch.told[0]?.object.metadata?.resourceVersion, String(server.table.revision))
  watch.leave()
})

test('nothing is lost between what is there and what happens while it is read', async () => {
  const { clock, server } = simulation()
  for (const name of ['a', 'b', 'c']) server.table.create(pod(name))
  const watch = new Watching(server, PODS, INITIAL)
  // The request is on its way, and not a byte of the answer is read.
  await Promise.resolve()
  server.table.remove(ref('b'))
  await clock.advance(10)
  server.table.create(pod('b'))
  await clock.advance(10)
  const told = watch.lines.join(', ')
  assert.match(told, /^ADDED a, (?:ADDED b, ADDED c, BOOKMARK, DELETED b|ADDED c, BOOKMARK), ADDED b$/)
  watch.leave()
})

test('a watch from before the window of history fails in the stream with 410', async () => {
  const { clock, server } = simulation({ history: 5 })
  const resourceVersion = String(server.table.revision)
  for (let count = 0; count < 6; count++) server.table.create(pod(`p${count}`))
  const watch = new Watching(server, PODS, { resourceVersion })
  await clock.advance(10)
  assert.deepEqual([watch.status, watch.told[0]?.object.code, watch.ended], [200, 410, 'end'])
})

test('a watch that is open outlives a compaction', async () => {
  const { clock, server } = simulation()
  const watch = new Watching(server, PODS)
  await clock.advance(10)
  server.table.compact()
  server.table.create(pod('a'))
  await clock.advance(10)
  assert.deepEqual([watch.lines, watch.ended], [['ADDED a'], 'open'])
  watch.leave()
})

test('a watcher that does not read is cut off', async () => {
  const { clock, server } = simulation({ mostWaiting: 3 })
  const { body } = await server.request({ method: 'GET', path: PODS, query: { watch: '1' } })
  for (let count = 0; count < 4; count++) server.table.create(pod(`p${count}`))
  const chunks: unknown[] = []
  for await (const chunk of body) chunks.push(chunk)
  await clock.advance(10)
  assert.deepEqual([chunks.length, server.log.entries[0]?.ended], [0, 'whole'])
})

test('a server without WatchList says so', async () => {
  const { server } = simulation({ watchList: false })
  const { status, body } = await server.request({ method: 'GET', path: PODS, query: { watch: '1', ...INITIAL } })
  let text = ''
  for await (const chunk of body) text += Buffer.from(chunk).toString()
  assert.equal(status, 422)
  assert.match(text, /sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled/)
})

test('whoever goes leaves no timer and no listener behind', async () => {
  const { clock, server } = simulation()
  const watch = new Watching(server, PODS, MARKS)
  await clock.advance(10)
  assert.ok(clock.waiting > 0)
  watch.leave()
  await clock.advance(10)
  assert.deepEqual([clock.waiting, server.log.entries[0]?.ended], [0, 'left'])
})

const STEP = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  remove: fc.boolean(),
  app: fc.constantFrom('web', 'db'),
})

test('a list of any revision, and a watch from there, come to what is there at the end, whatever is selected', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 30 }), fc.nat(30), fc.nat(30), async (steps, from, until) => {
      const { clock, server } = simulation()
      const query = { labelSelector: 'app=web' }
      const listed = async (more: object = {}) => {
        const { body } = await server.request({ method: 'GET', path: PODS, query: { ...query, ...more } })
        return JSON.parse(await textOf(body)) as { items: { metadata: { name: string } }[] }
      }
      const revisions = [server.table.revision]
      let watch: Watching | undefined
      let resourceVersion = ''
      for (const [index, { name, remove, app }] of steps.entries()) {
        const object = { ...pod(name), metadata: { ...pod(name).metadata, labels: { app } } }
        if (remove) server.table.remove(ref(name))
        else if (server.table.get(ref(name))) server.table.update({ ...object, spec: { index } })
        else server.table.create(object)
        revisions.push(server.table.revision)
        if (index !== until % steps.length) continue
        resourceVersion = String(revisions[from % revisions.length])
        watch = new Watching(server, PODS, { ...query, resourceVersion })
        await clock.advance(1)
      }
      if (watch === undefined) return
      await clock.advance(1)
      const then = await listed({ resourceVersion, resourceVersionMatch: 'Exact' })
      const seen = new Set(then.items.map(({ metadata }) => metadata.name))
      for (const { type, object } of watch.told) {
        const name = object.metadata?.name ?? ''
        assert.equal(seen.has(name), type !== 'ADDED', `${type} ${name}`)
        if (type === 'DELETED') seen.delete(name)
        else seen.add(name)
      }
      const { items } = await listed()
      assert.deepEqual(seen, new Set(items.map(({ metadata }) => metadata.name)))
      watch.leave()
    }),
    { numRuns: 60 },
  )
})
