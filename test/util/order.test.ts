import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareText, firstNotBefore } from '../../src/util/order.ts'

const sortedTexts = fc.array(fc.string({ maxLength: 3 })).map((texts) => texts.toSorted(compareText))

test('a place in a sorted list: all before it come before what is looked for, none after it does', () => {
  fc.assert(
    fc.property(sortedTexts, fc.string({ maxLength: 3 }), (sorted, text) => {
      const place = firstNotBefore(sorted, (item) => item < text)
      assert.ok(sorted.slice(0, place).every((item) => item < text))
      assert.ok(sorted.slice(place).every((item) => item >= text))
    }),
  )
})

test('what is put in its place leaves a list sorted, and is found there', () => {
  fc.assert(
    fc.property(sortedTexts, fc.string({ maxLength: 3 }), (sorted, text) => {
      const before = (item: string): boolean => compareText(item, text) < 0
      const longer = sorted.toSpliced(firstNotBefore(sorted, before), 0, text)
      assert.deepEqual(longer, [...sorted, text].toSorted(compareText))
      assert.equal(longer[firstNotBefore(longer, before)], text)
    }),
  )
})

test('a place is found in a few looks, however long the list is', () => {
  const sorted = Array.from({ length: 100_000 }, (_, at) => at)
  for (const wanted of [-1, 0, 1, 49_999, 99_999, 100_000]) {
    let looks = 0
    const place = firstNotBefore(sorted, (item) => {
      looks++
      return item < wanted
    })
    assert.equal(place, Math.max(0, wanted))
    assert.ok(looks <= 17, `${looks} looks`)
  }
})
