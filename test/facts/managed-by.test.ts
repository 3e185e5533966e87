import assert from 'node:assert/strict'
import { test } from 'node:test'
import { managedBy, type ManagedBy } from '../../src/facts/managed-by.ts'
import {
  cronJob,
  customObject,
  deployed,
  deployment,
  job,
  namespace,
  projected,
  snapshotOf,
  type Raw,
  type Seed,
} from '../support/build.ts'
import { subjectOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const ARGO = { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/cart' }
const HELM = { 'meta.helm.sh/release-name': 'cart', 'meta.helm.sh/release-namespace': 'shop' }
const FLUX = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
const FLUX_HELM = { 'helm.toolkit.fluxcd.io/name': 'cart', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' }

const wrote = (manager: string, more: object = {}): object => ({ manager, operation: 'Apply', ...more })
const of = (seed: Seed, home?: Seed): ManagedBy | null =>
  managedBy([projected(deployment({ name: 'cart', ...seed }))], home && projected(namespace({ name: 'shop', ...home })))

test('each tool is known by its marks', () => {
  const cases: readonly (readonly [Seed, ManagedBy | null])[] = [
    [{}, null],
    [{ annotations: ARGO }, { tool: 'argocd', kind: 'Application', name: 'shop' }],
    [
      { annotations: { 'argocd.argoproj.io/tracking-id': 'teams_shop:apps/Deployment:shop/cart' } },
      { tool: 'argocd', kind: 'Application', name: 'shop', namespace: 'teams' },
    ],
    [{ labels: { 'argocd.argoproj.io/instance': 'shop' } }, { tool: 'argocd', kind: 'Application', name: 'shop' }],
    [{ labels: FLUX }, { tool: 'flux', kind: 'Kustomization', name: 'apps', namespace: 'flux-system' }],
    [
      { labels: FLUX_HELM, annotations: HELM },
      { tool: 'flux', kind: 'HelmRelease', name: 'cart', namespace: 'flux-system' },
    ],
    [{ labels: { 'fluxcd.io/sync-gc-mark': 'sha256.x' } }, { tool: 'flux', name: '' }],
    [{ annotations: HELM }, { tool: 'helm', name: 'cart', namespace: 'shop' }],
    [{ annotations: { ...HELM, ...ARGO } }, { tool: 'argocd', kind: 'Application', name: 'shop' }],
    [{ labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, null],
    [{ metadata: { managedFields: [wrote('kubectl-client-side-apply'), wrote('kube-controller-manager')] } }, null],
    [{ annotations: { 'argocd.argoproj.io/tracking-id': '' } }, null],
  ]
  for (const [seed, by] of cases) assert.deepEqual(of(seed), by, JSON.stringify(seed))
})

test('a mark may stand on the pod template', () => {
  const spec = { template: { metadata: { annotations: ARGO } } }
  assert.equal(of({ spec })?.name, 'shop')
})

test('the root owner speaks before what it made', () => {
  const mine = projected(job({ annotations: { 'argocd.argoproj.io/tracking-id': 'old:batch/Job:shop/job' } }))
  assert.equal(managedBy([mine, projected(cronJob({ annotations: ARGO }))], undefined)?.name, 'shop')
  assert.equal(managedBy([mine, projected(cronJob())], undefined)?.name, 'old')
})

test('what a custom object controls belongs to its operator, whether or not it is held', () => {
  const kafka = customObject('kafka.strimzi.io/v1', 'Kafka', { name: 'events' })
  const pods = deployment({ name: 'events', owner: kafka })
  const operator = { tool: 'operator', kind: 'Kafka', name: 'events', namespace: 'shop' }
  assert.deepEqual(managedBy([projected(pods)], undefined), operator)
  assert.deepEqual(managedBy([projected(pods), projected(kafka)], undefined), operator)
  assert.equal(
    managedBy([projected(pods), projected({ ...kafka, metadata: { ...kafka.metadata, annotations: ARGO } })], undefined)
      ?.tool,
    'argocd',
  )
  const jobSet = customObject('jobset.x-k8s.io/v1alpha2', 'JobSet', { name: 'train' })
  assert.equal(managedBy([projected(job({ owner: jobSet }))], undefined)?.kind, 'JobSet')
})

test('who wrote the fields tells the tool where the marks are gone', () => {
  const written: Seed = { metadata: { managedFields: [wrote('argocd-controller')] } }
  assert.deepEqual(of(written), { tool: 'argocd', kind: 'Application', name: '' })
  assert.equal(of({ ...written, labels: { 'app.kubernetes.io/instance': 'shop' } })?.name, 'shop')
  assert.equal(of(written, { labels: { 'argocd.argoproj.io/instance': 'team' } })?.name, 'team')
  assert.equal(of(written, { labels: FLUX })?.name, '')
  const status = wrote('argocd-controller', { subresource: 'status' })
  assert.equal(of({ metadata: { managedFields: [status, wrote('constructor')] } }), null)
})

test('a namespace that Argo CD made may hold what it did not', () => {
  assert.equal(of({}, { annotations: ARGO, labels: { 'argocd.argoproj.io/instance': 'team' } }), null)
})

test('as facts, along the owner chain', () => {
  const parts = deployed({ annotations: HELM })
  const snapshot = snapshotOf([parts.deployment, parts.replicaSet, parts.pod])
  const told = (kind: 'pod' | 'workload', name: string): unknown[] =>
    ['managedByTool', 'managedByName'].map((fact) => valueOf(fact, { kind, name }, snapshot))
  assert.deepEqual(told('pod', 'cart-6d4f-x2x4z'), ['helm', 'cart'])
  assert.deepEqual(told('workload', 'cart'), ['helm', 'cart'])
  const plain: Raw[] = [deployment({ name: 'cart' })]
  assert.equal(valueOf('managedByTool', { kind: 'workload', name: 'cart' }, snapshotOf(plain)), null)
  assert.equal(valueOf('managedByName', { kind: 'workload', name: 'cart' }, snapshotOf(plain)), null)
})

test('the recordings', () => {
  const owner = (name: string, from: string): ManagedBy | null => {
    const snapshot = recording(from)
    return managedBy(snapshot.owners(subjectOf('workload', name, snapshot).object).chain, undefined)
  }
  assert.deepEqual(owner('storefront', 'owned-argocd'), { tool: 'argocd', kind: 'Application', name: 'storefront' })
  assert.deepEqual(owner('newsletter', 'owned-helm'), {
    tool: 'helm',
    name: 'newsletter',
    namespace: 'faults-owned-helm',
  })
  assert.equal(owner('web', 'rollout-stuck'), null)
})
