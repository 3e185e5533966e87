import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { NodeTransport } from '../../src/cluster/node-transport.ts'
import { resetAfter } from '../../src/simulator/fault-effects.ts'
import { SimulatedApiServer } from '../../src/simulator/server.ts'
import { systemClock } from '../../src/util/clock.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import { accessTo, Scratch } from '../support/kubeconfigs.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { textOf } from '../support/simulator.ts'

const PODS = '/api/v1/pods'
const pod = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  ...more,
})

/** A server on loopback with the transport of production before it. */
async function served() {
  const server = new SimulatedApiServer({ clock: systemClock, random: seededRandom(1) })
  const listening = await server.listen()
  const scratch = new Scratch()
  const transport = new NodeTransport(await accessTo(scratch, { server: listening.url }), { clock: systemClock })
  return {
    server,
    listening,
    transport,
    async [Symbol.asyncDispose]() {
      transport.close()
      await listening.close()
      scratch[Symbol.dispose]()
    },
  }
}

const eventsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { type: string }).type)

test('a list and a watch come over HTTP, the large list compressed', async () => {
  await using one = await served()
  for (let count = 0; count < 50; count++)
    one.server.table.create(pod(`p${count}`, { spec: { text: 'x'.repeat(5000) } }))
  const list = await one.transport.request({ method: 'GET', path: PODS, query: { limit: '50' } })
  assert.equal(list.headers['content-encoding'], 'gzip')
  const { items, metadata } = JSON.parse(await textOf(list.body)) as {
    items: unknown[]
    metadata: { resourceVersion: string }
  }
  assert.equal(items.length, 50)
  const query = { watch: '1', resourceVersion: metadata.resourceVersion }
  const watch = await one.transport.request({ method: 'GET', path: PODS, query })
  one.server.table.create(pod('new'))
  for await (const chunk of watch.body) {
    assert.deepEqual(eventsOf(Buffer.from(chunk).toString()), ['ADDED'])
    break
  }
  while (one.server.log.open().length > 0) await rest()
  assert.deepEqual(
    one.server.log.entries.map(({ verb, ended }) => `${verb} ${ended}`),
    ['list whole', 'watch left'],
  )
})

test('a broken connection is a broken connection to the client', async () => {
  await using one = await served()
  const fault = one.server.faults.plant({ verb: 'watch' }, resetAfter({ frames: 1 }))
  const watch = await one.transport.request({ method: 'GET', path: PODS, query: { watch: '1' } })
  one.server.table.create(pod('a'))
  await assert.rejects(textOf(watch.body), { fault: 'reset' })
  assert.equal(fault.reached, 1)
})

test('a server that is down refuses, and is there again at the same address', async () => {
  await using one = await served()
  const watch = await one.transport.request({ method: 'GET', path: PODS, query: { watch: '1' } })
  const broken = assert.rejects(textOf(watch.body), { fault: 'reset' })
  await one.server.down()
  await broken
  await assert.rejects(one.transport.request({ method: 'GET', path: PODS }), { fault: 'unreachable' })
  await one.server.comeUp()
  assert.equal((await one.transport.request({ method: 'GET', path: PODS })).status, 200)
})

test('who does not read holds up nothing but the own answer', async () => {
  await using one = await served()
  const socket = connect(one.listening.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write(`GET ${PODS}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`)
  while (one.server.log.entries[0]?.status !== 200) await rest()
  const text = 'x'.repeat(500_000)
  for (let count = 0; count < 40; count++) one.server.table.create(pod(`p${count}`, { spec: { text } }))
  await rest(200)
  const sent = one.server.log.entries[0]?.bytes ?? 0
  assert.ok(sent > 0 && sent < 15_000_000, `${sent} bytes were made for a client that reads none`)
  assert.equal((await one.transport.request({ method: 'GET', path: '/version' })).status, 200)
  socket.destroy()
})

test('a token over HTTP is somebody', async () => {
  await using one = await served()
  const token = one.server.tokens.issue({ user: { username: 'anna', groups: ['system:authenticated'] } })
  const answer = await fetch(`${one.listening.url}${PODS}`, { headers: { authorization: `Bearer ${token}` } })
  const { message } = (await answer.json()) as { message: string }
  assert.equal(
    message,
    'pods is forbidden: User "anna" cannot list resource "pods" in API group "" at the cluster scope',
  )
  assert.equal(one.server.log.entries[0]?.user, 'anna')
})
