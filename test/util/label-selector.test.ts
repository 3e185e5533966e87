import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LabelSelectorError, parseLabelSelector } from '../../src/util/label-selector.ts'
import { matchesSelector } from '../../src/util/selector.ts'

const LABELS = { app: 'cart', tier: 'web', 'app.kubernetes.io/name': 'cart', empty: '' }

const CASES: [selector: string, matches: boolean][] = [
  ['app=cart', true],
  ['app==cart', true],
  [' app = cart , tier = web ', true],
  ['app=cart,tier=db', false],
  ['app!=cart', false],
  ['app!=shop', true],
  ['absent!=x', true],
  ['app in (cart,shop)', true],
  ['app in ( shop )', false],
  ['app notin (shop)', true],
  ['absent notin (shop)', true],
  ['app notin (cart,shop),tier', false],
  ['app', true],
  ['absent', false],
  ['!app', false],
  ['!absent', true],
  ['app.kubernetes.io/name=cart', true],
  ['empty=', true],
  ['app=', false],
  ['empty in (,a)', true],
  ['in=x', false],
  ['notin', false],
  ['constructor', false],
]

for (const [selector, matches] of CASES)
  test(`${selector} ${matches ? 'selects' : 'does not select'} the labels`, () =>
    assert.equal(matchesSelector(LABELS, parseLabelSelector(selector)), matches))

const BAD: [selector: string, message: RegExp][] = [
  ['', /empty/],
  ['  ', /empty/],
  ['app=a b', /comma is expected before "b"/],
  ['app,', /label is expected at the end/],
  [',app', /"," is no label/],
  ['a=b=c', /comma is expected before "="/],
  ['app in cart', /parentheses/],
  ['app in (cart', /closing \)/],
  ['app in (a b)', /closing \)/],
  ['app in', /parentheses/],
  ['app > 3', /one of =, ==, !=/],
  ['!', /label is expected at the end/],
  ['a!b', /one of =, ==, !=/],
  ['-app', /"-app" is no label/],
  ['app=-x', /"-x" is no value/],
  [`app=${'x'.repeat(64)}`, /is no value/],
  ['a/b/c', /"a\/b\/c" is no label/],
  ['app=\u001B[31m', /is no value/],
]

for (const [selector, message] of BAD)
  test(`${JSON.stringify(selector).slice(0, 40)} is refused`, () =>
    assert.throws(() => parseLabelSelector(selector), { message }))

test('any text is read or refused with a message, and written out again means the same', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
  const requirement = fc.oneof(
    word,
    word.map((key) => `!${key}`),
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join(' ')),
    fc
      .tuple(word, fc.constantFrom('in', 'notin'), fc.array(word, { minLength: 1, maxLength: 3 }))
      .map(([key, operator, values]) => `${key} ${operator} (${values.join(', ')})`),
  )
  fc.assert(
    fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), (requirements) => {
      const together = parseLabelSelector(requirements.join(','))
      const apart = requirements.flatMap((one) => parseLabelSelector(one).matchExpressions)
      assert.deepEqual(together.matchExpressions, apart)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '!', ',', '(', ')', ' ', 'in', '\n') }), (text) => {
      try {
        parseLabelSelector(text)
      } catch (error) {
        assert.ok(error instanceof LabelSelectorError)
      }
    }),
  )
})
