import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discover } from '../../src/cluster/discovery.ts'
import { Api } from '../../src/cluster/api.ts'
import { KINDS } from '../../src/cluster/kinds.ts'
import { VERTICAL_POD_AUTOSCALER, VOLUME_SNAPSHOT } from '../../src/simulator/kinds.ts'
import { pod } from '../support/build.ts'
import { simulation, textOf, type Simulation } from '../support/simulator.ts'

const NONE = { list: () => [] }
const pathOf = (apiVersion: string, resource: string): string =>
  `${apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`}/${resource.split('.')[0] ?? ''}`
const read = async ({ server }: Simulation, path: string): Promise<{ status: number; json: unknown }> => {
  const { status, body } = await server.request({ method: 'GET', path })
  const text = await textOf(body)
  return { status, json: text.startsWith('{') ? (JSON.parse(text) as unknown) : text }
}

test('it has every kind that dogwatch reads', async () => {
  const one = simulation()
  one.server.provideMetrics(NONE)
  one.server.kinds.register(VOLUME_SNAPSHOT)
  one.server.kinds.register(VERTICAL_POD_AUTOSCALER)
  for (const { apiVersion, resource } of KINDS)
    assert.equal((await read(one, pathOf(apiVersion, resource))).status, 200, resource)
})

test('kinds come and go, and discovery says so, in one answer or in many', async () => {
  for (const aggregatedDiscovery of [true, false]) {
    const { server, transport, clock } = simulation({ aggregatedDiscovery })
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', plural: 'rollouts', namespaced: true }
    server.kinds.register({ ...rollout, custom: true })
    const known = await discover(new Api({ transport, clock }))
    assert.equal((await known.find('argoproj.io/v1alpha1', 'Rollout'))?.plural, 'rollouts')
    assert.deepEqual([known.has('apps/v1'), known.has('metrics.k8s.io/v1beta1')], [true, false])
    server.kinds.unregister('rollouts.argoproj.io')
    const after = await discover(new Api({ transport, clock }))
    assert.equal(await after.find('argoproj.io/v1alpha1', 'Rollout'), undefined)
  }
})

test('objects of custom kinds say their kind within a list, built-in ones do not', async () => {
  const one = simulation()
  one.server.kinds.register(VOLUME_SNAPSHOT)
  const { apiVersion, kind } = VOLUME_SNAPSHOT
  one.server.table.create({ apiVersion, kind, metadata: { name: 's', namespace: 'shop' } })
  one.server.table.create(pod({ name: 'p' }))
  const kinds = async (path: string) => {
    const { items } = (await read(one, path)).json as { items: { kind?: string }[] }
    return items.map((item) => item.kind)
  }
  assert.deepEqual(await kinds(`/apis/${apiVersion}/volumesnapshots`), ['VolumeSnapshot'])
  assert.deepEqual(await kinds('/api/v1/pods'), [undefined])
})

test('the metrics API is there while somebody provides it', async () => {
  const one = simulation()
  const path = '/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods'
  assert.deepEqual(await read(one, path), { status: 404, json: '404 page not found\n' })
  const usage = (name: string, namespace: string) => ({
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    metadata: { name, namespace },
    containers: [{ name: 'app', usage: { cpu: '5m', memory: '10Mi' } }],
  })
  one.server.provideMetrics({
    list: (kind) => (kind === 'PodMetrics' ? [usage('web', 'shop'), usage('db', 'other')] : []),
  })
  const { json } = await read(one, path)
  const list = json as { kind: string; metadata: object; items: { metadata: { name: string } }[] }
  assert.deepEqual(
    [list.kind, list.metadata, list.items.map(({ metadata }) => metadata.name)],
    ['PodMetricsList', {}, ['web']],
  )
  assert.equal((await read(one, `${path}/web`)).status, 200)
  assert.equal((await read(one, `${path}/gone`)).status, 404)
  one.server.provideMetrics(undefined)
  assert.equal((await read(one, path)).status, 404)
})
