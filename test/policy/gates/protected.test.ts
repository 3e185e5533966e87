import assert from 'node:assert/strict'
import { test } from 'node:test'
import { protection } from '../../../src/policy/gates/protected.ts'
import { customObject, deployed, deployment, namespace, node, pod, snapshotOf, volume } from '../../support/build.ts'
import { gateInput, type Asked } from '../../support/proposals.ts'

const reasonOf = (asked: Asked): string => {
  const answer = protection.judge(gateInput(asked))
  return answer.answer === 'pass' ? 'pass' : `${answer.answer} ${answer.reason}`
}
const inNamespace = (name: string, rest: Asked = {}): string =>
  reasonOf({ on: deployment({ name: 'cart', namespace: name }), others: [namespace({ name })], ...rest })

test('an object of a common namespace passes', () => assert.equal(inNamespace('shop'), 'pass'))

test('system namespaces and the own one are held, whatever the configuration says', () => {
  for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'dogwatch'])
    assert.equal(
      inNamespace(name, { policy: { level: 'L4', protected: { namespaces: [] } } }),
      'hold protected-namespace',
    )
  const moved = { ownNamespace: 'watch' }
  assert.equal(inNamespace('watch', { policy: moved }), 'hold protected-namespace')
  assert.equal(inNamespace('dogwatch', { policy: moved }), 'pass')
})

test('names that could be read as a protected one are held', () => {
  for (const name of ['Kube-System', ' kube-system', 'kube-system\n', 'ｋube-system'])
    assert.equal(inNamespace(name), 'hold protected-namespace')
})

test('configured namespaces are held, by glob', () => {
  const policy = { protected: { namespaces: ['prod-*'] } }
  assert.equal(inNamespace('prod-eu', { policy }), 'hold protected-namespace')
  assert.equal(inNamespace('preprod', { policy }), 'pass')
})

test('a marked namespace is held, and so is anything but "false"', () => {
  const marked = (value: string) => {
    const others = [namespace({ name: 'shop', labels: { 'dogwatch.io/protected': value } })]
    return reasonOf({ on: deployment(), others })
  }
  for (const value of ['true', '', 'yes', 'False']) assert.equal(marked(value), 'hold protected-namespace')
  assert.equal(marked('false'), 'pass')
})

test('an object that is marked is held, and so is what it owns', () => {
  const { deployment: top, replicaSet, pod: one } = deployed({ annotations: { 'dogwatch.io/protected': 'true' } })
  const others = [namespace({ name: 'shop' }), top, replicaSet]
  assert.equal(reasonOf({ on: one, others }), 'hold protected-object')
})

test('what cannot be read is held', () => {
  assert.equal(inNamespace('shop', { others: [] }), 'hold protection-unknown')
  assert.equal(reasonOf({ snapshot: snapshotOf([namespace({ name: 'shop' })]) }), 'hold protection-unknown')
})

test('of what belongs to no namespace only nodes pass, and none of the control plane', () => {
  assert.equal(reasonOf({ on: node({ name: 'a' }) }), 'pass')
  for (const role of ['control-plane', 'master']) {
    const labels = { [`node-role.kubernetes.io/${role}`]: '' }
    assert.equal(reasonOf({ on: node({ name: 'a', labels }) }), 'hold protected-object')
  }
  assert.equal(reasonOf({ on: volume({ name: 'pv' }) }), 'hold cluster-scoped')
  assert.equal(reasonOf({ on: namespace({ name: 'shop' }), others: [] }), 'hold cluster-scoped')
})

test('dogwatch itself is held, wherever it runs', () => {
  const { deployment: top, replicaSet, pod: one } = deployed({ labels: { 'app.kubernetes.io/name': 'dogwatch' } })
  const others = [namespace({ name: 'shop' }), top, replicaSet]
  for (const on of [top, replicaSet, one])
    assert.equal(reasonOf({ on, others: others.filter((other) => other !== on) }), 'hold own-object')
  assert.equal(reasonOf({ on: customObject('dogwatch.io/v1alpha1', 'Remediation') }), 'hold own-object')
})

test('pods of the system priority classes are held, and what makes them', () => {
  for (const priorityClassName of ['system-cluster-critical', 'system-node-critical']) {
    const template = { spec: { priorityClassName } }
    assert.equal(reasonOf({ on: deployment({ spec: { template } }) }), 'hold protected-object')
    assert.equal(reasonOf({ on: pod({ spec: { priorityClassName } }) }), 'hold protected-object')
  }
  assert.equal(reasonOf({ on: pod({ spec: { priorityClassName: 'high' } }) }), 'pass')
})
