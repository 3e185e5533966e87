import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answerFrom, answerLate, cutAfter, refuseWith } from '../../../src/simulator/fault-effects.ts'
import { holdFrames } from '../../../src/simulator/frame-faults.ts'
import { ObjectTable } from '../../../src/simulator/table.ts'
import type { SimulatedApiServer } from '../../../src/simulator/server.ts'
import type { Clock } from '../../../src/util/clock.ts'
import { seededRandom } from '../../../src/util/seeded-random.ts'
import {
  asked,
  assertSame,
  busiest,
  createPods,
  HOUR,
  MINUTE,
  podDraft,
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

/** Cuts the server off while something happens that it forgets at once. */
async function gap({ server }: Pick<Watching, 'server'>, act: () => void): Promise<void> {
  await server.down()
  act()
  server.table.pass(100)
  server.table.compact()
  await server.comeUp()
}

describe('fault 4: 410 when a watch is opened', () => {
  test('everything is listed and only what differs is told', async () => {
    await using seen = watchOne(createPods('a', 'b', 'c'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, refuseWith(410), { times: 1 })
    await clock.advance(SECOND)
    cache.clear()
    await server.down()
    touch(server, 'b')
    removePod(server, 'c')
    await server.comeUp()
    await clock.advance(5 * SECOND)
    assert.equal(fault.reached, 1)
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(
      cache.told.map(({ what, name }) => `${what} ${name}`),
      ['gone c', 'put b'],
    )
    assert.equal(seen.freshness().relists, 1)
    assert.deepEqual(seen.states, ['live'])
  })
})

describe('fault 5: 410 in the stream', () => {
  test('everything is listed, and continuity begins anew', async () => {
    await using seen = watchOne(createPods('a', 'b', 'c'))
    const { server, clock, cache } = seen
    await clock.advance(MINUTE)
    const before = seen.freshness().continuousSince
    await gap(seen, () => {
      touch(server, 'b')
      removePod(server, 'c')
      createPods('d')(server)
    })
    await clock.advance(5 * SECOND)
    const failed = asked(server).findLast(resumes)
    assert.equal(failed?.status, 200)
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(cache.storyOf('c'), ['put', 'gone'])
    assert.equal(seen.freshness().relists, 1)
    assert.ok((seen.freshness().continuousSince ?? 0) > (before ?? 0))
    assert.equal(seen.freshness().missed, 0, 'nobody can have told')
  })
})

describe('fault 6: 410 on a continue token', () => {
  test('the list begins anew, and a part of one is never the truth', async () => {
    const many = Array.from({ length: 1200 }, (_, i) => `p-${String(i).padStart(4, '0')}`)
    await using seen = watchOne(
      (server) => {
        createPods(...many)(server)
        const second = {
          resource: 'pods',
          where: ({ query }: { query: Readonly<Record<string, string>> }) => query['continue'] !== undefined,
        }
        server.faults.plant(second, answerLate(20 * SECOND), { times: 1 })
        server.faults.plant(second, refuseWith(410), { times: 1 })
      },
      { watchList: false },
    )
    const { server, clock, cache } = seen
    await clock.advance(19 * SECOND)
    assert.equal(seen.freshness().state, 'syncing')
    assert.equal(cache.objects.size, 500)
    removePod(server, 'p-0001')
    await clock.advance(10 * SECOND)
    const lists = asked(server, 'list')
    assert.equal(lists.filter(({ query }) => query['continue'] === undefined).length, 2)
    assert.equal(lists.filter(({ status }) => status === 410).length, 1)
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(seen.states, ['live'])
    assert.deepEqual(cache.storyOf('p-0001'), ['put', 'gone'])
  })

  test('a list anew takes nothing away before it is whole', async () => {
    const many = Array.from({ length: 700 }, (_, i) => `p-${String(i).padStart(4, '0')}`)
    await using seen = watchOne(createPods(...many), { watchList: false })
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    const second = {
      resource: 'pods',
      where: ({ query }: { query: Readonly<Record<string, string>> }) => query['continue'] !== undefined,
    }
    const fault = server.faults.plant(second, refuseWith(410), { times: 3 })
    await gap(seen, () => removePod(server, 'p-0001'))
    await clock.advance(4 * SECOND)
    assert.ok(fault.reached > 0 && fault.reached < 3)
    assert.equal(cache.objects.size, 700)
    await clock.advance(MINUTE)
    assert.equal(fault.reached, 3)
    assertSame(cache, server.table, ['pods'])
  })
})

describe('fault 7: a storm of 410', () => {
  test('is answered by lists that come less and less often; then all is as before', async () => {
    await using seen = watchAll(createPods('a', 'b'), { watchList: false })
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    assertSame(cache, server.table)
    const fault = server.faults.plant({ where: resumes }, refuseWith(410))
    await server.down()
    await server.comeUp()
    await clock.advance(MINUTE)
    const from = clock.now()
    for (let i = 0; i < 10; i++) {
      touch(server, 'a', `value ${i}`)
      await clock.advance(MINUTE)
    }
    assert.ok(fault.reached > 25)
    const load = busiest(server.log.find({ from }))
    assert.ok(load <= POLITE, `${load} requests in a minute`)
    assert.ok(
      cache.looks.some(({ blind }) => blind.get('pods')?.unknown === 'stale'),
      'nobody was told',
    )
    fault.remove()
    await clock.advance(3 * MINUTE)
    assertSame(cache, server.table)
    assert.ok(seen.watch.freshness().every(({ state }) => state === 'live' || state === 'not-installed'))
  })
})

describe('fault 18: a delete that nobody saw', () => {
  test('is found by the list that follows the gap, and said to be unseen', async () => {
    await using seen = watchAll(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    await gap(seen, () => removePod(server, 'b'))
    await clock.advance(10 * SECOND)
    assertSame(cache, server.table)
    assert.deepEqual(cache.storyOf('b'), ['put', 'gone'])
  })

  test('in a gap that the server remembers it is seen after all', async () => {
    await using seen = watchAll(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    await server.down()
    removePod(server, 'b')
    await server.comeUp()
    await clock.advance(10 * SECOND)
    assertSame(cache, server.table)
    assert.deepEqual(cache.storyOf('b'), ['put', 'seen to go'])
    assert.equal(seen.freshness().relists, 0)
  })
})

describe('fault 19: a name that is used again in a gap', () => {
  for (const forgotten of [true, false])
    test(`is one object that goes and one that comes${forgotten ? ', also by a list' : ''}`, async () => {
      await using seen = watchAll(createPods('a'))
      const { server, clock, cache } = seen
      await clock.advance(5 * SECOND)
      const old = cache.told.at(-1)?.uid
      const again = (): void => {
        removePod(server, 'a')
        server.table.create(podDraft('a'))
      }
      await server.down()
      again()
      if (forgotten) server.table.compact()
      await server.comeUp()
      await clock.advance(10 * SECOND)
      assertSame(cache, server.table)
      assert.deepEqual(cache.storyOf('a'), ['put', forgotten ? 'gone' : 'seen to go', 'put'])
      assert.notEqual(cache.told.at(-1)?.uid, old)
      assert.equal(cache.told.at(-2)?.uid, old)
    })
})

/** The same cluster as it was a while ago. */
function earlier({ table }: SimulatedApiServer, clock: Clock): ObjectTable {
  const copy = new ObjectTable({ clock, random: seededRandom(9) })
  copy.restore(table.snapshot())
  return copy
}

describe('fault 20: a server that is behind', () => {
  test('takes nothing back: what is held is stale until the server is where it was seen', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    const old = earlier(server, clock)
    removePod(server, 'b')
    touch(server, 'a')
    await clock.advance(SECOND)
    cache.clear()
    const fault = server.faults.plant({ resource: 'pods' }, answerFrom(old))
    await server.down()
    await server.comeUp()
    await clock.advance(7 * MINUTE)
    assert.ok(fault.reached > 3)
    assert.deepEqual(cache.told, [])
    assert.equal(seen.freshness().state, 'stale')
    assert.match(seen.freshness().detail, /an older state than it did before/)
    assert.ok(busiest(asked(server)) <= POLITE)
    fault.remove()
    await clock.advance(MINUTE)
    assert.equal(seen.freshness().state, 'live')
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(cache.names(), ['a'])
  })

  test('lists from the future are waited for', async () => {
    await using seen = watchOne(createPods('a'), { watchList: false })
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    const fault = server.faults.plant(
      { resource: 'pods' },
      refuseWith(504, { retryAfter: '1', message: 'Too large resource version: 900, current: 800' }),
      { times: 6 },
    )
    await gap(seen, () => touch(server, 'a'))
    await clock.advance(2 * MINUTE)
    assert.equal(fault.reached, 6)
    assertSame(cache, server.table, ['pods'])
  })

  test('that was restored from a backup is believed once it has said so for minutes', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    const backup = server.table.snapshot()
    removePod(server, 'b')
    createPods('c')(server)
    await clock.advance(SECOND)
    await server.down()
    server.table.restore(backup)
    await server.comeUp()
    const began = clock.now()
    while (cache.names().join() !== 'a,b' && clock.now() - began < HOUR) await clock.advance(10 * SECOND)
    const took = clock.now() - began
    assert.ok(took > 5 * MINUTE && took < 20 * MINUTE, `${took / MINUTE} minutes`)
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(cache.storyOf('c'), ['put', 'gone'])
    assert.equal(seen.freshness().state, 'live')
    assert.deepEqual(seen.states, ['live', 'stale', 'live'])
    assert.ok(seen.said.some(({ event }) => event === 'the server was set back to an older state'))
    touch(server, 'a')
    await clock.advance(SECOND)
    assertSame(cache, server.table, ['pods'])
  })
})

describe('fault 22: lists that are slow or very large', () => {
  test('a list that takes a minute to begin is waited for', async () => {
    await using seen = watchOne(
      (server) => {
        createPods('a')(server)
        server.faults.plant({ resource: 'pods', verb: 'list' }, answerLate(60 * SECOND))
      },
      { watchList: false },
    )
    const { server, clock, cache } = seen
    await clock.advance(59 * SECOND)
    assert.equal(seen.freshness().state, 'syncing')
    await clock.advance(2 * SECOND)
    assert.equal(asked(server, 'list').length, 1)
    assertSame(cache, server.table, ['pods'])
    assert.equal(seen.freshness().state, 'live')
  })

  test('a stream of which an object comes every half a minute is waited for', async () => {
    await using seen = watchOne((server) => {
      createPods('a', 'b', 'c', 'd')(server)
      server.faults.plant({ resource: 'pods' }, holdFrames(30 * SECOND), { times: 1 })
    })
    const { server, clock, cache } = seen
    await clock.advance(140 * SECOND)
    assert.equal(seen.freshness().state, 'syncing')
    await clock.advance(20 * SECOND)
    assertSame(cache, server.table, ['pods'])
    assert.equal(asked(server).length, 1)
  })

  test('a stream without an end is given up after a minute, and pages are asked for', async () => {
    await using seen = watchOne((server) => {
      createPods('a')(server)
      server.faults.plant({ resource: 'pods' }, holdFrames(HOUR), { times: 1 })
    })
    const { server, clock, cache } = seen
    await clock.advance(59 * SECOND)
    assert.equal(asked(server, 'list').length, 0)
    await clock.advance(2 * SECOND)
    assert.equal(asked(server, 'list').length, 1)
    assertSame(cache, server.table, ['pods'])
  })

  test('streams that break before the end are given up for pages', async () => {
    await using seen = watchOne((server) => {
      createPods('a', 'b', 'c')(server)
      server.faults.plant(
        { resource: 'pods', where: ({ query }) => query['sendInitialEvents'] !== undefined },
        cutAfter({ frames: 2 }),
      )
    })
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    assert.equal(asked(server, 'list').length, 1)
    assertSame(cache, server.table, ['pods'])
  })

  for (const watchList of [true, false])
    test(`5,000 pods ${watchList ? 'in a stream' : 'in pages of 500'}, and nobody is told that they are known before`, async () => {
      const many = Array.from({ length: 5000 }, (_, i) => `p-${i}`)
      await using seen = watchAll(createPods(...many), { watchList })
      const { server, clock, cache } = seen
      for (let i = 0; i < 400 && !seen.watch.synced; i++) {
        const known = cache.looks.at(-1)?.listed.has('pods') === true
        assert.ok(!known || cache.names().length === 5000)
        await clock.advance(20)
      }
      assertSame(cache, server.table)
      const pods = asked(server, 'list')
      assert.equal(pods.length, watchList ? 0 : 10)
      assert.ok(pods.every(({ query }) => query['limit'] === '500'))
      assert.ok(seen.watch.synced)
    })

  test('at most two kinds are listed at a time, and the large ones come last', async () => {
    await using seen = watchAll(
      (server) => {
        createPods('a')(server)
        server.faults.plant({ verb: 'list' }, answerLate(SECOND))
      },
      { watchList: false },
    )
    const { server, clock } = seen
    for (let i = 0; i < 100; i++) {
      assert.ok(server.log.open({ verb: 'list' }).length <= 2)
      await clock.advance(200)
    }
    const order = server.log.find({ verb: 'list' }).map(({ resource }) => resource)
    assert.deepEqual(order.slice(0, 2), ['namespaces', 'nodes'])
    assert.deepEqual(
      order.filter((resource) => ['pods', 'events', 'replicasets.apps'].includes(resource)),
      ['replicasets.apps', 'pods', 'events'],
    )
    assert.ok(order.indexOf('replicasets.apps') > order.indexOf('limitranges'))
  })
})

test('where the server cannot stream lists, pages do, and it is asked again only after hours', async () => {
  await using seen = watchOne(createPods('a', 'b'), { watchList: false })
  const { server, clock, cache } = seen
  await clock.advance(SECOND)
  assert.deepEqual(
    asked(server).map(({ verb, status }) => `${verb} ${status}`),
    ['watch 422', 'list 200', 'watch 200'],
  )
  const [, list, watch] = asked(server)
  assert.equal(watch?.at, list?.at, 'the watch begins at once')
  await gap(seen, () => removePod(server, 'b'))
  await clock.advance(5 * SECOND)
  assertSame(cache, server.table, ['pods'])
  assert.equal(asked(server).filter(({ status }) => status === 422).length, 1)
  await reopen(seen)
  assertSame(cache, server.table, ['pods'])
})
