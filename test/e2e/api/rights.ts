import assert from 'node:assert/strict'
import { assertStatus, jsonOf, pick, type Check, type Home } from './home.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const AUTHORIZATION = '/apis/authorization.k8s.io/v1'

async function account(home: Home, name: string): Promise<string> {
  await home.create(home.core('serviceaccounts'), { metadata: { name } })
  return `system:serviceaccount:${home.namespace}:${name}`
}

async function tokenOf(home: Home, name: string, audiences?: readonly string[]): Promise<string> {
  const spec = { expirationSeconds: 3600, ...(audiences === undefined ? {} : { audiences }) }
  const granted = await home.create(home.core(`serviceaccounts/${name}/token`), { spec })
  assert.match(String(pick(granted, 'status.expirationTimestamp')), /Z$/)
  return String(pick(granted, 'status.token'))
}

/** A role of these rules for a service account, both of its name. */
async function admit(home: Home, name: string, rules: readonly object[]): Promise<void> {
  await home.create(home.of(RBAC, 'roles'), { metadata: { name }, rules })
  await home.create(home.of(RBAC, 'rolebindings'), {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: home.namespace }],
  })
}

const forbidden = (user: string, rest: string): string => `is forbidden: User "${user}" cannot ${rest}`

const review = (home: Home, spec: object, token?: string): Promise<unknown> => {
  const kind = token === undefined ? 'SubjectAccessReview' : 'SelfSubjectAccessReview'
  const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec }
  const path = `${AUTHORIZATION}/${kind.toLowerCase()}s`
  return home.expect({ method: 'POST', path, body, ...(token === undefined ? {} : { token }) }, 201)
}

export const RIGHTS: readonly Check[] = [
  [
    'a token that nobody knows is no way in',
    async (home) => {
      const reply = await home.send({ path: '/api/v1/pods', token: 'nonsense' })
      assert.equal(reply.status, 401)
      assertStatus(jsonOf(reply), { code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
    },
  ],
  [
    'a service account may do what a role says, and no more',
    async (home) => {
      const user = await account(home, 'reader')
      const token = await tokenOf(home, 'reader')
      const ask = { path: home.core('pods'), token }
      const refused = await home.expect(ask, 403)
      const where = `resource "pods" in API group "" in the namespace "${home.namespace}"`
      assertStatus(refused, { code: 403, reason: 'Forbidden', message: `pods ${forbidden(user, `list ${where}`)}` })
      assert.deepEqual(pick(refused, 'details'), { kind: 'pods' })

      await admit(home, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }])
      await home.eventually(ask, ({ status }) => status === 200)
      const one = await home.expect({ path: home.core('pods/web'), token }, 403)
      assertStatus(one, { code: 403, reason: 'Forbidden', message: `pods "web" ${forbidden(user, `get ${where}`)}` })
      assert.deepEqual(pick(one, 'details'), { name: 'web', kind: 'pods' })
      const all = await home.expect({ path: '/apis/apps/v1/deployments', token }, 403)
      const everywhere = 'list resource "deployments" in API group "apps" at the cluster scope'
      assertStatus(all, { code: 403, reason: 'Forbidden', message: `deployments.apps ${forbidden(user, everywhere)}` })

      await home.expect({ method: 'DELETE', path: home.of(RBAC, 'rolebindings/reader') })
      await home.eventually(ask, ({ status }) => status === 403)
    },
  ],
  [
    'everybody may see what the server is, and not its metrics',
    async (home) => {
      const user = await account(home, 'guest')
      const token = await tokenOf(home, 'guest')
      for (const path of ['/version', '/apis', '/api/v1', '/readyz'])
        assert.equal((await home.send({ path, token })).status, 200, path)
      const refused = await home.expect({ path: '/metrics', token }, 403)
      assertStatus(refused, {
        code: 403,
        reason: 'Forbidden',
        message: `forbidden: User "${user}" cannot get path "/metrics"`,
      })
    },
  ],
  [
    'a token is for its audience',
    async (home) => {
      const user = await account(home, 'audience')
      const token = await tokenOf(home, 'audience', ['dogwatch'])
      assert.equal((await home.send({ path: '/version', token })).status, 401)
      const ask = (spec: object) =>
        home.expect({ method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', body: { spec } }, 201)
      const right = await ask({ token, audiences: ['dogwatch', 'other'] })
      assert.equal(pick(right, 'status.authenticated'), true)
      assert.deepEqual(pick(right, 'status.audiences'), ['dogwatch'])
      assert.equal(pick(right, 'status.user.username'), user)
      assert.deepEqual(pick(right, 'status.user.groups'), [
        'system:serviceaccounts',
        `system:serviceaccounts:${home.namespace}`,
        'system:authenticated',
      ])
      for (const spec of [{ token, audiences: ['other'] }, { token }, { token: 'nonsense', audiences: ['dogwatch'] }]) {
        const wrong = await ask(spec)
        assert.equal(pick(wrong, 'status.authenticated'), undefined)
        assert.match(String(pick(wrong, 'status.error')), /invalid bearer token/)
      }
    },
  ],
  [
    'a review says who may do what, of things too that exist nowhere',
    async (home) => {
      const user = await account(home, 'reviewed')
      await admit(home, 'reviewed', [{ apiGroups: ['dogwatch.io'], resources: ['recommendations'], verbs: ['get'] }])
      const token = await tokenOf(home, 'reviewed')
      const { namespace } = home
      const wish = { group: 'dogwatch.io', resource: 'recommendations', verb: 'get', namespace }
      const path = `${AUTHORIZATION}/subjectaccessreviews`
      const body = { spec: { user, resourceAttributes: wish } }
      await home.eventually({ method: 'POST', path, body }, (reply) => pick(jsonOf(reply), 'status.allowed') === true)
      const granted = await review(home, { user, resourceAttributes: wish })
      assert.deepEqual(pick(granted, 'status'), {
        allowed: true,
        reason: `RBAC: allowed by RoleBinding "reviewed/${namespace}" of Role "reviewed" to ServiceAccount "reviewed/${namespace}"`,
      })
      const refused = await review(home, { user, resourceAttributes: { ...wish, verb: 'list' } })
      assert.equal(pick(refused, 'status.allowed'), false)
      const own = await review(home, { resourceAttributes: wish }, token)
      assert.equal(pick(own, 'status.allowed'), true)
      const everywhere = await review(home, { resourceAttributes: { ...wish, namespace: '' } }, token)
      assert.equal(pick(everywhere, 'status.allowed'), false)
    },
  ],
  [
    'a token ends with its account',
    async (home) => {
      await account(home, 'short')
      const token = await tokenOf(home, 'short')
      assert.equal((await home.send({ path: '/version', token })).status, 200)
      await home.expect({ method: 'DELETE', path: home.core('serviceaccounts/short') })
      await home.eventually({ path: '/version', token }, ({ status }) => status === 401)
    },
  ],
]
