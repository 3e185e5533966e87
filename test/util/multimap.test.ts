import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Multimap } from '../../src/util/multimap.ts'

const VALUES = Array.from({ length: 4 }, (_, id) => ({ id }))
const step = fc.record({
  does: fc.constantFrom('add', 'delete'),
  key: fc.constantFrom('a', 'b'),
  which: fc.nat(VALUES.length - 1),
})

test('a multimap is a set of pairs', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const map = new Multimap<object>()
      const pairs = new Set<string>()
      for (const { does, key, which } of steps) {
        const value = VALUES[which]
        assert.ok(value)
        if (does === 'add') {
          map.add(key, value)
          pairs.add(`${key}${which}`)
        } else {
          map.delete(key, value)
          pairs.delete(`${key}${which}`)
        }
      }
      const under = (key: string): unknown[] => VALUES.filter(({ id }) => pairs.has(`${key}${id}`))
      for (const key of ['a', 'b']) {
        assert.deepEqual(new Set(map.of(key)), new Set(under(key)))
        assert.equal(map.has(key), under(key).length > 0)
      }
      const keys = ['a', 'b'].filter((key) => map.has(key))
      assert.equal(map.size, keys.length)
      assert.equal([...map.values()].flat().length, pairs.size)
    }),
  )
})
