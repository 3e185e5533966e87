import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Evaluation, True } from '../../src/engine/rule.ts'
import { known, unknown } from '../../src/facts/reading.ts'
import { container, FACTS, load, ruleOf, VIEW, VOCABULARY, type Readings } from './facts.ts'
import { loadRules, type LoadOptions } from '../../src/engine/loader.ts'

type Rule = Record<string, unknown>

/** Loads a rule whose examples are worth nothing: what fires is said by `fires`, what is quiet by `quiet`. */
async function compiled(rule: Rule, options: LoadOptions = {}) {
  const set = await load([['rule.json', rule]], options)
  assert.deepEqual(set.problems, [])
  const [first] = set.rules
  assert.ok(first)
  return { ...set, rule: first }
}

const count = (operator: string, value: unknown) => ({ fact: 'restartCount', operator, value })
const exit = (operator: string, value: unknown) => ({ fact: 'lastExitCode', operator, value })
const ready = (value: boolean) => ({ fact: 'ready', operator: 'equal', value })
const readings = (fires: Rule, quiet: Rule) => ({ examples: { fires: [fires], quiet: [quiet], unknown: [{}] } })

const ALL = ruleOf(
  { all: [count('greaterThan', 2), ready(false)] },
  readings({ restartCount: 3, ready: false }, { ready: true }),
)
const ANY = ruleOf(
  { any: [count('greaterThan', 2), ready(false)] },
  readings({ ready: false }, { restartCount: 1, ready: true }),
)
const NOT_ANY = ruleOf(
  { not: { any: [count('greaterThan', 2), ready(false)] } },
  readings({ restartCount: 1, ready: true }, { ready: false }),
)
const NOT_ALL = ruleOf(
  { not: { all: [count('greaterThan', 2), ready(false)] } },
  readings({ restartCount: 1 }, { restartCount: 3, ready: false }),
)

const at = (time?: number) => ({ since: time })
const SINCE: [what: string, rule: Rule, given: Readings, since: number | undefined][] = [
  ['all: the latest', ALL, { restartCount: known(3, at(10)), ready: known(false, at(20)) }, 20],
  ['all: undated when one is', ALL, { restartCount: known(3, at(10)), ready: known(false) }, undefined],
  ['any: the earliest that is true', ANY, { restartCount: known(3, at(30)), ready: known(false, at(20)) }, 20],
  ['any: what is false does not date it', ANY, { restartCount: known(1, at(5)), ready: known(false, at(20)) }, 20],
  ['any: what is unknown does not date it', ANY, { ready: known(false, at(20)) }, 20],
  ['any: the one that is dated', ANY, { restartCount: known(3), ready: known(false, at(20)) }, 20],
  ['any: undated', ANY, { restartCount: known(3), ready: known(true, at(20)) }, undefined],
  [
    'not any: all are false since the latest',
    NOT_ANY,
    { restartCount: known(1, at(10)), ready: known(true, at(20)) },
    20,
  ],
  ['not any: undated when one is', NOT_ANY, { restartCount: known(1, at(10)), ready: known(true) }, undefined],
  [
    'not all: one is false since the earliest',
    NOT_ALL,
    { restartCount: known(1, at(10)), ready: known(true, at(20)) },
    10,
  ],
  [
    'not all: what is true does not date it',
    NOT_ALL,
    { restartCount: known(3, at(10)), ready: known(true, at(20)) },
    20,
  ],
]

for (const [what, rule, given, since] of SINCE) {
  test(`since of ${what}`, async () => {
    const evaluation = (await compiled(rule)).rule.evaluate(container(given), VIEW)
    assert.ok(evaluation?.truth === 'true')
    assert.equal(evaluation.since, since)
  })
}

test('since of a comparison of two facts is the later of both', async () => {
  const rule = ruleOf(
    { all: [{ fact: 'memoryUsageBytes', operator: 'greaterThan', value: { fact: 'memoryLimitBytes' } }] },
    readings({ memoryUsageBytes: 3, memoryLimitBytes: 2 }, { memoryUsageBytes: 1, memoryLimitBytes: 2 }),
  )
  const evaluation = (await compiled(rule)).rule.evaluate(
    container({ memoryUsageBytes: known(9, at(40)), memoryLimitBytes: known(8, at(70)) }),
    VIEW,
  ) as True
  assert.equal(evaluation.since, 70)
  assert.deepEqual(evaluation.explain({ target: 't' }).evidence, [
    { fact: 'memoryUsageBytes', operator: 'greaterThan', expected: 8, actual: 9 },
  ])
})

test('until is the earliest of what was read, whatever the answer', async () => {
  const { rule } = await compiled(ANY)
  const until = (given: Readings) => rule.evaluate(container(given), VIEW)?.until
  assert.equal(until({ restartCount: known(3, { until: 50 }), ready: known(true, { until: 40 }) }), 40)
  assert.equal(until({ restartCount: known(1, { until: 50 }), ready: known(true) }), 50)
  assert.equal(until({ restartCount: known(1, { until: 50 }) }), 50)
  assert.equal(until({}), undefined)
})

test('an unknown answer names the first question that is open, and what it lacks', async () => {
  const { rule } = await compiled(ALL)
  const say = (given: Readings): Evaluation | undefined => rule.evaluate(container(given), VIEW)
  assert.deepEqual(say({ restartCount: known(3), ready: unknown('forbidden', 'pods cannot be listed') }), {
    truth: 'unknown',
    reason: 'forbidden',
    detail: 'pods cannot be listed',
  })
  assert.deepEqual(say({ restartCount: known({ atLeast: 1, atMost: 5 }), ready: known(false) }), {
    truth: 'unknown',
    reason: 'undecided',
    detail: 'restartCount is 1 to 5; whether it is above 2 is open',
  })
  assert.deepEqual(say({ restartCount: unknown('forbidden'), ready: known(true) }), { truth: 'false' })
})

test('what does not fit its type is unknown', async () => {
  const { rule } = await compiled(
    ruleOf({ not: { any: [count('greaterThan', 2)] } }, readings({ restartCount: 1 }, { restartCount: 3 })),
  )
  for (const value of [
    Number.NaN,
    '1',
    null,
    true,
    ['1'],
    { atLeast: 5, atMost: 1 },
    { atLeast: Number.NaN, atMost: 1 },
  ]) {
    const evaluation = rule.evaluate(container({ restartCount: known(value) }), VIEW)
    assert.ok(evaluation?.truth === 'unknown', JSON.stringify(value))
    assert.equal(evaluation.reason, 'malformed')
  }
})

test('each fact is read at most once, and only when it is asked for', async () => {
  const read: string[] = []
  const facts = FACTS.map((fact) => ({
    ...fact,
    read: (...given: Parameters<typeof fact.read>) => (read.push(fact.name), fact.read(...given)),
  }))
  const rule = ruleOf(
    { all: [count('greaterThan', 2), count('lessThan', 9), ready(false)] },
    readings({ restartCount: 3, ready: false }, { ready: true }),
  )
  const { rules } = await loadRules([{ file: 'a', text: JSON.stringify(rule) }], { ...VOCABULARY, facts })
  rules[0]?.evaluate(container({ restartCount: known(1), ready: known(false) }), VIEW)
  assert.deepEqual(read, ['restartCount'])
  read.length = 0
  const evaluation = rules[0]?.evaluate(container({ restartCount: known(5), ready: known(false) }), VIEW) as True
  evaluation.explain({ target: 't' })
  assert.deepEqual(read, ['restartCount', 'ready'])
})

test('for by the value of a fact, and while that is unknown', async () => {
  const holding = { by: 'state', values: { running: '5m', waiting: '1h' }, default: '2m' }
  const { rule } = await compiled({ ...ANY, for: holding })
  const forMs = (state?: string) =>
    (
      rule.evaluate(
        container({ ready: known(false), ...(state === undefined ? {} : { state: known(state) }) }),
        VIEW,
      ) as True
    ).forMs
  assert.deepEqual(
    [forMs('running'), forMs('waiting'), forMs('terminated'), forMs()],
    [300_000, 3_600_000, 120_000, 120_000],
  )
})

test('a scope by namespace, kind and labels', async () => {
  const scope = { namespaces: ['shop-*', 'pay'], kinds: ['Pod'], labels: { matchLabels: { app: 'cart' } } }
  const { rule } = await compiled({ ...ANY, scope })
  const inside = (metadata: Rule) => rule.evaluate(container({}, metadata), VIEW) !== undefined
  const labels = { app: 'cart' }
  assert.deepEqual(
    [
      inside({ namespace: 'shop-eu', labels }),
      inside({ namespace: 'pay', labels }),
      inside({ namespace: 'shop', labels }),
      inside({ namespace: 'pay', labels: { app: 'web' } }),
      inside({ namespace: 'pay' }),
      inside({ namespace: undefined, labels }),
    ],
    [true, true, false, false, false, false],
  )
})

test('a rule that needs too many steps is switched off and reported; the others go on', async () => {
  const many = ruleOf(
    { any: Array.from({ length: 50 }, (_, i) => count('equal', i + 1000)) },
    readings({ restartCount: 1000 }, { restartCount: 1 }),
  )
  const set = await load(
    [
      ['a.json', { ...ALL, id: 'small' }],
      ['b.json', { ...many, id: 'large' }],
    ],
    { stepBudget: 60 },
  )
  assert.deepEqual(set.problems, [])
  const tight = await load(
    [
      ['a.json', { ...ALL, id: 'small' }],
      ['b.json', { ...many, id: 'large' }],
    ],
    { stepBudget: 20 },
  )
  assert.match(tight.problems[0]?.message ?? '', /it takes more than 20 steps/)
  assert.deepEqual(
    tight.rules.map(({ rule }) => rule.id),
    ['small'],
  )
})

test('a rule whose fact throws is switched off and reported once; the others go on', async () => {
  const facts = FACTS.map((fact) =>
    fact.name === 'ready'
      ? {
          ...fact,
          read: () => {
            throw new Error('boom \u001b[31m')
          },
        }
      : fact,
  )
  const text = (rule: Rule) => JSON.stringify(rule)
  const set = await loadRules(
    [
      { file: 'a', text: text({ ...ALL, id: 'throws' }) },
      {
        file: 'b',
        text: text(
          ruleOf(
            { all: [count('greaterThan', 2)] },
            { id: 'fine', ...readings({ restartCount: 3 }, { restartCount: 1 }) },
          ),
        ),
      },
    ],
    { ...VOCABULARY, facts },
  )
  const subject = container({ restartCount: known(5) })
  const [throws, fine] = set.rules
  assert.deepEqual(set.disabled(), [])
  assert.equal(throws?.evaluate(container({ restartCount: known(1) }), VIEW)?.truth, 'false')
  assert.equal(throws?.evaluate(subject, VIEW), undefined)
  assert.equal(throws?.evaluate(container({ restartCount: known(1) }), VIEW), undefined)
  assert.equal(fine?.evaluate(subject, VIEW)?.truth, 'true')
  assert.deepEqual(set.disabled(), [{ rule: 'throws', reason: 'Error: boom  [31m' }])
})

test('a text that fails leaves the match and switches the rule off', async () => {
  const facts = FACTS.map((fact) =>
    fact.name === 'image'
      ? {
          ...fact,
          read: () => {
            throw new Error('boom')
          },
        }
      : fact,
  )
  const set = await loadRules([{ file: 'a', text: JSON.stringify({ ...ANY, explain: 'of {image}' }) }], {
    ...VOCABULARY,
    facts,
  })
  const evaluation = set.rules[0]?.evaluate(container({ ready: known(false) }), VIEW) as True
  assert.deepEqual(evaluation.explain({ target: 'Deployment shop/cart' }), {
    title: 'crash-loop: Deployment shop/cart',
    message: 'the explanation failed',
    evidence: [],
  })
  assert.deepEqual(set.disabled(), [{ rule: 'crash-loop', reason: 'Error: boom' }])
})

test('isKnown and isUnknown are the only ones that look at whether there is a value', async () => {
  const rule = ruleOf(
    {
      all: [
        { fact: 'restartCount', operator: 'isUnknown', value: true },
        { fact: 'lastExitCode', operator: 'isKnown', value: true },
      ],
    },
    { examples: { fires: [{ lastExitCode: null }], quiet: [{ restartCount: 1, lastExitCode: 1 }, {}], unknown: [] } },
  )
  const evaluation = (await compiled(rule)).rule.evaluate(container({ lastExitCode: known(null, at(5)) }), VIEW) as True
  assert.equal(evaluation.since, undefined)
  assert.deepEqual(evaluation.explain({ target: 't' }).evidence, [
    { fact: 'restartCount', operator: 'isUnknown', expected: true, actual: 'unknown' },
    { fact: 'lastExitCode', operator: 'isKnown', expected: true, actual: null },
  ])
})

test('ordering of an exit code that is null is false', async () => {
  const { rule } = await compiled(
    ruleOf({ all: [exit('lessThan', 5)] }, readings({ lastExitCode: 3 }, { lastExitCode: null })),
  )
  assert.deepEqual(rule.evaluate(container({ lastExitCode: known(null) }), VIEW), { truth: 'false' })
})
