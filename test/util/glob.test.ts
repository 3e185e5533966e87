import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { matchesGlob } from '../../src/util/glob.ts'

/** The same by trying everything. */
function slowly(text: string, glob: string): boolean {
  const [first, ...rest] = glob
  if (first === undefined) return text === ''
  const after = rest.join('')
  if (first === '*')
    return Array.from({ length: text.length + 1 }, (_, i) => i).some((i) => slowly(text.slice(i), after))
  return text !== '' && (first === '?' || first === text[0]) && slowly(text.slice(1), after)
}

test('globs match as trying everything does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '*', '?'), maxLength: 7 })
  fc.assert(
    fc.property(text, text, (a, b) => assert.equal(matchesGlob(a, b), slowly(a, b))),
    { numRuns: 3000 },
  )
})

test('signs of regular expressions are themselves, and no glob takes long', () => {
  assert.equal(matchesGlob('a.b', 'a.b'), true)
  assert.equal(matchesGlob('axb', 'a.b'), false)
  assert.equal(matchesGlob('(a+)+', '(a+)+'), true)
  assert.equal(matchesGlob('a'.repeat(5000), `${'*a'.repeat(50)}b`), false)
})
