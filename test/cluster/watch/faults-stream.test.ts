import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  answerLate,
  cutAfter,
  resetAfter,
  splitInto,
  stallAfter,
  refuseConnection,
} from '../../../src/simulator/fault-effects.ts'
import {
  dropFrames,
  duplicateFrames,
  holdFrames,
  replaceFrames,
  spoilFrames,
  withoutBookmarks,
  type Spoiling,
} from '../../../src/simulator/frame-faults.ts'
import {
  asked,
  assertSame,
  busiest,
  createPods,
  HOUR,
  MINUTE,
  POD,
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
} from '../../support/watching.ts'

const ANY_WATCH = { verb: 'watch' } as const

describe('fault 1: a watch is reset in the middle', () => {
  test('it goes on from where it was, after a moment, without a list', async () => {
    await using seen = watchOne(createPods('a'))
    const fault = seen.server.faults.plant(RESUMED_PODS, resetAfter({ frames: 2 }), { times: 1 })
    await reopen(seen)
    const { server, clock, cache } = seen
    touch(server, 'a')
    const { resourceVersion } = server.table.create(podDraft('b')).metadata
    await clock.advance(100)
    assert.equal(fault.reached, 1)
    server.table.create(podDraft('c'))
    await clock.advance(2 * SECOND)
    assertSame(cache, server.table, ['pods'])
    const [last, before] = asked(server).toReversed()
    assert.equal(before?.ended, 'reset')
    assert.equal(last?.query['resourceVersion'], resourceVersion)
    const waited = (last?.at ?? 0) - (before?.endedAt ?? 0)
    assert.ok(waited >= 400 && waited <= 800, `${waited} ms`)
    assert.equal(asked(server, 'list').length, 0)
    assert.deepEqual(seen.states, ['live'])
    assert.equal(seen.freshness().relists, 0)
  })

  test('before everything was sent, nothing counts as known', async () => {
    await using seen = watchOne((server) => {
      createPods('a', 'b', 'c')(server)
      server.faults.plant({ resource: 'pods' }, resetAfter({ frames: 2 }), { times: 1 })
    })
    await seen.clock.advance(100)
    assert.equal(seen.freshness().state, 'syncing')
    assert.deepEqual(seen.cache.names(), ['a', 'b'])
    await seen.clock.advance(SECOND)
    assertSame(seen.cache, seen.server.table, ['pods'])
    assert.deepEqual(seen.states, ['live'])
  })

  test('when it cannot be resumed for long, what is held counts as stale until it can', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock } = seen
    await clock.advance(SECOND)
    const reset = server.faults.plant(ANY_WATCH, refuseConnection())
    await server.down()
    await server.comeUp()
    await clock.advance(44 * SECOND)
    assert.equal(seen.freshness().state, 'live')
    await clock.advance(2 * SECOND)
    assert.equal(seen.freshness().state, 'stale')
    assert.match(seen.freshness().detail, /^pods: .*(broke|refused) the connection/)
    touch(server, 'a')
    reset.remove()
    assert.ok(reset.reached > 3)
    await clock.advance(MINUTE)
    assert.deepEqual(seen.states, ['live', 'stale', 'live'])
    assertSame(seen.cache, server.table, ['pods'])
  })
})

describe('fault 2: a watch that is open and dead', () => {
  test('is found out after 150 s of silence and opened again', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, stallAfter({ frames: 0 }), { times: 1 })
    await reopen(seen)
    assert.equal(fault.reached, 1)
    const dead = asked(server).at(-1)
    touch(server, 'a')
    await clock.advance((dead?.at ?? 0) + 149 * SECOND - clock.now())
    assert.equal(asked(server).at(-1), dead)
    await clock.advance(3 * SECOND)
    const next = asked(server).at(-1)
    assert.equal(dead?.ended, 'left')
    assert.equal(next?.query['resourceVersion'], dead?.query['resourceVersion'])
    assertSame(cache, server.table, ['pods'])
    assert.equal(asked(server, 'list').length, 0)
  })

  test('is stale ten seconds later when it cannot be opened again', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock } = seen
    server.faults.plant(RESUMED_PODS, stallAfter({ frames: 0 }), { times: 1 })
    await reopen(seen)
    const dead = asked(server).at(-1)
    const fault = server.faults.plant(ANY_WATCH, refuseConnection())
    await clock.advance((dead?.at ?? 0) + 161 * SECOND - clock.now())
    assert.ok(fault.reached > 0)
    assert.equal(seen.freshness().state, 'stale')
    assert.match(seen.freshness().detail, /no sign of life for 150 s/)
  })

  test('twice in a row lists everything: a server that was set back is as silent', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock } = seen
    const fault = server.faults.plant(RESUMED_PODS, stallAfter({ frames: 0 }), { times: 2 })
    await clock.advance(16 * MINUTE)
    assert.equal(fault.reached, 2)
    assert.equal(seen.freshness().relists, 1)
    assertSame(seen.cache, server.table, ['pods'])
  })
})

describe('fault 3: the server ends watches in time', () => {
  test('each is resumed at once and nothing is listed', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    for (let i = 0; i < 6; i++) {
      await clock.advance(10 * MINUTE)
      touch(server, 'a', `at ${i}`)
    }
    const watches = asked(server, 'watch')
    assert.ok(watches.length >= 6, `${watches.length} watches`)
    for (const [i, { at }] of watches.entries())
      if (i > 0) assert.ok(at - (watches[i - 1]?.endedAt ?? 0) <= SECOND, 'resumed late')
    assert.ok(watches.slice(1).every(resumes))
    assert.deepEqual(seen.states, ['live'])
    await clock.advance(SECOND)
    assertSame(cache, server.table, ['pods'])
    for (const { query } of watches) {
      const seconds = Number(query['timeoutSeconds'])
      assert.ok(seconds >= 300 && seconds <= 600)
      assert.equal(query['allowWatchBookmarks'], 'true')
    }
  })

  test('that end at once again and again are opened less and less often', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, cutAfter({ frames: 0 }))
    await reopen(seen)
    const from = clock.now()
    await clock.advance(5 * MINUTE)
    assert.ok(fault.reached > 5)
    assert.ok(server.log.count({ from }) <= 5 * 6, `${server.log.count({ from })} requests`)
    fault.remove()
    touch(server, 'a')
    await clock.advance(MINUTE)
    assertSame(cache, server.table, ['pods'])
  })
})

describe('fault 13: frames come in pieces', () => {
  for (const sizes of [[1], [2, 3, 5, 7], [4096]])
    test(`of ${sizes.join(', ')} bytes`, async () => {
      await using seen = watchOne((server) => {
        server.table.create(podDraft('a', { name: 'Bäckerei 🥖 "quoted" \\ and\nbroken' }))
        createPods('b')(server)
      })
      const { server, clock, cache } = seen
      const fault = server.faults.plant({ resource: 'pods' }, splitInto(sizes))
      await reopen(seen)
      touch(server, 'b', '面包 🥐')
      removePod(server, 'a')
      await clock.advance(SECOND)
      assert.ok(fault.reached > 0)
      assertSame(cache, server.table, ['pods'])
      assert.deepEqual(
        [...cache.objects.values()][0]?.metadata.labels,
        Object.assign(Object.create(null), { value: '面包 🥐' }),
      )
      assert.equal(seen.freshness().malformed, 0)
    })
})

describe('fault 14: frames that cannot be read', () => {
  const BAD: Spoiling[] = ['malformed', 'truncated', 'unknown-type', 'no-metadata', 'no-object']
  for (const how of BAD) {
    test(`${how}, once: the watch goes on from the last good version`, async () => {
      await using seen = watchOne(createPods('a', 'b'))
      const { server, clock, cache } = seen
      const fault = server.faults.plant(
        RESUMED_PODS,
        spoilFrames(how, (_, { type }) => type !== 'BOOKMARK'),
        { times: 1 },
      )
      await reopen(seen)
      const good = asked(server).at(-1)?.query['resourceVersion']
      touch(server, 'a')
      touch(server, 'b')
      await clock.advance(2 * SECOND)
      assert.ok(fault.reached > 0)
      assertSame(cache, server.table, ['pods'])
      assert.equal(seen.freshness().malformed, 1)
      assert.equal(asked(server).at(-1)?.query['resourceVersion'], good)
      assert.equal(seen.freshness().relists, 0)
    })

    test(`${how}, for ever: everything is listed, and load and log stay small`, async () => {
      // Without WatchList each list is followed by a watch that meets the fault.
      await using seen = watchOne(createPods('a', 'b'), { watchList: false })
      const { server, clock, cache } = seen
      const fault = server.faults.plant(RESUMED_PODS, spoilFrames(how))
      await clock.advance(SECOND)
      const from = clock.now()
      for (let i = 0; i < 20; i++) {
        touch(server, 'a', `value ${i}`)
        await clock.advance(15 * SECOND)
      }
      assert.ok(fault.reached > 2)
      assert.ok(seen.freshness().relists > 0)
      assert.ok(busiest(server.log.find({ from })) <= POLITE)
      assert.ok(seen.said.filter(({ level }) => level === 'warn').length <= 2)
      fault.remove()
      await clock.advance(MINUTE)
      assertSame(cache, server.table, ['pods'])
      assert.equal(seen.freshness().state, 'live')
    })
  }

  test('an object of 1.5 MB is read like any other', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, spoilFrames('huge'))
    await reopen(seen)
    touch(server, 'a')
    await clock.advance(SECOND)
    assert.equal(fault.reached, 1)
    assertSame(cache, server.table, ['pods'])
    assert.equal(seen.freshness().malformed, 0)
  })

  test('a frame of 9 MB is not held, and what it told is had another way', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    const long = { type: 'ADDED', object: {}, text: `{"type":"ADDED","object":"${'x'.repeat(9_000_000)}"}\n` }
    const fault = server.faults.plant(
      RESUMED_PODS,
      replaceFrames((_, { type }) => type !== 'BOOKMARK', [long]),
      { times: 2 },
    )
    await reopen(seen)
    touch(server, 'a')
    await clock.advance(20 * SECOND)
    assert.equal(fault.reached, 2)
    assert.equal(seen.freshness().malformed, 2)
    assertSame(cache, server.table, ['pods'])
  })

  test('in the first stream: the list comes page by page', async () => {
    await using seen = watchOne((server) => {
      createPods('a', 'b')(server)
      server.faults.plant({ resource: 'pods', verb: 'watch' }, spoilFrames('no-metadata'), { times: 1 })
    })
    await seen.clock.advance(SECOND)
    assert.equal(asked(seen.server, 'list').length, 1)
    assertSame(seen.cache, seen.server.table, ['pods'])
    assert.equal(seen.freshness().state, 'live')
  })

  test('an object that cannot be stored is left out, and the others go on', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    cache.refuses.add('poison')
    createPods('poison')(server)
    touch(server, 'a')
    await clock.advance(10 * SECOND)
    assert.deepEqual(cache.names(), ['a', 'b'])
    const from = clock.now()
    for (let i = 0; i < 10; i++) {
      touch(server, 'b', `value ${i}`)
      await clock.advance(30 * SECOND)
    }
    assert.ok(seen.freshness().malformed >= 2)
    assert.equal(seen.freshness().state, 'live')
    assert.equal(asked(server).filter(({ at }) => at >= from).length <= 2, true)
    assert.equal(
      [...cache.objects.values()].find(({ metadata }) => metadata.name === 'b')?.metadata.labels?.['value'],
      'value 9',
    )
    cache.refuses.clear()
    touch(server, 'poison')
    await clock.advance(SECOND)
    assertSame(cache, server.table, ['pods'])
  })
})

const isEvent = (_: number, { type }: { readonly type: string }): boolean => type !== 'BOOKMARK'

describe('fault 15: events come twice', () => {
  test('the second one has no effect, nor has one from before', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    const twice = server.faults.plant(RESUMED_PODS, duplicateFrames())
    await reopen(seen)
    cache.clear()
    const [, old] = server.table.list({ apiVersion: 'v1', kind: 'Pod' })
    touch(server, 'a')
    removePod(server, 'b')
    await clock.advance(SECOND)
    assert.ok(twice.reached >= 2)
    assert.deepEqual(cache.storyOf('a'), ['put'])
    assert.deepEqual(cache.storyOf('b'), ['seen to go'])
    twice.remove()
    const again = server.faults.plant(
      RESUMED_PODS,
      replaceFrames(
        (_, { type }) => type !== 'BOOKMARK',
        [
          { type: 'ADDED', object: old },
          { type: 'MODIFIED', object: old },
          { type: 'DELETED', object: old },
        ],
      ),
    )
    await reopen(seen)
    touch(server, 'a', 'replaced by what is old')
    await clock.advance(SECOND)
    assert.ok(again.reached > 0)
    assert.deepEqual(cache.names(), ['a'])
    assert.deepEqual(cache.storyOf('b'), ['seen to go'])
  })

  test('nor does a delete from before a change', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    const [old] = server.table.list(POD)
    await clock.advance(SECOND)
    touch(server, 'a')
    await clock.advance(SECOND)
    const fault = server.faults.plant(RESUMED_PODS, replaceFrames(isEvent, [{ type: 'DELETED', object: old }]), {
      times: 1,
    })
    await reopen(seen)
    touch(server, 'a', 'told as an old delete')
    await clock.advance(SECOND)
    assert.equal(fault.reached, 1)
    assert.deepEqual(cache.names(), ['a'])
  })
})

describe('fault 16: events do not come', () => {
  test('between two that do: what is held is the same in the end', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    let count = 0
    const fault = server.faults.plant(
      RESUMED_PODS,
      dropFrames((_, { type }) => type === 'MODIFIED' && ++count < 5),
    )
    await reopen(seen)
    for (let i = 0; i < 5; i++) touch(server, 'a', `value ${i}`)
    await clock.advance(SECOND)
    assert.equal(fault.reached, 4)
    assertSame(cache, server.table, ['pods'])
    assert.equal(seen.freshness().missed, 0)
  })

  test('at all: a list finds it within the hour, says so, and puts it right', async () => {
    await using seen = watchOne(createPods('a', 'b', 'c'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, dropFrames())
    await reopen(seen)
    touch(server, 'a')
    removePod(server, 'b')
    createPods('d')(server)
    await clock.advance(SECOND)
    assert.equal(fault.reached, 3)
    fault.remove()
    const since = seen.freshness().continuousSince ?? 0
    await clock.advance(HOUR + 2 * MINUTE)
    assert.equal(seen.freshness().missed, 3)
    assert.deepEqual(cache.storyOf('b'), ['put', 'gone'])
    assert.ok((seen.freshness().continuousSince ?? 0) > since)
    assert.ok(seen.said.some(({ level, event }) => level === 'error' && event === 'changes had been missed'))
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(seen.states, ['live'])
  })

  test('when nothing is missed, the list finds nothing', async () => {
    await using seen = watchOne(createPods('a', 'b', 'c'))
    const { server, clock } = seen
    for (let i = 0; i < 150; i++) {
      touch(server, 'a', `value ${i}`)
      if (i % 3 === 0) createPods(`short-${i}`)(server)
      if (i % 3 === 1) removePod(server, `short-${i - 1}`)
      await clock.advance(MINUTE)
    }
    assert.ok(asked(server, 'list').length >= 2, 'nothing was checked')
    assert.equal(seen.freshness().missed, 0)
  })

  test('what the watch has yet to tell is not taken for missed', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, holdFrames(3 * SECOND))
    await reopen(seen)
    for (let i = 0; asked(server, 'list').length === 0; i++) {
      touch(server, 'a', `value ${i}`)
      await clock.advance(5 * SECOND)
    }
    assert.ok(fault.reached > 0)
    await clock.advance(10 * MINUTE)
    assert.equal(seen.freshness().missed, 0)
    assertSame(cache, server.table, ['pods'])
  })

  test('what happens while that list comes is not taken for missed', async () => {
    const many = Array.from({ length: 600 }, (_, i) => `p-${String(i).padStart(3, '0')}`)
    await using seen = watchOne(createPods(...many))
    const { server, clock, cache } = seen
    const second = ({ query }: { readonly query: Readonly<Record<string, string>> }): boolean => 'continue' in query
    const fault = server.faults.plant({ resource: 'pods', where: second }, answerLate(10 * SECOND))
    while (server.log.open({ verb: 'list' }).length === 0 && fault.met === 0) await clock.advance(5 * SECOND)
    touch(server, 'p-000')
    touch(server, 'p-599')
    removePod(server, 'p-001')
    createPods('p-100-new')(server)
    server.table.remove({ ...POD, namespace: 'shop', name: 'p-002' })
    server.table.create(podDraft('p-002'))
    cache.clear()
    await clock.advance(3 * MINUTE)
    assert.equal(fault.reached, 1)
    assert.equal(seen.freshness().missed, 0)
    assertSame(cache, server.table, ['pods'])
    assert.deepEqual(cache.storyOf('p-001'), ['seen to go'])
    assert.deepEqual(cache.storyOf('p-000'), ['put'])
  })
})

describe('fault 21: bookmarks', () => {
  test('never come: nothing is falsely stale, and what is too old is noticed', async () => {
    await using seen = watchOne((server) => {
      createPods('a')(server)
      server.faults.plant({ resource: 'pods' }, withoutBookmarks())
    })
    const { server, clock, cache } = seen
    await clock.advance(2 * MINUTE)
    assert.equal(asked(server, 'list').length, 1, 'no end of the first events: page by page')
    await clock.advance(2 * HOUR)
    assert.deepEqual(seen.states, ['live'])
    assert.ok(seen.freshness().relists <= 5, `${seen.freshness().relists} relists`)
    const since = seen.freshness().continuousSince ?? 0
    assert.ok(clock.now() - since > 2 * HOUR, 'nothing can have been missed')
    touch(server, 'a')
    await clock.advance(SECOND)
    assertSame(cache, server.table, ['pods'])
    const relists = seen.freshness().relists
    await server.down()
    server.table.create(podDraft('b'))
    server.table.pass(1000)
    server.table.compact()
    await server.comeUp()
    await clock.advance(MINUTE)
    assert.equal(seen.freshness().relists, relists + 1)
    assertSame(cache, server.table, ['pods'])
  })

  test('alone come: nothing is listed, though all versions in between are forgotten', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    for (let i = 0; i < 12; i++) {
      server.table.pass(100)
      await clock.advance(5 * MINUTE)
      server.table.compact(server.table.revision - 100)
    }
    const from = clock.now() - HOUR
    assert.deepEqual(seen.states, ['live'])
    assert.equal(seen.freshness().relists, 0)
    assert.ok(server.log.count({ from, verb: 'watch' }) >= 6)
    touch(server, 'a')
    await clock.advance(SECOND)
    assertSame(cache, server.table, ['pods'])
  })
})

describe('fault 20: a server that is behind', () => {
  test('says so by its bookmarks: nothing is taken back, and it counts as stale until it has caught up', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    const object = { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: '3' } }
    const isBookmark = (_: number, { type }: { readonly type: string }): boolean => type === 'BOOKMARK'
    const fault = server.faults.plant(RESUMED_PODS, replaceFrames(isBookmark, [{ type: 'BOOKMARK', object }]), {
      times: 1,
    })
    await reopen(seen)
    cache.clear()
    while (fault.reached === 0) await clock.advance(SECOND)
    assert.equal(seen.freshness().state, 'stale')
    await clock.advance(5 * SECOND)
    assert.equal(seen.freshness().state, 'live')
    assert.deepEqual(cache.told, [])
    const list = asked(server).at(-1)
    assert.equal(list?.query['sendInitialEvents'], 'true', 'everything is asked for anew')
    touch(server, 'a')
    await clock.advance(SECOND)
    assertSame(cache, server.table, ['pods'])
  })
})

test('a server that does not end a watch in its time is left for another one', async () => {
  await using seen = watchOne(createPods('a'), {
    transport: (inner) => ({
      place: inner.place,
      request: (request) => inner.request({ ...request, query: { ...request.query, timeoutSeconds: '36000' } }),
    }),
  })
  const { server, clock, cache } = seen
  for (let i = 0; i < 30; i++) {
    touch(server, 'a', `value ${i}`)
    await clock.advance(MINUTE)
  }
  const watches = asked(server, 'watch')
  assert.ok(watches.length >= 3)
  for (const { at, endedAt } of watches.slice(0, -1)) assert.ok((endedAt ?? 0) - at <= 631 * SECOND)
  assert.deepEqual(seen.states, ['live'])
  assert.equal(asked(server, 'list').length + seen.freshness().relists, 0)
  assertSame(cache, server.table, ['pods'])
})

test('invariant 39: a quiet cluster is asked less than once in five seconds', async () => {
  await using seen = watchAll(createPods('a'))
  const { server, clock } = seen
  await clock.advance(10 * SECOND)
  const from = clock.now()
  await clock.advance(30 * MINUTE)
  const rate = server.log.rate(from, clock.now())
  assert.ok(rate > 0.01 && rate <= 0.2, `${rate} requests a second`)
  assert.equal(server.log.writes.length, 0)
})
