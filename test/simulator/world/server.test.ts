import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedApiServer } from '../../../src/simulator/server.ts'
import { deployment } from '../../../src/simulator/world/manifests.ts'
import { namespace, node } from '../../../src/simulator/world/platform-manifests.ts'
import { World } from '../../../src/simulator/world/world.ts'
import { MINUTE } from '../../../src/util/time.ts'
import { seededRandom } from '../../../src/util/seeded-random.ts'
import { VirtualClock } from '../../../src/util/virtual-clock.ts'
import { someApp } from '../../support/worlds.ts'

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string }
    readonly status: { readonly phase: string }
  }[]
}

test('what is asked of the API server comes about in the world', async () => {
  const clock = new VirtualClock(Date.parse('2026-11-21T10:00:00Z'))
  const random = seededRandom(3)
  const server = new SimulatedApiServer({ clock, random })
  const world = new World(server.table, { clock, random })
  server.provideMetrics(world.metrics)
  world.start()
  const at = '2026-11-21T10:00:00Z'
  for (const one of [namespace('shop', at), node('node-1', 0, at)]) world.store.create(one)

  const ask = async (method: string, path: string, body?: object, type = 'application/json'): Promise<Listed> => {
    const response = await server.request({
      method,
      path,
      headers: { 'content-type': type },
      body: body === undefined ? '' : JSON.stringify(body),
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    assert.ok(response.status < 300, `${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as Listed
  }
  const pods = '/api/v1/namespaces/shop/pods'
  const phases = async (): Promise<string[]> => (await ask('GET', pods)).items.map(({ status }) => status.phase)

  const { metadata, ...wanted } = deployment(someApp({ replicas: 2 }), at)
  await ask('POST', '/apis/apps/v1/namespaces/shop/deployments', { ...wanted, metadata: { name: metadata.name } })
  await clock.advance(2 * MINUTE)
  assert.deepEqual(await phases(), ['Running', 'Running'])
  assert.equal((await ask('GET', '/apis/metrics.k8s.io/v1beta1/pods')).items.length, 2)

  const { items } = await ask('GET', pods)
  await ask('DELETE', `${pods}/${items[0]?.metadata.name}`)
  await clock.advance(MINUTE)
  const names = (await ask('GET', pods)).items.map((one) => one.metadata.name)
  assert.equal(names.length, 2)
  assert.ok(!names.includes(items[0]?.metadata.name ?? ''))

  const patch = 'application/merge-patch+json'
  await ask('PATCH', '/apis/apps/v1/namespaces/shop/deployments/web', { spec: { replicas: 0 } }, patch)
  await clock.advance(MINUTE)
  assert.deepEqual(await phases(), [])

  await ask('DELETE', '/apis/apps/v1/namespaces/shop/deployments/web')
  await clock.advance(MINUTE)
  assert.equal((await ask('GET', '/apis/apps/v1/namespaces/shop/replicasets')).items.length, 0)
  world.stop()
  assert.equal(clock.waiting, 0)
})
