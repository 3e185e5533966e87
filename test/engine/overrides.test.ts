import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overrideSchema, type Override } from '../../src/engine/overrides.ts'
import type { True } from '../../src/engine/rule.ts'
import { known } from '../../src/facts/reading.ts'
import { container, load, ruleOf, VIEW } from './facts.ts'

const RULE = ruleOf(
  { all: [{ fact: 'restartCount', operator: 'greaterThanInclusive', value: { threshold: 'restarts' } }] },
  {
    thresholds: { restarts: 5 },
    examples: { fires: [{ restartCount: 5 }], quiet: [{ restartCount: 4 }], unknown: [{}] },
  },
)

async function evaluate(
  overrides: readonly Override[],
  restarts: number,
  metadata = {},
): Promise<True | string | undefined> {
  const { rules, problems, overrideIssues } = await load([['rule.json', RULE]], { overrides })
  assert.deepEqual([problems, overrideIssues], [[], []])
  const evaluation = rules[0]?.evaluate(container({ restartCount: known(restarts) }, metadata), VIEW)
  return evaluation?.truth === 'true' ? evaluation : evaluation?.truth
}

const rule = 'crash-loop'

test('without an override that applies, the rule is its own', async () => {
  const away: Override = { rule, namespaces: ['other'], severity: 'low' }
  const evaluation = (await evaluate([away], 5)) as True
  assert.deepEqual([evaluation.severity, evaluation.forMs, evaluation.resolveAfterMs], ['critical', 0, 900_000])
})

test('severity, durations and thresholds are changed in their scope', async () => {
  const overrides: Override[] = [
    { rule, namespaces: ['sh?p'], severity: 'low', for: '5m', resolveAfter: '1h' },
    { rule, labels: { matchLabels: { app: 'cart' } }, thresholds: { restarts: 2 } },
  ]
  const evaluation = (await evaluate(overrides, 2, { labels: { app: 'cart' } })) as True
  assert.deepEqual([evaluation.severity, evaluation.forMs, evaluation.resolveAfterMs], ['low', 300_000, 3_600_000])
  assert.deepEqual(evaluation.explain({ target: 't' }).evidence[0]?.expected, 2)
  assert.equal(await evaluate(overrides, 2), 'false')
  assert.equal(((await evaluate(overrides, 9)) as True).severity, 'low')
})

test('later entries win, entry by entry', async () => {
  const off: Override = { rule, disabled: true }
  const on: Override = { rule, namespaces: ['shop'], disabled: false }
  assert.equal(await evaluate([off], 9), undefined)
  assert.equal(((await evaluate([off, on], 9)) as True).severity, 'critical')
  assert.equal(await evaluate([on, off], 9), undefined)
  assert.equal(
    (
      (await evaluate(
        [
          { rule, severity: 'low' },
          { rule, severity: 'high' },
        ],
        9,
      )) as True
    ).severity,
    'high',
  )
  assert.equal(
    (
      (await evaluate(
        [
          { rule, severity: 'low' },
          { rule, for: '1m' },
        ],
        9,
      )) as True
    ).severity,
    'low',
  )
})

test('unknown rules and thresholds are named with the nearest right one, and those overrides are not applied', async () => {
  const overrides: Override[] = [
    { rule: 'crash-lop', severity: 'low' },
    { rule, thresholds: { restart: 1, restarts: 1 } },
    { rule, severity: 'info' },
  ]
  const { rules, overrideIssues } = await load([['rule.json', RULE]], { overrides })
  assert.deepEqual(
    overrideIssues.map(({ path, message }) => [path, message]),
    [
      [[0, 'rule'], 'unknown rule "crash-lop"; did you mean "crash-loop"?'],
      [[1, 'thresholds', 'restart'], 'the rule "crash-loop" has no threshold "restart"; did you mean "restarts"?'],
    ],
  )
  const evaluation = rules[0]?.evaluate(container({ restartCount: known(5) }), VIEW) as True
  assert.equal(evaluation.severity, 'info')
  assert.equal(rules[0]?.evaluate(container({ restartCount: known(3) }), VIEW)?.truth, 'false')
})

test('an override may not ask for less time than the rule allows', async () => {
  const overrides: Override[] = ['23h59m', '1d'].map((time) => ({ rule, for: time }))
  const { overrideIssues } = await load([['rule.json', { ...RULE, for: '7d', forAtLeast: '24h' }]], { overrides })
  assert.deepEqual(
    overrideIssues.map(({ path, message }) => [path, message]),
    [[[0, 'for'], 'the rule "crash-loop" has to hold for at least 1d, whoever asks for less']],
  )
})

test('an override of a rule whose file is broken is no fault', async () => {
  const { overrideIssues } = await load([['rule.json', { ...RULE, severity: 'odd' }]], {
    overrides: [{ rule, thresholds: { restarts: 1 } }],
  })
  assert.deepEqual(overrideIssues, [])
})

const REFUSED: [what: string, override: Record<string, unknown>][] = [
  ['nothing', {}],
  ['no change', { rule }],
  ['no change in a scope', { rule, namespaces: ['shop'] }],
  ['no namespaces', { rule, namespaces: [], disabled: true }],
  ['an empty selector', { rule, labels: {}, disabled: true }],
  ['no thresholds', { rule, thresholds: {} }],
  ['a severity', { rule, severity: 'urgent' }],
  ['a duration', { rule, for: 'soon' }],
  ['an unknown key', { rule, disable: true }],
]
for (const [what, override] of REFUSED) {
  test(`an override with ${what} is refused`, () => assert.equal(overrideSchema.safeParse(override).success, false))
}
