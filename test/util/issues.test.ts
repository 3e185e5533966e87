import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { describeIssues, didYouMean, quote, schemaKeys } from '../../src/util/issues.ts'

const leaf = z.strictObject({ fact: z.string(), value: z.union([z.number(), z.null()]) })
const tree: z.ZodType = z.lazy(() => z.union([z.strictObject({ all: z.array(tree).min(1) }), leaf]))
const schema = z.strictObject({
  name: z.string(),
  level: z.enum(['low', 'high']),
  tree,
  map: z.record(z.string().regex(/^[a-z]+$/, 'lower case'), z.number()).optional(),
})
const keys = ['name', 'level', 'tree', 'map', 'all', 'fact', 'value']
const GOOD = { name: 'x', level: 'low', tree: { fact: 'a', value: 1 } }

const CASES: [value: unknown, issues: [path: string, message: string][]][] = [
  [GOOD, []],
  [{ ...GOOD, nam: 1 }, [['nam', 'unknown key "nam"; did you mean "name"?']]],
  [{ ...GOOD, level: 'hihg' }, [['level', 'unknown "hihg"; did you mean "high"?']]],
  [{ ...GOOD, level: 'medium' }, [['level', '"medium" is not one of low, high']]],
  [{ level: 'low', tree: GOOD.tree }, [['name', '"name" is missing']]],
  [{ ...GOOD, name: 5 }, [['name', 'string expected, number found']]],
  [{ ...GOOD, name: null }, [['name', 'string expected, null found']]],
  [{ ...GOOD, tree: undefined }, [['tree', '"tree" is missing']]],
  [
    { ...GOOD, tree: { all: [{ all: [{ fact: 'a', vale: 1 }] }] } },
    [
      ['tree.all.0.all.0.value', '"value" is missing'],
      ['tree.all.0.all.0.vale', 'unknown key "vale"; did you mean "value"?'],
    ],
  ],
  [
    { ...GOOD, tree: { all: [{ fact: 'a', value: 'x' }] } },
    [['tree.all.0.value', 'number or null expected, string found']],
  ],
  [{ ...GOOD, map: { A: 1 } }, [['map.A', 'lower case']]],
  ['text', [['', 'object expected, string found']]],
]
for (const [value, issues] of CASES) {
  test(`${JSON.stringify(value)} gets ${issues.length} issues`, () => {
    const parsed = schema.safeParse(value)
    const described = parsed.success ? [] : describeIssues(parsed.error.issues, keys, value)
    assert.deepEqual(
      described.map(({ path, message }): [string, string] => [path.join('.'), message]),
      issues,
    )
  })
}

test('words in messages are short, on one line and without control characters', () => {
  assert.equal(quote('a\u001b[0m\nb'), '"a [0m b"')
  assert.equal(quote('x'.repeat(200)).length, 62)
  assert.equal(quote({ a: 1 }), '"{"a":1}"')
})

test('only what is near is offered', () => {
  assert.equal(didYouMean('restartCont', ['restartCount', 'age']), '; did you mean "restartCount"?')
  assert.equal(didYouMean('elephant', ['restartCount', 'age']), '')
  assert.equal(didYouMean('x'.repeat(1000), ['x']), '')
})

test('the keys of a schema are those of all its objects', () => {
  assert.deepEqual(schemaKeys(z.toJSONSchema(schema)).toSorted(), keys.toSorted())
})
