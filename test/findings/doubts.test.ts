import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import { projectObject } from '../../src/cluster/dump.ts'
import { renewed, Doubts, type Doubt } from '../../src/findings/doubts.ts'
import type { Rule } from '../../src/engine/rule.ts'

function pod(name: string, resourceVersion = '1', namespace = 'shop'): AnyObject {
  const raw = { metadata: { name, namespace, uid: `uid-${namespace}-${name}`, resourceVersion } }
  const object = projectObject({ apiVersion: 'v1', kind: 'Pod' }, raw)
  assert.ok(object)
  return object
}
const RULE = { id: 'memory-near-limit', category: 'capacity' } as unknown as Rule
const doubt = (object: AnyObject, container = 'app', detail = 'no sample'): Doubt => ({
  rule: RULE,
  finding: `memory-near-limit-${object.metadata.name}`,
  reason: 'insufficient-data',
  detail,
  object,
  kind: 'container',
  container,
})

test('the same doubts are kept, with the object as it is now', () => {
  const before = [doubt(pod('a'))]
  const after = renewed(before, [doubt(pod('a', '2'), 'app', 'one sample')])
  assert.equal(after, before)
  assert.equal(after[0]?.object.metadata.resourceVersion, '2')
  assert.equal(after[0]?.detail, 'one sample')
})

test('other doubts take their place', () => {
  const before = [doubt(pod('a'))]
  for (const now of [
    [],
    [doubt(pod('b'))],
    [doubt(pod('a'), 'sidecar')],
    [doubt(pod('a')), doubt(pod('a'), 'sidecar')],
  ])
    assert.equal(renewed(before, now), now)
})

test('objects are counted once, however many of their containers are in doubt', () => {
  const doubts = new Doubts()
  const all = [doubt(pod('b')), doubt(pod('a')), doubt(pod('a'), 'sidecar')]
  for (const one of all) doubts.add(one)
  const count = (): unknown =>
    doubts.summary().map(({ subjects: { count: n, sample } }) => [n, sample.map(({ name }) => name)])
  assert.deepEqual(count(), [[2, ['a', 'b']]])
  for (const one of all.slice(2)) doubts.delete(one)
  assert.deepEqual(count(), [[2, ['a', 'b']]])
  doubts.hide('memory-near-limit-a', true)
  assert.deepEqual(count(), [[1, ['b']]])
  doubts.hide('memory-near-limit-a', false)
  for (const one of all.slice(0, 2)) doubts.delete(one)
  assert.deepEqual(count(), [])
  assert.equal(doubts.has('memory-near-limit-b'), false)
})

const OBJECTS = 160
const CONTAINERS = ['app', 'sidecar']
/** Of each object a doubt for each of its containers. */
const ALL = Array.from({ length: OBJECTS }, (_, number) => {
  const object = pod(`p${(number * 61) % OBJECTS}`, '1', `team-${number % 3}`)
  return CONTAINERS.map((container) => doubt(object, container))
}).flat()

const nameOf = ({ object: { metadata } }: Doubt): string => `${metadata.namespace}/${metadata.name}`

const IN_ORDER = ALL.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))

// Most are there, some come and go, and some of their findings are hidden for a while.
const histories = fc.record({
  there: fc.integer({ min: 0, max: ALL.length }),
  steps: fc.array(fc.tuple(fc.constantFrom('add', 'add', 'delete', 'delete', 'hide', 'show'), fc.nat(ALL.length - 1)), {
    minLength: 1,
    maxLength: 200,
  }),
})

test('whatever comes and goes, the sum is that of what is there: how many objects, and the first of them', () => {
  fc.assert(
    fc.property(histories, ({ there, steps }) => {
      const doubts = new Doubts()
      const [held, hidden] = [new Set<Doubt>(), new Set<string>()]
      const add = (one: Doubt): void => {
        if (!held.has(one)) doubts.add(one)
        held.add(one)
      }
      const check = (): void => {
        const seen = new Set([...held].filter(({ finding }) => !hidden.has(finding)).map(nameOf))
        const [sum] = doubts.summary()
        assert.equal(sum?.subjects.count ?? 0, seen.size)
        const sample = (sum?.subjects.sample ?? []).map(({ namespace, name }) => `${namespace}/${name}`)
        assert.deepEqual(sample, [...seen].toSorted().slice(0, 5))
      }
      for (const one of ALL.slice(0, there)) add(one)
      check()
      for (const [what, which] of steps) {
        // Those that are told are touched more often than others.
        const one = IN_ORDER[which % 3 === 0 ? which % 16 : which]
        assert.ok(one)
        if (what === 'add') add(one)
        else if (what === 'delete') {
          if (held.delete(one)) doubts.delete(one)
        } else {
          doubts.hide(one.finding, what === 'hide')
          if (what === 'hide') hidden.add(one.finding)
          else hidden.delete(one.finding)
        }
        check()
      }
    }),
    { numRuns: 60 },
  )
})
