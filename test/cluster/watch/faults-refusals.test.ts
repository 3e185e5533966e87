import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refuseWith, throttle } from '../../../src/simulator/fault-effects.ts'
import type { FaultEffect } from '../../../src/simulator/faults.ts'
import { person } from '../../../src/simulator/users.ts'
import { KINDS } from '../../../src/cluster/kinds.ts'
import {
  asked,
  assertSame,
  busiest,
  createPods,
  MINUTE,
  POLITE,
  removePod,
  reopen,
  RESUMED_PODS,
  resumes,
  SECOND,
  touch,
  watchAll,
  watchOne,
  type Watching,
} from '../../support/watching.ts'

/** How long it was from the first refusal to the next question. */
async function waited(seen: Watching, effect: FaultEffect): Promise<number> {
  const { server, clock, cache } = seen
  await clock.advance(SECOND)
  const fault = server.faults.plant(RESUMED_PODS, effect, { times: 1 })
  await server.down()
  touch(server, 'a')
  await server.comeUp()
  await clock.advance(2 * MINUTE)
  assert.equal(fault.reached, 1)
  assertSame(cache, server.table, ['pods'])
  const [refused, next] = asked(server).filter(resumes)
  assert.ok((refused?.status ?? 0) >= 400 && next)
  return next.at - (refused?.at ?? 0)
}

describe('fault 8: 429 and 503 that say how long to wait', () => {
  const CASES: [string, (now: number) => FaultEffect, number, number][] = [
    ['seconds', () => throttle('7'), 7, 8.75],
    ['seconds, 503', () => refuseWith(503, { retryAfter: '12' }), 12, 15],
    ['a date', (now) => refuseWith(503, { retryAfter: new Date(now + 20 * SECOND).toUTCString() }), 17, 25],
    ['a date that is over', (now) => throttle(new Date(now - MINUTE).toUTCString()), 0.4, 1.6],
    ['nothing', () => throttle(undefined), 0.4, 1.6],
    ['zero', () => throttle('0'), 0.4, 1.6],
    ['nonsense', () => throttle('soon, I hope'), 0.4, 1.6],
    ['a negative number', () => throttle('-30'), 0.4, 1.6],
    ['eleven days', () => throttle('999999'), 60, 75],
    ['the year 2099', () => throttle('Wed, 01 Jan 2099 00:00:00 GMT'), 60, 75],
  ]
  for (const [name, effect, least, most] of CASES)
    test(`${name}: the next question comes after ${least} to ${most} s`, async () => {
      await using seen = watchOne(createPods('a'))
      const seconds = (await waited(seen, effect(seen.clock.now() + SECOND))) / SECOND
      assert.ok(seconds >= least && seconds <= most, `${seconds} s`)
    })

  test('not all who are told the same come back at the same moment', async () => {
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    const fault = server.faults.plant({ verb: 'watch' }, throttle('10'), { times: 8 })
    await server.down()
    await server.comeUp()
    await clock.advance(3 * MINUTE)
    assert.equal(fault.reached, 8)
    assertSame(cache, server.table)
    const refused = server.log.find({ status: 429 })
    for (const { resource, at } of refused) {
      const next = server.log.find({ resource, verb: 'watch', from: at + 1 })[0]
      assert.ok(next && next.at - at >= 10 * SECOND, `${resource} came back after ${(next?.at ?? 0) - at} ms`)
    }
    const after = server.log.find({ verb: 'watch', status: 200, from: refused[0]?.at ?? 0 })
    assert.equal(new Set(after.map(({ at }) => at)).size, after.length)
  })

  test('a list that is throttled', async () => {
    await using seen = watchOne(
      (server) => {
        createPods('a')(server)
        server.faults.plant({ resource: 'pods', verb: 'list' }, throttle('3'), { times: 3 })
      },
      { watchList: false },
    )
    const { server, clock, cache } = seen
    await clock.advance(MINUTE)
    const lists = asked(server, 'list')
    assert.deepEqual(
      lists.map(({ status }) => status),
      [429, 429, 429, 200],
    )
    for (const [i, { at }] of lists.entries()) if (i > 0) assert.ok(at - (lists[i - 1]?.at ?? 0) >= 3 * SECOND)
    assertSame(cache, server.table, ['pods'])
  })

  test('everything throttled for ten minutes: few questions, nothing lost', async () => {
    await using seen = watchAll(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    const fault = server.faults.plant({ where: ({ path }) => path !== '/readyz' }, throttle('1'))
    await server.down()
    await server.comeUp()
    const from = clock.now()
    for (let i = 0; i < 10; i++) {
      touch(server, 'a', `value ${i}`)
      await clock.advance(MINUTE)
    }
    assert.ok(fault.reached > 10)
    const load = busiest(server.log.find({ from }))
    assert.ok(load <= POLITE, `${load} requests in a minute`)
    fault.remove()
    await clock.advance(MINUTE)
    assertSame(cache, server.table)
  })
})

describe('fault 9: the server answers that it is broken', () => {
  for (const status of [500, 502, 503, 504])
    for (const honest of [true, false])
      test(`${status} for ten minutes, ${honest ? 'and says that it is not ready' : 'and says that it is ready'}`, async () => {
        await using seen = watchAll(createPods('a', 'b'))
        const { server, clock, cache } = seen
        await clock.advance(5 * SECOND)
        const fault = server.faults.plant({ where: ({ path }) => honest || path !== '/readyz' }, refuseWith(status))
        await server.down()
        removePod(server, 'b')
        await server.comeUp()
        const from = clock.now()
        await clock.advance(10 * MINUTE)
        assert.ok(fault.reached > 10)
        assert.deepEqual(cache.names(), ['a', 'b'], 'nothing is deleted')
        const load = busiest(server.log.find({ from }))
        assert.ok(load <= POLITE, `${load} requests in a minute`)
        for (const { resource, state } of seen.watch.freshness())
          assert.ok(state === 'stale' || /metrics|snapshot|verticalpod/.test(resource), `${resource} is ${state}`)
        assert.equal(cache.looks.at(-1)?.blind.get('pods')?.unknown, 'stale')
        assert.ok(seen.said.filter(({ level }) => level === 'warn').length < 10, 'one line stands for all kinds')
        fault.remove()
        await clock.advance(MINUTE)
        assertSame(cache, server.table)
        assert.equal(cache.looks.at(-1)?.listed.get('pods'), 'all')
        assert.deepEqual(cache.storyOf('b'), ['put', 'seen to go'])
      })

  test('from the start: nothing counts as known, and nobody is told that there is nothing', async () => {
    await using seen = watchAll((server) => {
      createPods('a')(server)
      server.faults.plant({}, refuseWith(500))
    })
    const { server, clock, cache } = seen
    const from = clock.now()
    await clock.advance(10 * MINUTE)
    assert.ok(busiest(server.log.find({ from })) <= POLITE)
    assert.equal(seen.watch.synced, false)
    assert.equal(cache.looks.at(-1)?.listed.size, 0)
    server.faults.clear()
    await clock.advance(MINUTE)
    assert.equal(seen.watch.synced, true)
    assertSame(cache, server.table)
  })

  test('a few kinds alone: the others go on, and those come back by themselves', async () => {
    const broken = ['pods', 'services', 'nodes', 'jobs.batch', 'cronjobs.batch', 'limitranges']
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    const fault = server.faults.plant({ where: ({ resource }) => broken.includes(resource) }, refuseWith(500))
    const from = clock.now()
    await clock.advance(20 * MINUTE)
    assert.ok(fault.reached > broken.length)
    assert.ok(busiest(server.log.find({ from })) <= POLITE)
    for (const { resource, state } of seen.watch.freshness())
      assert.equal(state === 'stale', broken.includes(resource), `${resource} is ${state}`)
    fault.remove()
    touch(server, 'a')
    await clock.advance(2 * MINUTE)
    assertSame(cache, server.table)
    assert.ok(!seen.watch.freshness().some(({ state }) => state === 'stale'))
  })
})

describe('fault 10: 401 while it runs', () => {
  test('few questions, stale meanwhile, and all goes on with new credentials', async () => {
    await using seen = watchAll(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    const fault = server.faults.plant({ where: ({ path }) => path !== '/readyz' }, refuseWith(401))
    await server.down()
    await server.comeUp()
    const from = clock.now()
    await clock.advance(5 * MINUTE)
    assert.ok(fault.reached > 5)
    assert.ok(busiest(server.log.find({ from })) <= POLITE)
    assert.equal(seen.freshness().state, 'stale')
    assert.deepEqual(cache.names(), ['a', 'b'])
    touch(server, 'a')
    fault.remove()
    await clock.advance(MINUTE)
    assertSame(cache, server.table)
    assert.equal(seen.freshness().state, 'live')
  })
})

const READER = person('dogwatch')
const ALL = KINDS.map(({ resource }) => resource)

describe('fault 11: 403 while it runs', () => {
  test('that kind is blind and says why, the others go on, and it comes back by itself', async () => {
    let revoke = (): void => undefined
    await using seen = watchAll(
      (server) => {
        createPods('a')(server)
        server.access.grant({
          user: READER.username,
          resources: [...ALL.filter((one) => one !== 'pods'), 'replicationcontrollers'],
        })
        revoke = server.access.grant({ user: READER.username, resources: ['pods'] })
      },
      { defaultUser: READER },
    )
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    assertSame(cache, server.table)
    revoke()
    await server.down()
    await server.comeUp()
    await clock.advance(5 * SECOND)
    assert.equal(seen.freshness().state, 'forbidden')
    assert.match(seen.freshness().detail, /^pods: 403 pods is forbidden: User "dogwatch" cannot watch resource "pods"/)
    assert.equal(cache.looks.at(-1)?.blind.get('pods')?.unknown, 'forbidden')
    assert.equal(cache.looks.at(-1)?.listed.get('nodes'), 'all')
    const from = clock.now()
    await clock.advance(30 * MINUTE)
    const tries = asked(server).filter(({ at }) => at > from).length
    assert.ok(tries >= 5 && tries <= 12, `${tries} tries in half an hour`)
    assert.equal(seen.said.filter(({ level, fields }) => level === 'warn' && fields['resource'] === 'pods').length, 1)
    touch(server, 'a')
    server.access.grant({ user: READER.username, resources: ['pods'] })
    await clock.advance(7 * MINUTE)
    assert.equal(seen.freshness().state, 'live')
    assertSame(cache, server.table)
    assert.ok(
      seen.said.some(
        ({ level, event, fields }) =>
          level === 'info' && event === 'a kind is up to date' && fields['resource'] === 'pods',
      ),
    )
  })

  test('everywhere: each kind says so, and nobody hammers', async () => {
    await using seen = watchAll(createPods('a'), { defaultUser: READER })
    const { server, clock, cache } = seen
    await clock.advance(MINUTE)
    const from = clock.now()
    await clock.advance(10 * MINUTE)
    assert.ok(seen.watch.freshness().every(({ state }) => state === 'forbidden' || state === 'not-installed'))
    assert.equal(seen.watch.synced, false, 'nothing was seen')
    assert.ok(busiest(server.log.find({ from })) <= POLITE)
    assert.equal(cache.objects.size, 0)
  })
})

describe('fault 12: 404 for a kind', () => {
  const SNAPSHOT = {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    plural: 'volumesnapshots',
    namespaced: true,
  } as const

  test('one that comes and goes, as with its definition', async () => {
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    const resource = 'volumesnapshots.snapshot.storage.k8s.io'
    await clock.advance(5 * SECOND)
    assert.equal(seen.freshness(resource).state, 'not-installed')
    assert.equal(seen.watch.synced, true)
    server.kinds.register(SNAPSHOT)
    server.table.create({ ...SNAPSHOT, metadata: { name: 's', namespace: 'shop' } })
    await clock.advance(6 * MINUTE)
    assert.equal(seen.freshness(resource).state, 'live')
    assert.deepEqual(cache.names('VolumeSnapshot'), ['s'])
    server.table.remove({ ...SNAPSHOT, namespace: 'shop', name: 's' })
    server.kinds.unregister(resource)
    await clock.advance(11 * MINUTE)
    assert.equal(seen.freshness(resource).state, 'not-installed')
    assert.equal(cache.looks.at(-1)?.blind.get(resource)?.unknown, 'not-installed')
    assert.deepEqual(cache.names('VolumeSnapshot'), [])
    assert.ok(!seen.said.some(({ level }) => level === 'warn'))
  })

  test('one that goes with no word of its objects: they go with it, and come back with it', async () => {
    const resource = 'volumesnapshots.snapshot.storage.k8s.io'
    await using seen = watchAll((server) => {
      server.kinds.register(SNAPSHOT)
      server.table.create({ ...SNAPSHOT, metadata: { name: 's', namespace: 'shop' } })
    })
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    assert.deepEqual(cache.names('VolumeSnapshot'), ['s'])
    server.kinds.unregister(resource)
    for (let i = 0; i < 660 && seen.freshness(resource).state === 'live'; i++) await clock.advance(SECOND)
    assert.equal(seen.freshness(resource).state, 'not-installed')
    assert.deepEqual(cache.names('VolumeSnapshot'), ['s'], 'one answer may be of a server that has yet to learn of it')
    await clock.advance(2 * MINUTE)
    assert.deepEqual(cache.names('VolumeSnapshot'), [])
    assert.deepEqual(cache.storyOf('s'), ['put', 'gone'])
    server.kinds.register(SNAPSHOT)
    await clock.advance(6 * MINUTE)
    assert.equal(seen.freshness(resource).state, 'live')
    assert.deepEqual(cache.names('VolumeSnapshot'), ['s'])
  })

  test('one that every cluster has is failed, and not quietly', async () => {
    await using seen = watchOne((server) => {
      createPods('a')(server)
      server.faults.plant({ resource: 'pods' }, refuseWith(404), { times: 3 })
    })
    const { clock, cache, server } = seen
    await clock.advance(SECOND)
    assert.equal(seen.freshness().state, 'failed')
    await clock.advance(10 * MINUTE)
    assert.equal(seen.freshness().state, 'live')
    assertSame(cache, server.table, ['pods'])
    assert.ok(asked(server).filter(({ status }) => status === 404).length === 3)
  })
})

test('a question that the server does not understand is asked as a list', async () => {
  await using seen = watchOne(createPods('a'))
  const { server, clock, cache } = seen
  const fault = server.faults.plant(RESUMED_PODS, refuseWith(400), { times: 2 })
  await reopen(seen)
  touch(server, 'a')
  await clock.advance(10 * SECOND)
  assert.ok(fault.reached > 0)
  assertSame(cache, server.table, ['pods'])
})
