import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { withoutManagedFields } from '../../../src/cluster/watch/managed-fields.ts'

const TRAP = '"managedFields":[{"}]'

// Words that look like what is looked for stand in keys, values, and behind backslashes.
const word = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(TRAP, `\\${TRAP}`, 'managedFields', '\\', '"', ']'),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(word, tie('value'), { maxKeys: 3 }),
    fc.record({ managedFields: fc.array(tie('value'), { maxLength: 3 }), after: tie('value') }),
  ),
}))

const emptied = (key: string, of: unknown): unknown => (key === 'managedFields' && Array.isArray(of) ? [] : of)

test('lists of managed fields are emptied, and all else stays as it is', () => {
  let reached = 0
  fc.assert(
    fc.property(value, (document) => {
      const text = JSON.stringify(document)
      const cut = withoutManagedFields(Buffer.from(text))
      assert.deepEqual(JSON.parse(cut), JSON.parse(text, emptied))
      if (cut !== text) reached++
    }),
    { numRuns: 500 },
  )
  assert.ok(reached > 50, `only ${reached} had any`)
})

test('what has no end, or is no list, stands as it is', () => {
  const text = '{"a":{"managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{"\\"]":[]}}}]},"b":1}'
  const end = text.indexOf(']},"b"')
  for (let at = 0; at <= end; at++)
    assert.equal(withoutManagedFields(Buffer.from(text.slice(0, at))), text.slice(0, at))
  assert.equal(withoutManagedFields(Buffer.from(text)), '{"a":{"managedFields":[]},"b":1}')
  assert.equal(withoutManagedFields(Buffer.from('{"managedFields":{"a":[1]}}')), '{"managedFields":{"a":[1]}}')
})
