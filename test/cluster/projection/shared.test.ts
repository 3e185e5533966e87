import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pod } from '../../../src/cluster/projection/pod.ts'
import { at, object } from '../../../src/cluster/projection/object.ts'
import { map, number, string } from '../../../src/cluster/projection/shape.ts'
import { shared, word } from '../../../src/cluster/projection/shared.ts'
import * as build from '../../support/build.ts'

const port = shared(object({ name: at(1, string), port: at(2, number) }))

test('equal values are one object, and different ones are not', () => {
  assert.equal(port({ name: 'http', port: 80, other: 1 }), port({ other: 2, name: 'http', port: 80 }))
  assert.notDeepEqual(port({ name: 'http', port: 80 }), port({ name: 'http', port: 81 }))
  assert.notDeepEqual(port({ name: '80' }), port({ port: 80 }))
  assert.deepEqual([port('text'), port(undefined)], [undefined, undefined])
})

test('a key that names a prototype is a key like others', () => {
  const labels = shared(map(string))
  const hostile: unknown = JSON.parse('{"__proto__":"x"}')
  assert.deepEqual(Object.entries(labels(hostile) ?? {}), [['__proto__', 'x']])
  assert.equal(labels(hostile), labels(JSON.parse('{"__proto__":"x"}')))
  assert.deepEqual(Object.entries(labels({}) ?? {}), [])
})

test('what is remembered is bounded, and what comes after that is right all the same', () => {
  const many = shared(object({ port: at(1, number) }))
  const first = many({ port: 0 })
  for (let value = 0; value <= 50_000; value++) assert.equal(many({ port: value })?.port, value)
  assert.deepEqual(many({ port: 0 }), first)
  assert.notEqual(many({ port: 0 }), first)
})

test('words are strings, and nothing else is', () => {
  assert.deepEqual([word('Running'), word(1), word(null), word({})], ['Running', undefined, undefined, undefined])
})

const cart = (name: string) => {
  const spec = { containers: [{ name: 'app', image: 'cart:1' }], tolerations: [{ operator: 'Exists' }] }
  const found = pod(build.pod({ name, labels: { app: 'cart' }, spec, status: { phase: 'Running' } }))
  assert.ok(found?.spec && found.metadata && found.status)
  return { ...found, spec: found.spec, metadata: found.metadata }
}

test('two pods of a workload share their containers and labels, and nothing that is their own', () => {
  const [one, other] = [cart('a'), cart('b')]
  assert.equal(one.spec.containers, other.spec.containers)
  assert.equal(one.spec.tolerations, other.spec.tolerations)
  assert.equal(one.metadata.labels, other.metadata.labels)
  assert.deepEqual([one.metadata.name, other.metadata.name], ['a', 'b'])
  assert.notEqual(one.status, other.status)
})
