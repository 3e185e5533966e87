import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseJson, type JsonDocument, type JsonLimits } from '../../src/util/json.ts'

const LIMITS: JsonLimits = { text: 10_000, depth: 10, string: 100, list: 50 }

function read(text: string): JsonDocument {
  const document = parseJson(text, LIMITS)
  assert.ok('value' in document, JSON.stringify(document))
  return document
}

const TEXT = `{
  "a": [1, { "b": "x" }],
  "c": { "d": null }
}`

test('places are those of values and of keys, and of the nearest part of what is not there', () => {
  const { at, atKey } = read(TEXT)
  assert.deepEqual(at([]), { line: 1, column: 1 })
  assert.deepEqual(at(['a']), { line: 2, column: 8 })
  assert.deepEqual(atKey(['a']), { line: 2, column: 3 })
  assert.deepEqual(at(['a', 1, 'b']), { line: 2, column: 19 })
  assert.deepEqual(atKey(['a', 1, 'b']), { line: 2, column: 14 })
  assert.deepEqual(at(['c', 'd']), { line: 3, column: 15 })
  assert.deepEqual(at(['c', 'missing', 'deeper']), { line: 3, column: 8 })
  assert.deepEqual(at(['a', 7]), { line: 2, column: 8 })
  assert.deepEqual(at(['a', 'b']), { line: 2, column: 8 })
})

test('objects have no prototype', () => {
  const value = read(TEXT).value as object
  assert.equal(Object.getPrototypeOf(value), null)
  assert.equal('toString' in value, false)
})

const harmless = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value))

test('what JSON.parse takes is taken, with the same value, and nothing else is', () => {
  const edited = fc.tuple(
    harmless,
    fc.nat(),
    fc.nat(3),
    fc.constantFrom('', ' ', ',', '"', '{', '}', '[', ']', ':', '0', '-', 'e', '\\', '\n', '/**/', '\u0000'),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        harmless,
        edited.map(
          ([text, at, length, put]) =>
            text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + length),
        ),
      ),
      (text) => {
        let value: unknown
        let valid = true
        try {
          value = JSON.parse(text)
        } catch {
          valid = false
        }
        const document = parseJson(text, { text: 1e6, depth: 100, string: 1e6, list: 1e6 })
        const twice = 'faults' in document && document.faults.every(({ message }) => /twice|not allowed/.test(message))
        if (twice) return
        assert.equal('value' in document, valid, text)
        if ('value' in document) assert.equal(JSON.stringify(document.value), JSON.stringify(value))
      },
    ),
    { numRuns: 3000 },
  )
})

const FAULTS: [text: string, message: RegExp, line: number, column: number][] = [
  ['', /the file is empty/, 1, 1],
  ['  \n ', /the file is empty/, 2, 2],
  ['{"a": 1', /the text is cut off/, 1, 8],
  ['{"a": 01}', /a comma is expected here/, 1, 8],
  ["{'a': 1}", /this is no JSON value/, 1, 2],
  ['{"a" 1}', /a colon is expected here/, 1, 6],
  ['[1] 2', /the text should end here|no JSON value/, 1, 5],
  ['{"a": 1} // why', /JSON has no comments/, 1, 10],
  ['["\u0001"]', /a control character must be written as an escape/, 1, 2],
  ['{"a": {"b": 1, "b": 2}}', /this key is there twice/, 1, 16],
  ['{"prototype": 1}', /the key "prototype" is not allowed/, 1, 2],
  [`["${'x'.repeat(101)}"]`, /a string of 101 characters; at most 100/, 1, 2],
  [`{"${'x'.repeat(101)}": 1}`, /a string of 101 characters/, 1, 2],
  [`[${'1,'.repeat(50)}1]`, /51 entries; at most 50/, 1, 1],
  ['[[[[[[[[[[[1]]]]]]]]]]]', /nested more than 10 deep/, 1, 11],
  ['"[[[[[[[[[[["', /./, 0, 0],
  [' '.repeat(10_001), /larger than 10000 characters/, 1, 1],
]
for (const [text, message, line, column] of FAULTS) {
  test(`${JSON.stringify(text).slice(0, 40)} ${line === 0 ? 'is read' : 'is refused with its place'}`, () => {
    const document = parseJson(text, LIMITS)
    if (line === 0) return assert.ok('value' in document)
    assert.ok('faults' in document)
    const [fault] = document.faults
    assert.match(fault?.message ?? '', message)
    assert.deepEqual([fault?.line, fault?.column], [line, column])
    return undefined
  })
}

test('every fault of a sound text is named', () => {
  const document = parseJson('{"a": 1, "a": 2, "__proto__": 3, "a": 4}', LIMITS)
  assert.ok('faults' in document)
  assert.equal(document.faults.length, 3)
})
