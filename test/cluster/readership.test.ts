import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL, Readership, type Reads } from '../../src/cluster/readership.ts'

interface Who {
  readonly name: string
  reads?: Reads<Who> | undefined
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
  assert.deepEqual([told('podsByNode', 'node-0'), told('podsByNode', 'node-999')], [['a (wide)'], ['a (wide)']])
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

test('whoever reads more shared values than can be told apart is told of each, and is wide', () => {
  const { readers, told } = readership()
  const [rooms, other] = [{}, {}]
  const room = (of: object, node: string): object =>
    readers.remember(of, node, () => {
      readers.note('podsByNode', node)
      return {}
    })
  const all = (of: object): void => {
    for (let node = 0; node < 300; node++) room(of, `node-${node}`)
  }
  const a = { name: 'a' }
  readers.record(a, '', () => all(rooms))
  readers.record({ name: 'b' }, '', () => room(rooms, 'node-1'))
  readers.record({ name: 'c' }, '', () => all(other))
  assert.deepEqual(told('podsByNode', 'node-1').toSorted(), ['a (wide)', 'b', 'c (wide)'])
  assert.deepEqual(told('podsByNode', 'node-299').toSorted(), ['a (wide)', 'c (wide)'])
  readers.record(a, '', () => room(rooms, 'node-1'))
  assert.deepEqual(told('podsByNode', 'node-7'), ['c (wide)'])
})

test('what is read of a family inside of another’s reading is not lost with what the other reads too much of', () => {
  const { readers, told } = readership()
  const many = (): void => {
    for (let node = 0; node < 300; node++) readers.note('nodes', `${node}`)
  }
  readers.record({ name: 'a' }, '', () => {
    readers.note('nodes', '5')
    readers.remember({}, 'all', () => {
      many()
      return {}
    })
  })
  assert.deepEqual(told('nodes', '5'), ['a', 'a (wide)'])
  const before = readers.size
  readers.record({ name: 'b' }, '', many)
  assert.equal(readers.size, before + 1)
})
