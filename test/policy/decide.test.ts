import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decide } from '../../src/policy/decide.ts'
import { REASONS, type Gate, type GateAnswer } from '../../src/policy/gates/gate.ts'
import { GATES } from '../../src/policy/gates/index.ts'
import { LEVELS, TIERS } from '../../src/policy/levels.ts'
import { NOW, namespace } from '../support/build.ts'
import { decided, gateInput } from '../support/proposals.ts'

const VERDICTS = { pass: 'act', ask: 'ask', hold: 'hold' } as const

const answer: fc.Arbitrary<GateAnswer> = fc.oneof(
  fc.record({ answer: fc.constant('pass' as const), detail: fc.constantFrom('one', 'two', '') }),
  fc.record({
    answer: fc.constantFrom('ask' as const, 'hold' as const),
    reason: fc.constantFrom(...REASONS).filter((reason) => reason !== 'permitted'),
    detail: fc.constantFrom('one', 'two', ''),
  }),
)

test('the verdict is the strictest answer, the reason that of the first gate that gave it', () => {
  const input = gateInput()
  fc.assert(
    fc.property(answer, fc.array(answer, { maxLength: 16 }), (first, rest) => {
      const gateOf = (given: GateAnswer): Gate => ({
        name: 'fresh',
        holds: 'for-everyone',
        description: '',
        judge: () => given,
      })
      const answers = [first, ...rest]
      const decision = decide(input, [gateOf(first), ...rest.map(gateOf)])
      const strictest = ['hold', 'ask', 'pass'].find((one) => answers.some((given) => given.answer === one))
      const speaker = answers.find((given) => given.answer === strictest)
      assert.ok(speaker)
      assert.equal(decision.verdict, VERDICTS[speaker.answer])
      assert.equal(decision.reason, speaker.answer === 'pass' ? 'permitted' : speaker.reason)
      assert.deepEqual(
        decision.gates.map(({ answer: given, detail }) => ({ given, detail })),
        answers.map(({ answer: given, detail }) => ({ given, detail })),
      )
    }),
  )
})

test('gates are asked in the order of the design, all of them', () => {
  const names = ['fresh', 'warm-up', 'blast', 'protected', 'capability', 'level', 'owner']
  assert.deepEqual(
    GATES.map(({ name }) => name),
    names,
  )
  for (const asked of [{}, { capabilities: [] }, { others: [] }])
    assert.deepEqual(
      decided(asked).gates.map(({ gate }) => gate),
      names,
    )
})

const TABLE: Record<(typeof TIERS)[number], string> = {
  mark: 'hold ask act act act',
  heal: 'hold ask act act act',
  change: 'hold ask ask act act',
  outage: 'hold ask ask ask act',
  destroy: 'hold ask ask ask ask',
}

for (const tier of TIERS) {
  test(`${tier}, installed: act, ask and hold at the levels of the design's table`, () => {
    assert.equal(LEVELS.map((level) => decided({ tier, policy: { level } }).verdict).join(' '), TABLE[tier])
  })
  test(`${tier}, not installed: hold at every level, with the word that says why`, () => {
    for (const level of LEVELS) {
      const { verdict, reason } = decided({ tier, policy: { level }, capabilities: [] })
      assert.deepEqual([verdict, reason], ['hold', 'capability-not-installed'])
    }
  })
}

test('L0 holds and says so', () => {
  const { verdict, reason } = decided({ tier: 'mark', policy: { level: 'L0' } })
  assert.deepEqual([verdict, reason], ['hold', 'level-observes'])
})

test('everything passes: act, permitted', () => {
  const { verdict, reason, until } = decided({ tier: 'heal', policy: { level: 'L2' } })
  assert.deepEqual([verdict, reason, until], ['act', 'permitted', null])
})

test('nothing in a protected namespace is ever done or asked, whatever is granted', () => {
  const anything = {
    level: 'L4',
    grants: [{ level: 'L4', namespaces: ['*'], rules: ['*'], actions: ['*'], reason: 'all' }],
  }
  for (const tier of TIERS) {
    const others = [namespace({ name: 'shop', labels: { 'dogwatch.io/protected': 'true' } })]
    const { verdict, reason } = decided({ tier, policy: anything, others })
    assert.deepEqual([verdict, reason], ['hold', 'protected-namespace'])
  }
})

test('a decision says when a grant that it rests on runs out', () => {
  const grant = { level: 'L3', namespaces: ['*'], rules: ['*'], actions: ['*'], reason: 'trial' }
  const policy = { grants: [{ ...grant, expires: '2026-11-21T13:30:00+01:00' }] }
  const { verdict, until } = decided({ tier: 'change', policy })
  assert.deepEqual([verdict, until], ['act', '2026-11-21T12:30:00Z'])
  assert.equal(decided({ tier: 'change', policy, now: NOW + 3_600_000 }).verdict, 'ask')
})

test('a gate that no approval opens never asks for one', () => {
  const situations = [{}, { others: [] }, { capabilities: [] }, { proposal: { ownerComplete: false } }]
  for (const gate of GATES.filter(({ holds }) => holds === 'for-everyone'))
    for (const asked of situations) assert.notEqual(gate.judge(gateInput(asked)).answer, 'ask')
})

test('what a cluster wrote cannot break out of its line, nor fill the page', () => {
  const managedBy = { tool: 'argocd', name: `x\n\u001b[2Jverdict: act ${'y'.repeat(10_000)}` } as const
  const detail = decided({ proposal: { managedBy } }).gates.find(({ gate }) => gate === 'owner')?.detail ?? ''
  assert.match(detail, /^Argo CD decides about it: x \[2Jverdict/)
  assert.equal(detail.length, 300)
})
