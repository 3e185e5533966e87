import assert from 'node:assert/strict'
import { assertStatus, pick, type Check, type Home } from './home.ts'

const OTHER = '00000000-0000-4000-8000-000000000000'
const STALE = 'the object has been modified; please apply your changes to the latest version and try again'

const at = (home: Home, name: string): string => home.core(`configmaps/${name}`)
const quoted = (name: string): string => `configmaps "${name}"`
/** Of a removal the server names the kind, of a change the resource. */
const kept = (name: string, why: string): string => `Operation cannot be fulfilled on ConfigMap "${name}": ${why}`
const failed = (name: string, why: string): string => `Operation cannot be fulfilled on ${quoted(name)}: ${why}`

const there = async (home: Home, name: string): Promise<boolean> =>
  (await home.send({ path: at(home, name) })).status === 200

export const WRITES: readonly Check[] = [
  [
    'what is made has a uid, a revision and a time',
    async (home) => {
      const made = await home.configMap('made', {})
      assert.match(String(pick(made, 'metadata.uid')), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      assert.match(String(pick(made, 'metadata.resourceVersion')), /^\d+$/)
      assert.match(String(pick(made, 'metadata.creationTimestamp')), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.deepEqual([pick(made, 'kind'), pick(made, 'metadata.namespace')], ['ConfigMap', home.namespace])
      const path = home.core('configmaps')
      const named = await home.create(path, { metadata: { generateName: 'made-' } })
      assert.match(String(pick(named, 'metadata.name')), /^made-[a-z0-9]{5}$/)
    },
  ],
  [
    'a name is taken once, and not in a namespace that is not there',
    async (home) => {
      await home.configMap('twice', {})
      const path = home.core('configmaps')
      const again = await home.expect({ method: 'POST', path, body: { metadata: { name: 'twice' } } }, 409)
      assertStatus(again, { code: 409, reason: 'AlreadyExists', message: `${quoted('twice')} already exists` })
      assert.deepEqual(pick(again, 'details'), { name: 'twice', kind: 'configmaps' })
      const nowhere = '/api/v1/namespaces/nobody-has-this/configmaps'
      const refused = await home.expect({ method: 'POST', path: nowhere, body: { metadata: { name: 'a' } } }, 404)
      assertStatus(refused, { code: 404, reason: 'NotFound', message: 'namespaces "nobody-has-this" not found' })
      assert.equal(pick(refused, 'details.kind'), 'namespaces')
    },
  ],
  [
    'what is no object, or of another name, is refused',
    async (home) => {
      const path = home.core('configmaps')
      const post = (body: unknown, status: number) => home.expect({ method: 'POST', path, body }, status)
      assertStatus(await post('{', 400), { code: 400, reason: 'BadRequest' })
      const versioned = await post({ metadata: { name: 'x', resourceVersion: '1' } }, 500)
      assert.equal(pick(versioned, 'message'), 'resourceVersion should not be set on objects to be created')
      const secret = await post({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }, 400)
      assertStatus(secret, {
        code: 400,
        reason: 'BadRequest',
        message: /^Secret in version "v1" cannot be handled as a ConfigMap: /,
      })
      assertStatus(await post({ metadata: { name: 'x', namespace: 'other' } }, 400), {
        code: 400,
        reason: 'BadRequest',
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      })
      assertStatus(await post({ metadata: {} }, 422), {
        code: 422,
        reason: 'Invalid',
        message: /name or generateName is required/,
      })
      assertStatus(await post({ metadata: { name: 'No Name' } }, 422), {
        code: 422,
        reason: 'Invalid',
        message: /RFC 1123/,
      })
      const put = { method: 'PUT', path: at(home, 'y'), body: { metadata: { name: 'x' } } }
      assertStatus(await home.expect(put, 400), {
        code: 400,
        reason: 'BadRequest',
        message: 'the name of the object (x) does not match the name on the URL (y)',
      })
    },
  ],
  [
    'a replacement must be of the version that is there, when it names one',
    async (home) => {
      const made = await home.configMap('put', {})
      const put = (metadata: object, data: object, status = 200) =>
        home.expect(
          { method: 'PUT', path: at(home, 'put'), body: { metadata: { name: 'put', ...metadata }, data } },
          status,
        )
      const resourceVersion = pick(made, 'metadata.resourceVersion')
      await put({ resourceVersion }, { a: '1' })
      const stale = await put({ resourceVersion }, { a: '2' }, 409)
      assertStatus(stale, { code: 409, reason: 'Conflict', message: failed('put', STALE) })
      assert.deepEqual(pick(stale, 'details'), { name: 'put', kind: 'configmaps' })
      const blind = await put({}, { a: '3' })
      assert.equal(pick(blind, 'data.a'), '3')
      const other = await put({ uid: OTHER }, { a: '4' }, 409)
      const uid = String(pick(made, 'metadata.uid'))
      const key = `/registry/configmaps/${home.namespace}/put`
      const why = `Precondition failed: UID in precondition: ${OTHER}, UID in object meta: ${uid}`
      const told = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
      assertStatus(other, { code: 409, reason: 'Conflict', message: failed('put', told) })
    },
  ],
  [
    'what changes nothing is no change',
    async (home) => {
      await home.configMap('same', {})
      const before = await home.expect({ path: at(home, 'same') })
      const after = await home.expect({ method: 'PUT', path: at(home, 'same'), body: before })
      const patched = await home.expect({ method: 'PATCH', path: at(home, 'same'), body: { data: { name: 'same' } } })
      const versions = [before, after, patched].map((object) => pick(object, 'metadata.resourceVersion'))
      assert.equal(new Set(versions).size, 1)
    },
  ],
  [
    'a Lease is replaced only by version',
    async (home) => {
      const path = home.of('coordination.k8s.io/v1', 'leases')
      await home.create(path, { metadata: { name: 'lease' }, spec: { holderIdentity: 'me' } })
      const body = { metadata: { name: 'lease' }, spec: { holderIdentity: 'you' } }
      const refused = await home.expect({ method: 'PUT', path: `${path}/lease`, body }, 422)
      assertStatus(refused, {
        code: 422,
        reason: 'Invalid',
        message: /metadata\.resourceVersion: .*must be specified for an update/,
      })
    },
  ],
  [
    'a merge patch changes what it names',
    async (home) => {
      const made = await home.configMap('patch', { labels: { keep: 'yes', drop: 'yes' } })
      const patch = (body: object, status = 200, name = 'patch') =>
        home.expect({ method: 'PATCH', path: at(home, name), body }, status)
      const patched = await patch({ metadata: { labels: { drop: null } }, data: { more: '1' } })
      assert.deepEqual(
        [pick(patched, 'metadata.labels'), pick(patched, 'data')],
        [{ keep: 'yes' }, { name: 'patch', more: '1' }],
      )
      const { resourceVersion } = { resourceVersion: pick(made, 'metadata.resourceVersion') }
      const stale = await patch({ metadata: { resourceVersion }, data: { more: '2' } }, 409)
      assertStatus(stale, { code: 409, reason: 'Conflict', message: failed('patch', STALE) })
      const other = await patch({ metadata: { uid: OTHER } }, 422)
      assertStatus(other, { code: 422, reason: 'Invalid', message: /metadata\.uid: .*field is immutable/ })
      const absent = await patch({ data: { a: 'b' } }, 404, 'absent')
      assertStatus(absent, { code: 404, reason: 'NotFound', message: `${quoted('absent')} not found` })
    },
  ],
  [
    'a JSON patch whose test fails changes nothing',
    async (home) => {
      await home.configMap('json', {})
      const patch = (body: object, status = 200) => {
        const headers = { 'content-type': 'application/json-patch+json' }
        return home.expect({ method: 'PATCH', path: at(home, 'json'), headers, body }, status)
      }
      const refused = await patch(
        [
          { op: 'test', path: '/data/name', value: 'other' },
          { op: 'remove', path: '/data/name' },
        ],
        422,
      )
      assertStatus(refused, {
        code: 422,
        reason: 'Invalid',
        message: 'the server rejected our request due to an error in our request',
      })
      const done = await patch([
        { op: 'test', path: '/data/name', value: 'json' },
        { op: 'add', path: '/data/more', value: '1' },
        { op: 'replace', path: '/data/name', value: 'new' },
      ])
      assert.deepEqual(pick(done, 'data'), { name: 'new', more: '1' })
    },
  ],
  [
    'a status that is created is dropped',
    async (home) => {
      const spec = { containers: [{ name: 'app', image: 'app' }], schedulerName: 'nobody' }
      const body = { metadata: { name: 'fresh' }, spec, status: { phase: 'Running' } }
      const made = await home.create(home.core('pods'), body)
      assert.equal(pick(made, 'status.phase'), 'Pending')
    },
  ],
  [
    'methods that a path does not have are refused',
    async (home) => {
      const refused = [
        await home.expect({ method: 'PUT', path: home.core('configmaps'), body: {} }, 405),
        await home.expect({ method: 'POST', path: at(home, 'made'), body: {} }, 405),
      ]
      for (const body of refused)
        assertStatus(body, {
          code: 405,
          reason: 'MethodNotAllowed',
          message: 'the server does not allow this method on the requested resource',
        })
      const absent = await home.expect({ path: home.of('apps/v1', 'deployments/absent') }, 404)
      assertStatus(absent, { code: 404, reason: 'NotFound', message: 'deployments.apps "absent" not found' })
      assert.deepEqual(pick(absent, 'details'), { name: 'absent', group: 'apps', kind: 'deployments' })
    },
  ],
]

export const REMOVALS: readonly Check[] = [
  [
    'a removal keeps to its preconditions',
    async (home) => {
      const made = await home.configMap('gone', {})
      const [uid, version] = ['uid', 'resourceVersion'].map((field) => String(pick(made, `metadata.${field}`)))
      const remove = (preconditions: object, status = 200) =>
        home.expect({ method: 'DELETE', path: at(home, 'gone'), body: { preconditions } }, status)
      assertStatus(await remove({ uid: OTHER }, 409), {
        code: 409,
        reason: 'Conflict',
        message: kept(
          'gone',
          `the UID in the precondition (${OTHER}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
        ),
      })
      assertStatus(await remove({ resourceVersion: '1' }, 409), {
        code: 409,
        reason: 'Conflict',
        message: kept(
          'gone',
          `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${version}). The object might have been modified`,
        ),
      })
      const refused = await remove({ uid: OTHER }, 409)
      assert.deepEqual(pick(refused, 'details'), { name: 'gone', kind: 'ConfigMap' })
      const done = await remove({ uid, resourceVersion: version })
      assert.deepEqual([pick(done, 'kind'), pick(done, 'status')], ['Status', 'Success'])
      assert.deepEqual(pick(done, 'details'), { name: 'gone', kind: 'configmaps', uid })
      const again = await home.expect({ method: 'DELETE', path: at(home, 'gone') }, 404)
      assertStatus(again, { code: 404, reason: 'NotFound', message: `${quoted('gone')} not found` })
    },
  ],
  [
    'a dry run keeps nothing',
    async (home) => {
      const made = await home.configMap('dry', {})
      const version = pick(made, 'metadata.resourceVersion')
      const query = { dryRun: 'All' }
      const path = home.core('configmaps')
      await home.expect({ method: 'POST', path, query, body: { metadata: { name: 'dry-new' } } }, 201)
      assert.equal(await there(home, 'dry-new'), false)
      const patched = await home.expect({ method: 'PATCH', path: at(home, 'dry'), query, body: { data: { a: 'b' } } })
      assert.deepEqual([pick(patched, 'data.a'), pick(patched, 'metadata.resourceVersion')], ['b', version])
      await home.expect({ method: 'DELETE', path: at(home, 'dry'), query })
      await home.expect({ method: 'DELETE', path: at(home, 'dry'), body: { dryRun: ['All'] } })
      assert.deepEqual(await home.expect({ path: at(home, 'dry') }), made)
      const refused = await home.expect(
        { method: 'POST', path, query: { dryRun: 'yes' }, body: { metadata: { name: 'x' } } },
        422,
      )
      assertStatus(refused, { code: 422, reason: 'Invalid', message: /dryRun/ })
    },
  ],
  [
    'with any body the query of a DELETE is not looked at: its dry run removes',
    async (home) => {
      await home.configMap('trap', {})
      await home.expect({ method: 'DELETE', path: at(home, 'trap'), query: { dryRun: 'All' }, body: {} })
      assert.equal(await there(home, 'trap'), false)
    },
  ],
  [
    'a finalizer holds an object back until it is taken away',
    async (home) => {
      await home.configMap('held', { finalizers: ['dogwatch.io/test'], labels: { set: 'held' } })
      const resourceVersion = await home.versionOf(home.core('configmaps'))
      const query = { watch: '1', resourceVersion, labelSelector: 'set=held', timeoutSeconds: '20' }
      const watch = await home.open({ path: home.core('configmaps'), query })
      const held = await home.expect({ method: 'DELETE', path: at(home, 'held') })
      assert.match(String(pick(held, 'metadata.deletionTimestamp')), /Z$/)
      assert.equal(pick(held, 'metadata.deletionGracePeriodSeconds'), 0)
      await home.expect({ method: 'PATCH', path: at(home, 'held'), body: { metadata: { finalizers: null } } })
      assert.equal(await there(home, 'held'), false)
      const events = [await watch.next(), await watch.next()]
      watch.close()
      assert.deepEqual(
        events.map((event) => event?.type),
        ['MODIFIED', 'DELETED'],
      )
    },
  ],
  [
    'a collection goes as it is selected',
    async (home) => {
      for (const name of ['many-a', 'many-b']) await home.configMap(name, { labels: { set: 'many' } })
      await home.expect({ method: 'DELETE', path: home.core('configmaps'), query: { labelSelector: 'set=many' } })
      assert.deepEqual(
        [await there(home, 'many-a'), await there(home, 'many-b'), await there(home, 'twice')],
        [false, false, true],
      )
    },
  ],
]
