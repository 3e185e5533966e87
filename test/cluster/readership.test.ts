import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL, Readership } from '../../src/cluster/readership.ts'

interface Who {
  readonly name: string
}

const readership = () => {
  const readers = new Readership<Who>()
  const told = (family: string, name: string): string[] => {
    const found: string[] = []
    readers.changed(family, name, (who, wide) => found.push(`${who.name}${wide ? ' (wide)' : ''}`))
    return found.toSorted()
  }
  return { readers, told }
}

test('whoever read something is told of its change, and nobody else', () => {
  const { readers, told } = readership()
  readers.record({ name: 'a' }, '', () => readers.note('pods', 'x'))
  readers.record({ name: 'b' }, '', () => readers.note('pods', 'y'))
  assert.deepEqual([told('pods', 'x'), told('pods', 'y'), told('pods', 'z')], [['a'], ['b'], []])
})

test('what is read anew takes the place of what was read before', () => {
  const { readers, told } = readership()
  const a = { name: 'a' }
  readers.record(a, '', () => readers.note('pods', 'x'))
  readers.record(a, '', () => readers.note('pods', 'y'))
  assert.deepEqual([told('pods', 'x'), told('pods', 'y')], [[], ['a']])
  readers.forget(a)
  assert.deepEqual([told('pods', 'y'), readers.size], [[], 0])
})

test('what is read under one’s own name is not noted', () => {
  const { readers, told } = readership()
  readers.record({ name: 'a' }, 'uid-1', () => readers.note('uid', 'uid-1'))
  assert.deepEqual([told('uid', 'uid-1'), readers.size], [[], 0])
})

test('a reader of very much is a reader of all of it, and leaves nothing behind', () => {
  const { readers, told } = readership()
  const a = { name: 'a' }
  readers.record(a, '', () => {
    for (let i = 0; i < 1000; i++) readers.note('podsByNode', `node-${i}`)
  })
  assert.deepEqual([told('podsByNode', 'node-0'), told('podsByNode', 'node-999')], [['a', 'a (wide)'], ['a (wide)']])
  readers.forget(a)
  assert.equal(readers.size, 0)
})

test('everything of a family is wide', () => {
  const { readers, told } = readership()
  readers.record({ name: 'a' }, '', () => readers.note('all nodes', ALL))
  assert.deepEqual(told('all nodes', ALL), ['a (wide)'])
})

test('a shared value is computed once, and again after what it read has changed; all who used it are told', () => {
  const { readers, told } = readership()
  let computed = 0
  const compute = {}
  const room = (): object =>
    readers.remember(compute, 'node-1', () => {
      readers.note('podsByNode', 'node-1')
      computed++
      return {}
    })
  readers.record({ name: 'a' }, '', room)
  readers.record({ name: 'b' }, '', room)
  assert.equal(computed, 1)
  assert.deepEqual(told('podsByNode', 'node-1'), ['a', 'b'])
  readers.record({ name: 'a' }, '', room)
  assert.equal(computed, 2)
})
