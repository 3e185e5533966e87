import assert from 'node:assert/strict'
import { test } from 'node:test'
import { container, crashLoop, known, load, VIEW, windowKey } from './facts.ts'

test('the rule of the design loads and says true, false and unknown', async () => {
  const { rules, problems } = await load([['rules/crash-loop.json', crashLoop()]])
  assert.deepEqual(problems, [])
  const [rule] = rules
  assert.ok(rule)
  const key = windowKey('restartsIn', '15m')
  const fires = rule.evaluate(container({ [key]: known(7, { since: 5, until: 9 }), lastExitCode: known(1) }), VIEW)
  assert.ok(fires?.truth === 'true')
  const { explain, ...rest } = fires
  assert.deepEqual(rest, {
    truth: 'true',
    since: 5,
    until: 9,
    severity: 'critical',
    forMs: 0,
    resolveAfterMs: 900_000,
    flickerMs: 60_000,
  })
  assert.deepEqual(explain({ target: 'Deployment shop/cart' }), {
    title: 'app of Deployment shop/cart keeps crashing',
    message: 'restarted 7 times; last exit code 1 (unknown)',
    evidence: [
      { fact: 'restartsIn', params: { window: '15m' }, operator: 'greaterThanInclusive', expected: 3, actual: 7 },
    ],
  })
  assert.deepEqual(rule.evaluate(container({ [key]: known(1), restartCount: known(40) }), VIEW), { truth: 'false' })
  assert.deepEqual(rule.evaluate(container({}), VIEW), {
    truth: 'unknown',
    reason: 'not-recorded',
    detail: 'restartsIn(window=900000) is not given',
  })
})
