import assert from 'node:assert/strict'
import { test } from 'node:test'
import { owner } from '../../../src/policy/gates/owner.ts'
import type { Proposal } from '../../../src/policy/proposal.ts'
import { autoscaler, customObject, deployed, deployment, job, namespace, pod, snapshotOf } from '../../support/build.ts'
import { gateInput, type Asked } from '../../support/proposals.ts'

const judge = (asked: Asked): string => {
  const answer = owner.judge(gateInput(asked))
  return answer.answer === 'pass' ? 'pass' : `${answer.answer} ${answer.reason}`
}
const SHOP = namespace({ name: 'shop' })
const removed: Partial<Proposal> = { changes: [{ pointer: '', from: 'uid', to: null }] }
const replicas = (to: number): Partial<Proposal> => ({ changes: [{ pointer: '/spec/replicas', from: 3, to }] })
const marked: Partial<Proposal> = {
  changes: [{ pointer: '/metadata/annotations/dogwatch.io~1finding', from: null, to: 'x' }],
}

test('nobody else: pass', () => assert.equal(judge({}), 'pass'))

test('a target that is not there is held', () => {
  assert.equal(judge({ snapshot: snapshotOf([SHOP]) }), 'hold owner-unknown')
})

test('a chain that ends at a controller nobody holds is held', () => {
  const lost = pod({ owner: customObject('acme.io/v1', 'Fleet', { name: 'f' }) })
  assert.equal(judge({ on: lost, proposal: removed }), 'hold owner-missing')
  assert.equal(judge({ proposal: { ownerComplete: false } }), 'hold owner-missing')
})

test('configuration that a tool owns is held, by the finding or by the marks of the object', () => {
  for (const tool of ['argocd', 'flux', 'helm', 'operator'] as const)
    assert.equal(judge({ proposal: { managedBy: { tool, name: 'shop' } } }), 'hold managed-elsewhere')
  const annotations = { 'meta.helm.sh/release-name': 'cart', 'meta.helm.sh/release-namespace': 'shop' }
  assert.equal(judge({ on: deployment({ name: 'cart', annotations }) }), 'hold managed-elsewhere')
  assert.equal(judge({ on: job({ annotations }), proposal: removed }), 'hold managed-elsewhere')
})

test('the tool is named, so that a person knows where the mend goes', () => {
  const managedBy = { tool: 'argocd', kind: 'Application', name: 'shop' } as const
  assert.equal(owner.judge(gateInput({ proposal: { managedBy } })).detail, 'Argo CD decides about it: Application shop')
  const nameless = { tool: 'flux', name: '' } as const
  assert.equal(owner.judge(gateInput({ proposal: { managedBy: nameless } })).detail, 'Flux decides about it')
})

test('pods that a controller makes and marks of our own are nobody’s configuration', () => {
  const {
    deployment: top,
    replicaSet,
    pod: one,
  } = deployed({ annotations: { 'argocd.argoproj.io/tracking-id': 'a:b' } })
  const others = [SHOP, top, replicaSet]
  const managedBy = { tool: 'argocd', name: 'a' } as const
  assert.equal(judge({ on: one, others, proposal: { ...removed, managedBy } }), 'pass')
  assert.equal(judge({ proposal: { ...marked, managedBy } }), 'pass')
  assert.equal(judge({ on: pod(), proposal: { ...removed, managedBy } }), 'hold managed-elsewhere')
})

const scaled = (spec: object) =>
  autoscaler({
    name: 'hpa',
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' }, ...spec },
  })

test('replicas that an autoscaler sets are held; a zero that it takes for a pause is not', () => {
  const others = [SHOP, scaled({ minReplicas: 2 })]
  assert.equal(judge({ others, proposal: replicas(5) }), 'hold autoscaled')
  assert.equal(judge({ others, proposal: replicas(0) }), 'pass')
  assert.equal(judge({ others: [SHOP, scaled({})], proposal: replicas(0) }), 'pass')
  assert.equal(judge({ others: [SHOP, scaled({ minReplicas: 0 })], proposal: replicas(0) }), 'hold autoscaled')
  assert.equal(judge({ others }), 'pass')
})

test('an autoscaler of another object is no matter, one that cannot be read is', () => {
  const other = autoscaler({ spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'cart' } } })
  assert.equal(judge({ others: [SHOP, other], proposal: replicas(5) }), 'pass')
  const blind = { 'horizontalpodautoscalers.autoscaling': { unknown: 'forbidden', detail: 'forbidden' } } as const
  const snapshot = snapshotOf([deployment({ name: 'cart' }), SHOP], { blind })
  assert.equal(judge({ snapshot, proposal: replicas(5) }), 'hold owner-unknown')
})
