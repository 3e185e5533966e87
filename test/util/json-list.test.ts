import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { JsonListReader } from '../../src/util/json-list.ts'

function read(text: string, cuts: readonly number[] = []): { items: unknown[]; rest: unknown } {
  const items: unknown[] = []
  const reader = new JsonListReader((item) => items.push(item))
  const bytes = Buffer.from(text)
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  let from = 0
  for (const end of ends) {
    reader.write(bytes.subarray(from, end))
    from = end
  }
  return { items, rest: reader.end() }
}

const key = fc.oneof(
  fc.constantFrom('items', 'x"items', '\\items', 'metadata', '{', '[', '\\"', 'ключ'),
  fc.string({ unit: 'binary' }),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.constant(null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  map: fc.array(fc.tuple(key, tie('any')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
}))
const document = fc.record({
  before: fc.array(
    fc.tuple(
      key.filter((name) => name !== 'items'),
      value.any,
    ),
    { maxLength: 3 },
  ),
  items: fc.array(value.map, { maxLength: 5 }),
  after: fc.array(
    fc.tuple(
      key.filter((name) => name !== 'items'),
      value.any,
    ),
    { maxLength: 3 },
  ),
  indent: fc.constantFrom(0, 1, '\t'),
})

describe('a JSON list read as it arrives', () => {
  test('holds what JSON.parse finds, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(document, fc.array(fc.nat(), { maxLength: 20 }), ({ before, items, after, indent }, cuts) => {
        const whole = Object.fromEntries([...before, ['items', items], ...after])
        const text = JSON.stringify(whole, null, indent)
        const { items: found, rest } = read(text, cuts)
        const parsed = JSON.parse(text) as Record<string, unknown>
        assert.deepEqual(found, parsed['items'])
        assert.deepEqual(rest, { ...parsed, items: items.map(() => 0) })
      }),
      { numRuns: 500 },
    )
  })

  test('is the same when each byte comes alone', () => {
    const text = '{"kind":"PodList","items":[{"a":"}]\\"ü\\\\"},{"items":[{}]}],"metadata":{"continue":"c"}}'
    const each = Array.from({ length: Buffer.byteLength(text) }, (_, i) => i)
    assert.deepEqual(read(text, each), read(text))
    assert.deepEqual(read(text).items, [{ a: '}]"ü\\' }, { items: [{}] }])
  })

  test('leaves a document without a list as it is', () => {
    for (const whole of [{ kind: 'Status', message: '"items":[{}]' }, { items: null }, { a: { items: [{ b: 1 }] } }])
      assert.deepEqual(read(JSON.stringify(whole)), { items: [], rest: whole })
  })

  test('leaves what is no object in the list', () =>
    assert.deepEqual(read('{"items":[1,{"a":1},"b",[{"c":1}]]}'), {
      items: [{ a: 1 }],
      rest: { items: [1, 0, 'b', [{ c: 1 }]] },
    }))

  for (const text of [
    '{"items":[{"a":1}',
    '{"items":[{"a":1},{"b":"c',
    '{"items":[{"a":1}]',
    '',
    '<html>',
    '{"items":[{"a":1}{"b":2}]}',
    '{"items":[{a:1}]}',
    '{"items":[{"a":1}]}}',
  ])
    test(`refuses ${text === '' ? 'nothing at all' : text}`, () => assert.throws(() => read(text), SyntaxError))
})
