import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulation, textOf } from '../support/simulator.ts'
import { rest } from '../../src/util/virtual-clock.ts'

const pod = (name: string, namespace = 'shop') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } })

test('lists and then watches', async () => {
  const { clock, server } = simulation()
  server.table.create(pod('b'))
  server.table.create(pod('a'))
  const listed = await server.request({ method: 'GET', path: '/api/v1/pods', query: { limit: '1' } })
  const text = await textOf(listed.body)
  assert.equal(listed.status, 200)
  const list = JSON.parse(text) as { metadata: { resourceVersion: string; continue: string }; items: unknown[] }
  assert.equal(list.items.length, 1)
  const watched = await server.request({
    method: 'GET',
    path: '/api/v1/pods',
    query: {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '100',
      resourceVersion: list.metadata.resourceVersion,
    },
  })
  const lines: string[] = []
  const reading = (async () => {
    for await (const chunk of watched.body) lines.push(Buffer.from(chunk).toString())
  })()
  await rest()
  server.table.create(pod('c'))
  await clock.advance(200_000)
  await reading
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { type: string }).type),
    ['ADDED', 'BOOKMARK', 'BOOKMARK'],
  )
  assert.equal(clock.waiting, 0)
  assert.equal(server.log.entries[1]?.ended, 'whole')
})
