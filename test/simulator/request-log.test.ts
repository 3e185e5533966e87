import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulation, textOf, Watching } from '../support/simulator.ts'

test('every request is noted: who, what, how much, how it ended', async () => {
  const { server, clock } = simulation()
  const began = clock.now()
  const { body } = await server.request({ method: 'GET', path: '/api/v1/namespaces/shop/pods?limit=5' })
  const text = await textOf(body)
  const watch = new Watching(server, '/apis/apps/v1/deployments')
  await clock.advance(1000)
  assert.deepEqual(
    server.log.open().map(({ resource }) => resource),
    ['deployments.apps'],
  )
  watch.leave()
  await clock.advance(1000)
  await server.request({ method: 'POST', path: '/api/v1/namespaces', body: '{"metadata":{"name":"shop"}}' })
  const [list, watched, write] = server.log.entries
  assert.deepEqual(list, {
    at: began,
    method: 'GET',
    path: '/api/v1/namespaces/shop/pods',
    query: { limit: '5' },
    verb: 'list',
    resource: 'pods',
    namespace: 'shop',
    sent: '',
    user: 'kubernetes-admin',
    status: 200,
    bytes: text.length,
    endedAt: began,
    ended: 'whole',
  })
  assert.deepEqual([watched?.verb, watched?.ended, watched?.endedAt], ['watch', 'left', began + 1000])
  assert.deepEqual(server.log.writes, [write])
  assert.match(write?.sent ?? '', /shop/)
})

test('requests are found by what they are and when', async () => {
  const { server, clock } = simulation()
  const began = clock.now()
  for (let count = 0; count < 6; count++) {
    await server.request({ method: 'GET', path: count % 2 === 0 ? '/api/v1/pods' : '/api/v1/nodes' })
    await clock.advance(1000)
  }
  assert.equal(server.log.count({ resource: 'pods' }), 3)
  assert.equal(server.log.count({ resource: 'pods', from: began + 1000 }), 2)
  assert.equal(server.log.count({ verb: 'watch' }), 0)
  assert.equal(server.log.rate(began, began + 6000), 1)
  assert.equal(server.log.rate(began, began + 6000, { resource: 'nodes', status: 200 }), 0.5)
  server.log.clear()
  assert.deepEqual([server.log.entries.length, server.log.total], [0, 6])
})

test('a review is no write', async () => {
  const { server } = simulation()
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const { status } = await server.request({ method: 'POST', path, body: '{"spec":{}}' })
  assert.deepEqual([status, server.log.writes], [201, []])
})
