import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { lookAtCluster } from '../../src/cluster/live.ts'
import { KINDS } from '../../src/cluster/kinds.ts'
import { CUSTOM_WORKLOADS } from '../../src/util/custom-workloads.ts'
import { fakeCluster, memoryTransport } from '../support/api-server.ts'
import * as build from '../support/build.ts'
import { HastyClock } from '../support/clock.ts'
import { ROOT } from '../support/image.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}
interface Role {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly rules?: readonly Rule[]
}

const documents = parseAllDocuments(readFileSync(join(ROOT, 'deploy/base/rbac.yaml'), 'utf8')).map(
  (document) => document.toJS() as Role,
)
const role = (name: string): Role => {
  const found = documents.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === name)
  assert.ok(found, name)
  return found
}

/** `verb resource.group`, one for each right. */
const rightsOf = ({ rules = [] }: Role): string[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((plural) => verbs.map((verb) => `${verb} ${group === '' ? plural : `${plural}.${group}`}`)),
    ),
  )

const RIGHTS = rightsOf(role('dogwatch'))
const REVIEWS = ['create tokenreviews.authentication.k8s.io', 'create subjectaccessreviews.authorization.k8s.io']

test('the role reads, and may ask who somebody is and what they may; nothing else', () => {
  const others = RIGHTS.filter((right) => !/^(?:get|list|watch) /.test(right))
  assert.deepEqual(others, REVIEWS)
})

test('the role has no wildcard, no Secret or ConfigMap, no logs, no way into a pod, and nothing twice', () => {
  const words = documents.flatMap(({ rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]),
  )
  assert.deepEqual(
    words.filter((word) => /[*/]|secret|configmap|serviceaccount|token(?!reviews)|lease/.test(word)),
    [],
  )
  assert.equal(new Set(RIGHTS).size, RIGHTS.length)
  for (const { rules = [] } of documents)
    for (const rule of rules)
      assert.deepEqual(Object.keys(rule), ['apiGroups', 'resources', 'verbs'], 'no URLs and no names')
})

const read = [...KINDS, ...CUSTOM_WORKLOADS].map(({ resource }) => resource)
const kinds = [...read, 'replicationcontrollers']
const polled = (resource: string): boolean => resource.endsWith('.metrics.k8s.io')

test('the role reads exactly the kinds that the program reads', () => {
  const wanted = kinds.flatMap((resource) =>
    (polled(resource) ? ['get', 'list'] : ['get', 'list', 'watch']).map((verb) => `${verb} ${resource}`),
  )
  assert.deepEqual(RIGHTS.filter((right) => !REVIEWS.includes(right)).toSorted(), wanted.toSorted())
})

test('what a look at a cluster with every known kind asks for is what the role allows', async () => {
  const custom = CUSTOM_WORKLOADS.map(({ resource, ...kind }) => ({ ...kind, plural: resource.split('.')[0] ?? '' }))
  const transport = memoryTransport(fakeCluster({ objects: [build.namespace()], without: [], custom }))
  await lookAtCluster({ transport, clock: new HastyClock() })
  const asked = transport.asked.map(({ path }) => path).filter((path) => path !== '/apis' && path !== '/version')
  const listed = asked.map((path) => {
    const [, group = '', plural] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/([^/]+)$/.exec(path) ?? []
    return `list ${plural}${group === '' ? '' : `.${group}`}`
  })
  assert.deepEqual(new Set(listed), new Set(RIGHTS.filter((right) => right.startsWith('list '))))
})

test('the right to read findings is a role of its own, and the program does not hold it', () => {
  assert.deepEqual(
    rightsOf(role('dogwatch-reader')),
    ['recommendations', 'status', 'metrics'].map((resource) => `get ${resource}.dogwatch.io`),
  )
  assert.ok(!RIGHTS.some((right) => right.endsWith('dogwatch.io')))
})
