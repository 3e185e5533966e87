import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulation, textOf, type Simulation } from '../support/simulator.ts'

const core = (kind: string, name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: 'shop' }), ...more },
})
const ref = (kind: string, name: string) => ({
  apiVersion: 'v1',
  kind,
  name,
  namespace: kind === 'Namespace' ? undefined : 'shop',
})

async function remove({ server }: Simulation, path: string): Promise<number> {
  const { status, body } = await server.request({ method: 'DELETE', path })
  await textOf(body)
  return status
}

test('a pod that a kubelet runs is given its time, any other goes at once', async () => {
  const one = simulation()
  const { table } = one.server
  table.create({
    ...core('Pod', 'runs'),
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 7 },
    status: { phase: 'Running' },
  })
  table.create({ ...core('Pod', 'done'), spec: { nodeName: 'n' }, status: { phase: 'Succeeded' } })
  table.create({ ...core('Pod', 'waits'), spec: {} })
  for (const name of ['runs', 'done', 'waits']) await remove(one, `/api/v1/namespaces/shop/pods/${name}`)
  assert.deepEqual(
    table.list({ apiVersion: 'v1', kind: 'Pod' }).map(({ metadata }) => metadata.name),
    ['runs'],
  )
  const { deletionTimestamp, deletionGracePeriodSeconds } = table.get(ref('Pod', 'runs'))?.metadata ?? {}
  assert.deepEqual([deletionTimestamp, deletionGracePeriodSeconds], ['2026-11-21T12:00:07Z', 7])
})

test('a namespace goes with everything in it, and stays while one object in it is held back', async () => {
  const one = simulation()
  const { table } = one.server
  table.create({ ...core('Namespace', 'shop'), status: { phase: 'Active' } })
  table.create(core('ConfigMap', 'free'))
  table.create(core('Secret', 'held', { finalizers: ['example.com/hold'] }))
  assert.equal(await remove(one, '/api/v1/namespaces/shop'), 200)
  assert.equal(table.get(ref('ConfigMap', 'free')), undefined)
  assert.deepEqual(table.get(ref('Namespace', 'shop'))?.['status'], { phase: 'Terminating' })
  const body = JSON.stringify({ metadata: { name: 'late' } })
  const late = await one.server.request({ method: 'POST', path: '/api/v1/namespaces/shop/configmaps', body })
  assert.equal(late.status, 403)
  assert.match(await textOf(late.body), /because it is being terminated/)
  table.remove(ref('Secret', 'held'))
  assert.equal(table.get(ref('Namespace', 'shop')), undefined)
})
