import assert from 'node:assert/strict'
import { assertStatus, pick, type Check } from './home.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

const named = (list: unknown, path: string, name: string): unknown => {
  assert.ok(Array.isArray(list))
  return list.find((one) => pick(one, path) === name)
}

export const DISCOVERY: readonly Check[] = [
  [
    'it says its version and that it is well',
    async (home) => {
      assert.match(String(pick(await home.expect({ path: '/version' }), 'gitVersion')), /^v1\.\d+\.\d+/)
      for (const path of ['/readyz', '/livez', '/healthz']) {
        const { status, text } = await home.send({ path })
        assert.deepEqual([status, text], [200, 'ok'])
      }
    },
  ],
  [
    'it gives all groups, versions and resources in one answer',
    async (home) => {
      const { headers, text } = await home.send({ path: '/apis', headers: { accept: AGGREGATED } })
      assert.match(headers['content-type'] ?? '', /as=APIGroupDiscoveryList/)
      const list: unknown = JSON.parse(text)
      assert.equal(pick(list, 'kind'), 'APIGroupDiscoveryList')
      assert.equal(pick(list, 'apiVersion'), 'apidiscovery.k8s.io/v2')
      const apps = named(pick(list, 'items'), 'metadata.name', 'apps')
      const deployments = named(pick(apps, 'versions.0.resources'), 'resource', 'deployments')
      assert.equal(pick(deployments, 'scope'), 'Namespaced')
      assert.equal(pick(deployments, 'responseKind.kind'), 'Deployment')
      assert.deepEqual(pick(deployments, 'verbs'), [
        'create',
        'delete',
        'deletecollection',
        'get',
        'list',
        'patch',
        'update',
        'watch',
      ])
      const core = await home.expect({ path: '/api', headers: { accept: AGGREGATED } })
      const nodes = named(pick(core, 'items.0.versions.0.resources'), 'resource', 'nodes')
      assert.equal(pick(nodes, 'scope'), 'Cluster')
    },
  ],
  [
    'who does not ask for that gets the plain lists',
    async (home) => {
      const groups = await home.expect({ path: '/apis' })
      assert.equal(pick(groups, 'kind'), 'APIGroupList')
      assert.equal(pick(named(pick(groups, 'groups'), 'name', 'apps'), 'preferredVersion.groupVersion'), 'apps/v1')
      assert.deepEqual(pick(await home.expect({ path: '/api' }), 'versions'), ['v1'])
      assert.equal(pick(await home.expect({ path: '/apis/batch' }), 'kind'), 'APIGroup')
      const resources = await home.expect({ path: '/apis/batch/v1' })
      assert.equal(pick(resources, 'kind'), 'APIResourceList')
      assert.equal(pick(named(pick(resources, 'resources'), 'name', 'cronjobs'), 'namespaced'), true)
      assert.ok(named(pick(resources, 'resources'), 'name', 'cronjobs/status'))
    },
  ],
  [
    'what it does not have is not found: in a Status within groups that it has, else in text',
    async (home) => {
      for (const path of [
        '/api/v1/unicorns',
        '/apis/apps/v1/unicorns',
        '/apis/apps/v7/deployments',
        '/api/v1/namespaces/default/nodes',
      ])
        assertStatus(await home.expect({ path }, 404), {
          code: 404,
          reason: 'NotFound',
          message: 'the server could not find the requested resource',
        })
      for (const path of ['/apis/nobody.example.com', '/apis/nobody.example.com/v1/things', '/nonsense']) {
        const { status, text, headers } = await home.send({ path })
        assert.deepEqual([status, text], [404, '404 page not found\n'], path)
        assert.match(headers['content-type'] ?? '', /^text\/plain/)
      }
    },
  ],
]
