import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pod } from '../support/build.ts'
import { simulation, textOf } from '../support/simulator.ts'

test('a large list leaves others their turn', async () => {
  const { server } = simulation()
  const text = 'x'.repeat(4000)
  for (let count = 0; count < 1000; count++) server.table.create(pod({ name: `p${count}`, text }))
  let turns = 0
  let reading = true
  const others = (): void => {
    turns++
    if (reading) setImmediate(others)
  }
  setImmediate(others)
  const { body } = await server.request({ method: 'GET', path: '/api/v1/pods' })
  const size = (await textOf(body)).length
  reading = false
  assert.ok(turns >= size / 300_000, `${turns} turns in ${size} bytes`)
})

test('the same requests of the same seed get the same answers', async () => {
  const history = async (): Promise<string> => {
    const { server, clock } = simulation()
    const make = (path: string, name: string) =>
      server.request({ method: 'POST', path, body: JSON.stringify({ metadata: { name } }) })
    await make('/api/v1/namespaces', 'shop')
    await clock.advance(5000)
    const made = await make('/api/v1/namespaces/shop/configmaps', 'a')
    const watch = await server.request({
      method: 'GET',
      path: '/api/v1/pods?watch=1&allowWatchBookmarks=1&timeoutSeconds=90',
    })
    const [text] = await Promise.all([textOf(watch.body), clock.advance(90_000)])
    return JSON.stringify([await textOf(made.body), text, made.headers, server.log.entries])
  }
  assert.equal(await history(), await history())
})
