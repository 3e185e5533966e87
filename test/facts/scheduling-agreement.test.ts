import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDump, type Dump } from '../../src/cluster/dump.ts'
import type { AnyObject, ObjectOf } from '../../src/cluster/kinds.ts'
import type { Snapshot } from '../../src/cluster/snapshot.ts'
import { diagnose } from '../../src/facts/scheduling-diagnosis.ts'
import { storeOf } from '../support/recordings.ts'

// What a real scheduler (Kubernetes 1.36.3) made of 45 pods that were drawn at random, with seven nodes, claims and volumes.
const FILE = join(import.meta.dirname, '../decisions/scheduler.json')
const DUMP = readDump([{ name: 'scheduler', json: JSON.parse(readFileSync(FILE, 'utf8')) }], { complete: false })
const SNAPSHOT = storeOf(DUMP)

const OPEN = new Set(['unexplained', 'no-scheduler'])
const obstacleOf = (pod: ObjectOf<'pods'>, snapshot: Snapshot): string =>
  diagnose(pod, { snapshot, now: snapshot.takenAt }).obstacle

test('for every pod that the scheduler could not place an obstacle is found', () => {
  const waiting = SNAPSHOT.all('pods').filter(({ spec }) => spec?.nodeName === undefined)
  assert.ok(waiting.length >= 15)
  assert.deepEqual(
    waiting.filter((pod) => OPEN.has(obstacleOf(pod, SNAPSHOT))).map(({ metadata }) => metadata.name),
    [],
  )
  const found = new Set(waiting.map((pod) => obstacleOf(pod, SNAPSHOT)))
  assert.ok(found.size >= 6, [...found].join(', '))
})

/** The dump with one pod taken off its node. */
function without(pod: ObjectOf<'pods'>): Dump {
  const lifted = (object: AnyObject): AnyObject => {
    if (object.metadata.uid !== pod.metadata.uid) return object
    const { nodeName: _, ...spec } = pod.spec ?? {}
    return { ...pod, spec }
  }
  return { ...DUMP, objects: DUMP.objects.map(lifted) }
}

test('for no pod that the scheduler placed an obstacle is found', () => {
  const placed = SNAPSHOT.all('pods').filter(({ spec }) => spec?.nodeName !== undefined)
  assert.ok(placed.length >= 15)
  for (const pod of placed) {
    const snapshot = storeOf(without(pod))
    const lifted = snapshot.get('pods', pod.metadata.namespace, pod.metadata.name)
    assert.ok(lifted && OPEN.has(obstacleOf(lifted, snapshot)), pod.metadata.name)
  }
})
