import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isInstalled } from '../../src/policy/capability.ts'
import { isInScope, selectsNamespace } from '../../src/policy/scope.ts'

const QUESTION = { rule: 'crash-loop', action: 'restart-workload', namespace: 'shop' }
const ALL = { namespaces: ['*'], rules: ['*'], actions: ['*'] }

test('all three lists must select', () => {
  assert.ok(isInScope(ALL, QUESTION))
  assert.ok(isInScope({ namespaces: ['sh*'], rules: ['crash-loop'], actions: ['restart-workload'] }, QUESTION))
  for (const list of ['namespaces', 'rules', 'actions']) assert.ok(!isInScope({ ...ALL, [list]: ['other'] }, QUESTION))
})

test('what is empty, null or missing selects nothing, in every place', () => {
  const nothing = fc.constantFrom([], null, undefined)
  const list = fc.oneof(nothing, fc.constant(['*']))
  fc.assert(
    fc.property(list, list, list, (namespaces, rules, actions) => {
      const isWhole = [namespaces, rules, actions].every((one) => one !== null && one !== undefined && one.length > 0)
      assert.equal(isInScope({ namespaces, rules, actions }, QUESTION), isWhole)
    }),
  )
  assert.ok(!isInstalled([], 'restart-workload', 'shop'))
  assert.ok(!isInstalled([{ action: 'restart-workload', namespaces: [] }], 'restart-workload', 'shop'))
})

test('rules and actions are named whole: no glob but "*"', () => {
  assert.ok(!isInScope({ ...ALL, rules: ['crash-*'] }, QUESTION))
  assert.ok(!isInScope({ ...ALL, actions: ['restart-*'] }, QUESTION))
})

test('a cluster-scoped object is selected by "*" alone', () => {
  assert.ok(selectsNamespace(['*'], undefined))
  for (const glob of ['?', '**', 'shop', '']) assert.ok(!selectsNamespace([glob], undefined))
})

test('a capability is for its action alone', () => {
  const installed = [{ action: 'restart-workload', namespaces: ['shop', 'web-?'] }]
  assert.ok(isInstalled(installed, 'restart-workload', 'web-1'))
  assert.ok(!isInstalled(installed, 'restart-workload', 'web-11'))
  assert.ok(!isInstalled(installed, 'restart-workload', undefined))
  assert.ok(!isInstalled(installed, 'quarantine-workload', 'shop'))
})
