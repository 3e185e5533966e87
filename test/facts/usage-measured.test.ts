import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageOf } from '../../src/facts/usage-measured.ts'
import { ago, snapshotOf } from '../support/build.ts'
import { cart } from '../support/containers.ts'
import { measured } from '../support/measured.ts'

const { all } = cart([{}], { created: ago('20d') })
const [deployment, set, pod] = all
const podNamed = (name: string) => ({ ...pod!, metadata: { ...pod!.metadata, name, uid: name } })
const snapshot = snapshotOf([deployment!, set!, ...['a', 'b', 'c'].map(podNamed)])

test('of several pods the one that needs most counts, and the one that is held back most', () => {
  const [one, ...rest] = usageOf(
    [
      measured('a', { cpuP95Cores: 0.5 }),
      measured('b', { cpuThrottledPart: 0.4, memoryPeakBytes: 2 ** 30 }),
      measured('c', { cpuThrottledPart: 0.1 }),
    ],
    snapshot,
  )
  assert.deepEqual(rest, [])
  assert.ok(one)
  const { pods, cpuP95Cores, memoryPeakBytes, cpuThrottledPart } = one.usage
  assert.deepEqual([pods, cpuP95Cores, memoryPeakBytes, cpuThrottledPart], [3, 0.5, 2 ** 30, 0.4])
})

test('what nobody measured of any pod is not told of all of them', () => {
  const [one] = usageOf([measured('a', {}), measured('b', {})], snapshot)
  assert.equal(one?.usage.cpuThrottledPart, undefined)
})
