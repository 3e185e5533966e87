import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelMatcher, matchesLabels } from '../../src/util/selector.ts'

test('labels that are asked for many are compared as one by one', () => {
  const labels = { app: 'web', tier: 'front' }
  const matches = labelMatcher({ app: 'web' })
  for (const one of [labels, labels, { app: 'db' }, {}, undefined, undefined])
    assert.equal(matches(one), matchesLabels(one, { app: 'web' }))
})

test('no labels are wanted by nobody, and any by whoever wants none in particular', () => {
  assert.equal(matchesLabels({ app: 'web' }, undefined), false)
  assert.equal(matchesLabels(undefined, {}), true)
})
