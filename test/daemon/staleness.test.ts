import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refuseConnection, refuseWith, resetAfter, stallAfter, throttle } from '../../src/simulator/fault-effects.ts'
import { dropFrames, duplicateFrames, holdFrames, spoilFrames } from '../../src/simulator/frame-faults.ts'
import type { FaultEffect, FaultMatch } from '../../src/simulator/faults.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { crashing } from '../support/crashing.ts'
import { assertPolite, Cluster, LivingDaemon } from '../support/living-daemon.ts'

const waiting = { requests: ['100', '64Mi'] } as const
const SLOW = 'pending-pod'

const identify = (object: { kind: string; metadata: { uid?: string; resourceVersion?: string } }): string =>
  `${object.kind} ${object.metadata.uid ?? ''} ${object.metadata.resourceVersion ?? ''}`

/** Invariant 37: at rest what the daemon holds is what the server has, by uid and version. */
async function assertSame(daemon: LivingDaemon, { server }: Cluster): Promise<void> {
  const { items } = await daemon.get<{ items: { kind: string; metadata: { uid: string } }[] }>('/snapshot')
  const there = server.kinds.all.filter(({ kind }) => WATCHED.has(kind)).flatMap((kind) => server.table.list(kind))
  const held = items.filter(({ kind }) => WATCHED.has(kind))
  assert.deepEqual(held.map(identify).toSorted(), there.map(identify).toSorted())
}
const WATCHED = new Set(['Pod', 'Node', 'Namespace', 'Deployment', 'ReplicaSet', 'PersistentVolumeClaim', 'Service'])

describe('invariant 31: what is out of date decides nothing', () => {
  for (const [words, match] of [
    ['pods', { resource: 'pods' }],
    ['everything', {}],
  ] as const)
    test(`${words} cannot be read when a finding would fire: it does not, and does once it can be`, async () => {
      const cluster = new Cluster()
      await using daemon = await LivingDaemon.open(cluster)
      await cluster.pass(MINUTE)
      cluster.deploy('profile', undefined, waiting)
      await cluster.pass(2 * MINUTE)
      assert.deepEqual(daemon.storyOf(SLOW), ['pending'])
      const fault = cluster.server.faults.plant(match, refuseConnection())
      await cluster.server.down()
      await cluster.server.comeUp()
      await cluster.pass(10 * MINUTE)
      assert.ok(fault.reached > 3, 'the fault was not reached')
      assert.deepEqual(
        daemon.storyOf(SLOW).filter((one) => one.endsWith('firing')),
        [],
      )
      const { unknown, complete } = await daemon.recommendations()
      assert.equal(complete, false)
      assert.ok(words !== 'pods' || unknown.some(({ rule }) => rule === SLOW), JSON.stringify(unknown))
      fault.remove()
      await cluster.pass(2 * MINUTE)
      assert.equal(daemon.storyOf(SLOW).at(-1)?.endsWith('firing'), true, String(daemon.storyOf(SLOW)))
      await assertSame(daemon, cluster)
    })

  test('what fires goes on while nothing can be read, and ends once it is seen to have ended', async () => {
    const cluster = new Cluster()
    await using daemon = await LivingDaemon.open(cluster)
    cluster.deploy('profile', undefined, waiting)
    await cluster.pass(6 * MINUTE)
    const fault = cluster.server.faults.plant({}, refuseConnection())
    await cluster.server.down()
    await cluster.server.comeUp()
    await cluster.pass(30 * MINUTE)
    assert.ok(fault.reached > 3)
    assert.deepEqual(await daemon.found(), ['firing pending-pod Deployment/profile'])
    assert.deepEqual(daemon.storyOf(SLOW), ['pending', 'pending>firing'])
    for (const [apiVersion, kind] of [
      ['apps/v1', 'Deployment'],
      ['apps/v1', 'ReplicaSet'],
      ['v1', 'Pod'],
    ] as const)
      for (const { metadata } of cluster.server.table.list({ apiVersion, kind }))
        cluster.server.table.remove({ apiVersion, kind, name: metadata.name, namespace: metadata.namespace })
    await cluster.pass(MINUTE)
    assert.deepEqual(daemon.storyOf(SLOW), ['pending', 'pending>firing'])
    fault.remove()
    await cluster.pass(5 * MINUTE)
    assert.deepEqual(daemon.storyOf(SLOW), ['pending', 'pending>firing', 'firing>resolved'])
  })
})

const WATCHES: FaultMatch = { verb: 'watch' }
const FAULTS: Readonly<Record<string, readonly [FaultMatch, FaultEffect]>> = {
  'watches are reset after three events': [WATCHES, resetAfter({ frames: 3 })],
  'watches fall silent': [WATCHES, stallAfter({ frames: 2 })],
  'every event comes twice': [WATCHES, duplicateFrames()],
  'every third event does not come': [WATCHES, dropFrames((index, { type }) => type !== 'BOOKMARK' && index % 3 === 2)],
  'events of pods come five seconds late': [{ verb: 'watch', resource: 'pods' }, holdFrames(5 * SECOND)],
  'every fifth event is malformed': [WATCHES, spoilFrames('malformed', (index) => index % 5 === 4)],
  'the server is busy': [{}, throttle('2')],
  'the server answers 500': [{}, refuseWith(500)],
  'the server is not there': [{}, refuseConnection()],
}

describe('invariants 36, 37 and 39: a fault in the middle changes nothing in the end, and the server is asked politely', () => {
  for (const [words, [match, effect]] of Object.entries(FAULTS))
    test(words, async () => {
      const cluster = new Cluster()
      await using plain = await LivingDaemon.open(cluster)
      cluster.deploy('cart', crashing)
      await cluster.pass(30 * SECOND)
      const others = cluster.server.log.total
      await using daemon = await LivingDaemon.open(cluster)
      await cluster.pass(30 * SECOND)
      assert.ok(cluster.server.log.total > others)
      const fault = cluster.server.faults.plant(match, effect)
      await cluster.server.down()
      await cluster.server.comeUp()
      cluster.deploy('profile', undefined, waiting)
      cluster.deploy('late', crashing)
      const from = cluster.clock.now()
      await cluster.pass(6 * MINUTE)
      assert.ok(fault.reached > 0, 'the fault was not reached')
      const faulty = cluster.server.log.find({ from })
      fault.remove()
      // What did not come is found in the next list.
      await cluster.server.down()
      cluster.server.table.pass(10)
      cluster.server.table.compact()
      await cluster.server.comeUp()
      await cluster.pass(7 * MINUTE)
      // Two daemons: 30 a minute each while it lasts; watches that end soon are opened again each on its own.
      assertPolite(faulty, 2 * MOST_REQUESTS)
      await assertSame(daemon, cluster)
      const of = async (one: LivingDaemon) =>
        (await one.recommendations()).items.map(({ id, state, subjects, causedBy }) => [
          id,
          state,
          subjects.count,
          causedBy,
        ])
      assert.deepEqual(await of(daemon), await of(plain))
      assert.deepEqual(
        (await daemon.found()).filter((one) => one.startsWith('firing')),
        [
          'firing crash-loop Deployment/cart',
          'firing crash-loop Deployment/late',
          'firing pending-pod Deployment/profile',
        ],
      )
      assert.deepEqual(cluster.server.log.writes, [])
    })
})

/** Design section 9: 10 a second steady, 30 a minute in an outage; some 25 kinds are opened again at its begin and its end. */
const MOST_REQUESTS = 100
