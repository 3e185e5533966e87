import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Explanation } from '../../src/engine/rule.ts'
import { known, type Value } from '../../src/facts/reading.ts'
import { container, load, ruleOf, VIEW, type Readings } from './facts.ts'

async function explained(rule: Record<string, unknown>, given: Readings, metadata = {}): Promise<Explanation> {
  const { rules, problems } = await load([['rule.json', rule]])
  assert.deepEqual(problems, [])
  const evaluation = rules[0]?.evaluate(container(given, metadata), VIEW)
  assert.ok(evaluation?.truth === 'true')
  return evaluation.explain({ target: 'Deployment shop/cart' })
}

const KNOWN = ruleOf(
  { all: [{ fact: 'ready', operator: 'isKnown', value: true }] },
  { examples: { fires: [{ ready: true }], quiet: [{}], unknown: [] } },
)

const RENDERED: [fact: string, value: Value, text: string][] = [
  ['memoryLimitBytes', 33_554_432, '32Mi'],
  ['memoryLimitBytes', null, 'none'],
  ['memoryUsageBytes', { atLeast: 1024, atMost: Infinity }, 'at least 1Ki'],
  ['cpuRequestCores', 0.25, '250m'],
  ['restartCount', 7, '7'],
  ['restartCount', 0.1 + 0.2, '0.3'],
  ['restartCount', { atLeast: 2, atMost: Infinity }, 'at least 2'],
  ['restartCount', { atLeast: 2, atMost: 5 }, '2 to 5'],
  ['restartCount', { atLeast: 4, atMost: 4 }, '4'],
  ['restartCount', { atLeast: -Infinity, atMost: 4 }, 'at most 4'],
  ['lastTerminationReason', 'Error', 'Error'],
  ['lastTerminationReason', 'a\u001b[31m\nb\u202ec', 'a [31m b c'],
  ['lastTerminationReason', 'x'.repeat(600), `${'x'.repeat(499)}…`],
  ['ready', false, 'false'],
  ['reasons', ['a', 'b\nc'], 'a, b c'],
  ['reasons', [], 'none'],
]

for (const [fact, value, text] of RENDERED) {
  test(`${fact} of ${JSON.stringify(value)?.slice(0, 60)} reads ${text.slice(0, 20)}`, async () => {
    const { message } = await explained(
      { ...KNOWN, explain: `{${fact}}` },
      { ready: known(true), [fact]: known(value) },
    )
    assert.equal(message, text)
  })
}

test('the words of a text, and a fact that is unknown', async () => {
  const { title, message } = await explained(
    {
      ...KNOWN,
      title: '{container} of {subject} in {namespace}, {name}',
      explain: '{target}: {restartCount} and {restartsIn(window=1h)}',
    },
    { ready: known(true) },
  )
  assert.equal(title, 'app of Pod shop/cart-1 in shop, cart-1')
  assert.equal(message, 'Deployment shop/cart: unknown and unknown')
})

test('text without placeholders, and text that is all placeholders', async () => {
  const { title, message } = await explained(
    { ...KNOWN, title: 'broken', explain: '{name}{name}' },
    { ready: known(true) },
  )
  assert.deepEqual([title, message], ['broken', 'cart-1cart-1'])
})

const count = (operator: string, value: unknown) => ({ fact: 'restartCount', operator, value })
const usage = (operator: string, value: unknown) => ({ fact: 'memoryUsageBytes', operator, value })

test('evidence is what made it true, in the order of the file, each question once', async () => {
  const rule = ruleOf(
    {
      all: [
        { any: [count('greaterThan', 100), count('greaterThan', 2), { fact: 'image', operator: 'equal', value: 'x' }] },
        { not: { all: [usage('lessThan', 5), usage('greaterThan', 1)] } },
        { not: { any: [usage('greaterThan', 50), { condition: 'twice' }] } },
        { not: { condition: 'twice' } },
      ],
    },
    {
      definitions: { twice: { all: [count('equal', 0)] } },
      examples: { fires: [{ restartCount: 3, memoryUsageBytes: 9 }], quiet: [{ restartCount: 0 }], unknown: [{}] },
    },
  )
  const { evidence } = await explained(rule, { restartCount: known(7), memoryUsageBytes: known(9) })
  assert.deepEqual(evidence, [
    { fact: 'restartCount', operator: 'greaterThan', expected: 2, actual: 7 },
    { fact: 'memoryUsageBytes', operator: 'lessThan', expected: 5, actual: 9 },
    { fact: 'memoryUsageBytes', operator: 'greaterThan', expected: 50, actual: 9 },
    { fact: 'restartCount', operator: 'equal', expected: 0, actual: 7 },
  ])
})

test('evidence holds no raw text of the cluster and no endless list', async () => {
  const rule = ruleOf(
    {
      all: [
        { fact: 'reasons', operator: 'contains', value: 'a' },
        { fact: 'image', operator: 'notEqual', value: 'x' },
      ],
    },
    { examples: { fires: [{ reasons: ['a'], image: 'y' }], quiet: [{ reasons: [] }], unknown: [{}] } },
  )
  const words = ['a', 'b\u0007c', ...Array.from({ length: 100 }, (_, i) => `w${i}`)]
  const { evidence } = await explained(rule, { reasons: known(words), image: known('evil\u001b]0;title') })
  const [list, image] = evidence
  const shown = list?.actual as string[]
  assert.deepEqual([shown.length, ...shown.slice(0, 2), shown.at(-1)], [51, 'a', 'b c', 'and 52 more'])
  assert.equal(image?.actual, 'evil ]0;title')
})
