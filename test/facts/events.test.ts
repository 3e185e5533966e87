import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../src/util/time.ts'
import { sightingsOf, sightingsOfContainer } from '../../src/facts/events.ts'
import { NOW, ago, eventOn, pod, snapshotOf, type Seed } from '../support/build.ts'

const one = pod({ name: 'one' })

function seen(...seeds: (Seed & { container?: string; init?: boolean })[]) {
  const snapshot = snapshotOf([one, ...seeds.map((seed) => eventOn(one, { created: ago('50m'), ...seed }))])
  const [object] = snapshot.all('pods')
  assert.ok(object)
  return { snapshot, object }
}

const times = (...seeds: Seed[]) => {
  const { snapshot, object } = seen(...seeds)
  return sightingsOf(object, snapshot).map(({ first, last, count }) => [
    (NOW - first) / MINUTE,
    (NOW - last) / MINUTE,
    count,
  ])
}

test('times and counts are read wherever an Event keeps them', () => {
  assert.deepEqual(times({ firstTimestamp: ago('9m'), lastTimestamp: ago('1m'), count: 7 }), [[9, 1, 7]])
  assert.deepEqual(times({ eventTime: ago('3m'), firstTimestamp: null, lastTimestamp: null, count: undefined }), [
    [3, 3, 1],
  ])
  assert.deepEqual(times({ eventTime: ago('9m'), series: { count: 4, lastObservedTime: ago('2m') } }), [[9, 2, 4]])
  assert.deepEqual(times({ firstTimestamp: ago('1m'), lastTimestamp: ago('9m') }), [[9, 1, 1]])
  assert.deepEqual(times({}), [[50, 50, 1]])
  assert.deepEqual(times({ metadata: { creationTimestamp: 'never' } }), [])
})

test('the latest comes first', () => {
  const at = (minutes: number): Seed => ({ firstTimestamp: ago(`${minutes}m`), lastTimestamp: ago(`${minutes}m`) })
  assert.deepEqual(
    times(at(5), at(1), at(9)).map(([first]) => first),
    [1, 5, 9],
  )
})

test('an Event may name one container, by the path of its field', () => {
  const { snapshot, object } = seen({ container: 'app' }, { container: 'app', init: true }, {}, { container: 'app2' })
  assert.equal(sightingsOfContainer(object, 'app', snapshot).length, 2)
  assert.equal(sightingsOf(object, snapshot).length, 4)
})
