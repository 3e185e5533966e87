import assert from 'node:assert/strict'
import { test } from 'node:test'
import { person } from '../../src/simulator/users.ts'
import { simulation, textOf, type Simulation } from '../support/simulator.ts'

const PODS = '/api/v1/pods'
const HERE = '/api/v1/namespaces/shop/pods'

const status = async ({ server }: Simulation, path: string, token?: string): Promise<number> => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await server.request({ method: 'GET', path, headers })
  await textOf(answer.body)
  return answer.status
}

test('a grant holds where it says, until it is taken away', async () => {
  const one = simulation()
  const token = one.server.tokens.issue({ user: person('anna') })
  assert.equal(await status(one, PODS, token), 403)
  const revoke = one.server.access.grant({ user: 'anna', resources: ['pods'], namespaces: ['shop'] })
  assert.deepEqual([await status(one, HERE, token), await status(one, PODS, token)], [200, 403])
  revoke()
  assert.equal(await status(one, HERE, token), 403)
})

test('a grant names resources by group, subresources and verbs', () => {
  const { access } = simulation().server
  access.grant({ user: 'anna', verbs: ['create'], resources: ['serviceaccounts/token', 'deployments.apps'] })
  const may = (verb: string, group: string, resource: string, subresource?: string) =>
    access.check(person('anna'), { verb, group, resource, subresource }).allowed
  assert.deepEqual(
    [
      may('create', '', 'serviceaccounts', 'token'),
      may('create', '', 'serviceaccounts'),
      may('create', 'apps', 'deployments'),
      may('create', '', 'deployments'),
      may('delete', 'apps', 'deployments'),
    ],
    [true, false, true, false, false],
  )
})

test('who asks without a token is whoever the server takes them for', async () => {
  const one = simulation({ defaultUser: person('guest') })
  assert.equal(await status(one, PODS), 403)
  assert.equal(await status(simulation(), PODS), 200)
  assert.equal(one.server.log.entries[0]?.user, 'guest')
})

test('a token expires by the clock, and can be taken back', async () => {
  const one = simulation()
  const short = one.server.tokens.issue({ user: person('anna'), lifetime: 60_000 })
  const long = one.server.tokens.issue({ user: person('anna') })
  assert.equal(await status(one, '/version', short), 200)
  await one.clock.advance(60_000)
  assert.deepEqual([await status(one, '/version', short), await status(one, '/version', long)], [401, 200])
  one.server.tokens.revoke(long)
  assert.equal(await status(one, '/version', long), 401)
})

test('a role of the cluster holds by a binding of a namespace only there, and one of the cluster everywhere', async () => {
  const one = simulation()
  const { table } = one.server
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]
  const roleRef = { kind: 'ClusterRole', name: 'pods' }
  const subjects = [{ kind: 'Group', name: 'readers' }]
  table.create({ apiVersion, kind: 'ClusterRole', metadata: { name: 'pods' }, rules })
  table.create({ apiVersion, kind: 'RoleBinding', metadata: { name: 'b', namespace: 'shop' }, roleRef, subjects })
  const token = one.server.tokens.issue({ user: person('anna', 'readers') })
  assert.deepEqual([await status(one, HERE, token), await status(one, PODS, token)], [200, 403])
  table.create({ apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'b' }, roleRef, subjects })
  assert.equal(await status(one, PODS, token), 200)
})
