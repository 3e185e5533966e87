import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Agenda } from '../../src/util/agenda.ts'

test('what was asked for first is taken first, once, however often and whenever it is asked for', () => {
  const agenda = new Agenda()
  const taken = (): string[] => {
    const keys: string[] = []
    for (let next = agenda.take(); next; next = agenda.take()) keys.push(next.key)
    return keys
  }
  assert.deepEqual(taken(), [])
  for (const key of ['a', 'b', 'a', 'c']) agenda.mark(key, 1)
  assert.deepEqual(agenda.take(), { key: 'a', at: 1 })
  agenda.mark('a', 2)
  agenda.mark('d', 2)
  assert.deepEqual(taken(), ['b', 'c', 'a', 'd'])
  assert.equal(agenda.isEmpty, true)
  agenda.mark('e', 3)
  agenda.sweep(['f', 'g'].values(), 3)
  assert.deepEqual(taken(), ['e', 'f', 'g'])
})
