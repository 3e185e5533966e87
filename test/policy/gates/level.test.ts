import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LEVELS, TIERS, type Level } from '../../../src/policy/levels.ts'
import { level, levelFor } from '../../../src/policy/gates/level.ts'
import { NOW, deployment, namespace, node, snapshotOf } from '../../support/build.ts'
import { ACTION, RULE, gateInput, type Asked } from '../../support/proposals.ts'

const judge = (asked: Asked) => level.judge(gateInput(asked))
const reached = (asked: Asked): Level => levelFor(gateInput(asked), asked.now ?? NOW).level
const shop = (annotation?: string) =>
  namespace({ name: 'shop', ...(annotation === undefined ? {} : { annotations: { 'dogwatch.io/level': annotation } }) })
const grant = (rest: object = {}) => ({
  level: 'L4',
  namespaces: ['shop'],
  rules: [RULE],
  actions: [ACTION],
  reason: 'trial',
  ...rest,
})
const cap = (rest: object = {}) => ({ level: 'L1', namespaces: ['shop'], rules: ['*'], actions: ['*'], ...rest })

test('says how the level compares with the tier, and what made it so', () => {
  assert.deepEqual(judge({ tier: 'outage' }), {
    answer: 'ask',
    reason: 'level-below-tier',
    detail: 'L1 < outage',
    until: undefined,
  })
  const details = (asked: Asked) => judge({ tier: 'outage', ...asked }).detail
  assert.equal(details({ policy: { level: 'L4' } }), 'L4 allows outage')
  assert.equal(details({ policy: { grants: [grant()] } }), 'L4 allows outage (granted: trial)')
  assert.equal(details({ policy: { level: 'L4', ceiling: 'L2' } }), 'L2 < outage (ceiling)')
  assert.equal(details({ policy: { level: 'L4', caps: [cap({ reason: 'audit' })] } }), 'L1 < outage (cap: audit)')
  assert.equal(details({ policy: { level: 'L4', caps: [cap()] } }), 'L1 < outage (cap)')
  assert.equal(details({ policy: { level: 'L0' } }), 'L0 observes')
  assert.equal(
    details({ policy: { level: 'L4' }, others: [shop('L1')] }),
    'L1 < outage (dogwatch.io/level of namespace shop)',
  )
})

test('what destroys is asked at the highest level too, with its own word', () => {
  const answer = judge({ tier: 'destroy', policy: { level: 'L4' } })
  assert.deepEqual([answer.answer, 'reason' in answer && answer.reason], ['ask', 'always-asked'])
})

test('a namespace can lower its level and never raise it', () => {
  for (const written of LEVELS)
    for (const policy of LEVELS) {
      const lower = LEVELS.indexOf(written) < LEVELS.indexOf(policy) ? written : policy
      assert.equal(reached({ policy: { level: policy }, others: [shop(written)] }), lower)
    }
})

test('a level that cannot be read is L0', () => {
  fc.assert(
    fc.property(fc.string(), (written) => {
      const isLevel = LEVELS.some((one) => one === written)
      return isLevel || reached({ policy: { level: 'L4' }, others: [shop(written)] }) === 'L0'
    }),
  )
  assert.equal(reached({ policy: { level: 'L4' }, others: [] }), 'L0')
  const answer = judge({ policy: { level: 'L4' }, others: [], tier: 'mark' })
  assert.deepEqual(answer, {
    answer: 'hold',
    reason: 'level-observes',
    detail: 'L0 observes (namespace shop could not be read)',
    until: undefined,
  })
})

test('garbage in the place of any level of the policy is L0', () => {
  const garbage = fc.anything().filter((value) => !LEVELS.some((one) => one === value))
  const where = fc.constantFrom('level', 'ceiling', 'cap')
  fc.assert(
    fc.property(garbage, where, (value, place) => {
      const input = gateInput({ policy: { level: 'L4', caps: [cap({ level: 'L4' })] } })
      const policy = JSON.parse(JSON.stringify(input.policy)) as typeof input.policy
      const broken =
        place === 'cap'
          ? { ...policy, caps: policy.caps.map((one) => Object.assign(one, { level: value })) }
          : Object.assign(policy, { [place]: value })
      assert.equal(levelFor({ ...input, policy: broken }, NOW).level, 'L0')
    }),
  )
  const granted = gateInput({ policy: { level: 'L1', grants: [grant()] } })
  for (const one of granted.policy.grants) Object.assign(one, { level: 'L9' })
  assert.equal(levelFor(granted, NOW).level, 'L1')
})

test('a grant is for its namespaces, rules and actions alone', () => {
  assert.equal(reached({ policy: { grants: [grant()] } }), 'L4')
  for (const other of [
    { namespaces: ['web'] },
    { rules: ['x'] },
    { actions: ['x'] },
    { namespaces: [] },
    { rules: [] },
  ])
    assert.equal(reached({ policy: { grants: [grant(other)] } }), 'L1')
})

test('the highest of several grants counts, the lowest of several caps', () => {
  const grants = [grant({ level: 'L2' }), grant({ level: 'L3' }), grant({ level: 'L0' })]
  assert.equal(reached({ policy: { grants } }), 'L3')
  const caps = [cap({ level: 'L3' }), cap({ level: 'L2' })]
  assert.equal(reached({ policy: { level: 'L4', caps } }), 'L2')
})

test('a grant that has expired, now or before, grants nothing', () => {
  const expiring = { grants: [grant({ expires: '2026-11-21T12:00:00Z' })] }
  assert.equal(reached({ policy: expiring, now: NOW - 1 }), 'L4')
  assert.equal(reached({ policy: expiring, now: NOW }), 'L1')
  assert.equal(reached({ policy: expiring, now: NOW + 1 }), 'L1')
  const broken = gateInput({ policy: { grants: [grant()] } })
  for (const one of broken.policy.grants) Object.assign(one, { expires: 'never' })
  assert.equal(levelFor(broken, NOW).level, 'L1')
})

test('until is when the answer changes, not merely when a grant runs out', () => {
  const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString()
  const until = (tier: Asked['tier'], grants: object[]) => judge({ ...(tier && { tier }), policy: { grants } }).until
  const two = [grant({ level: 'L3', expires: at(2) }), grant({ level: 'L4', expires: at(1) })]
  assert.equal(until('outage', two), NOW + 3_600_000)
  assert.equal(until('change', two), NOW + 2 * 3_600_000)
  assert.equal(until('destroy', two), undefined)
  assert.equal(until('change', [grant({ expires: at(1) }), grant()]), undefined)
  assert.equal(until('change', [grant({ expires: at(-1) })]), undefined)
})

test('an object of no namespace is lowered by none, and granted by "*" alone', () => {
  const on = node({ name: 'a' })
  assert.equal(reached({ on, others: [], policy: { level: 'L2' } }), 'L2')
  assert.equal(reached({ on, others: [], policy: { grants: [grant()] } }), 'L1')
  assert.equal(reached({ on, others: [], policy: { grants: [grant({ namespaces: ['*'] })] } }), 'L4')
})

test('a forbidden list of namespaces is no reason to go on', () => {
  const snapshot = snapshotOf([deployment({ name: 'cart' })], {
    blind: { namespaces: { unknown: 'forbidden', detail: 'namespaces: forbidden' } },
  })
  for (const tier of TIERS) assert.equal(judge({ snapshot, tier, policy: { level: 'L4' } }).answer, 'hold')
})
