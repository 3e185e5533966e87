import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interned } from '../../src/util/interned.ts'

test('equal texts are equal, before and after it begins anew', () => {
  const texts = new Interned(2)
  for (const text of ['a', 'b', 'a', 'c', 'a', '']) assert.equal(texts.of(text), text)
})
