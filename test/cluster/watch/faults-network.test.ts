import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import { setImmediate } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { NodeTransport } from '../../../src/cluster/node-transport.ts'
import { TransportError, type Transport, type TransportFault } from '../../../src/cluster/transport.ts'
import { ClusterWatch } from '../../../src/cluster/watch/cluster-watch.ts'
import { answerLate, cutAfter, resetAfter, splitInto, trickle } from '../../../src/simulator/fault-effects.ts'
import { holdFrames } from '../../../src/simulator/frame-faults.ts'
import { person } from '../../../src/simulator/users.ts'
import { KINDS } from '../../../src/cluster/kinds.ts'
import { SILENT } from '../../../src/util/logger.ts'
import { serve } from '../../support/api-server.ts'
import { certificate } from '../../support/certificate.ts'
import { accessTo, Scratch } from '../../support/kubeconfigs.ts'
import { seededRandom } from '../../../src/util/seeded-random.ts'
import { simulation } from '../../support/simulator.ts'
import type { asked } from '../../support/watching.ts'
import {
  assertSame,
  busiest,
  Cache,
  createPods,
  HOUR,
  MINUTE,
  podDraft,
  POLITE,
  removePod,
  RESUMED_PODS,
  resumes,
  SECOND,
  touch,
  watchAll,
  watchOne,
} from '../../support/watching.ts'

describe('fault 17: kinds that are heard of at different times', () => {
  test('one that lags behind holds up no other, and all is the same in the end', async () => {
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant(RESUMED_PODS, holdFrames(20 * SECOND))
    await clock.advance(5 * SECOND)
    await server.down()
    await server.comeUp()
    await clock.advance(10 * SECOND)
    touch(server, 'a')
    server.table.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'late' } })
    await clock.advance(SECOND)
    assert.deepEqual(cache.names('Node'), ['late'])
    assert.throws(() => assertSame(cache, server.table))
    await clock.advance(MINUTE)
    assert.ok(fault.reached > 0)
    assertSame(cache, server.table)
    assert.equal(seen.freshness().state, 'live')
  })
})

/** Watches that were opened after a time, by kind. */
const opened = (server: Parameters<typeof asked>[0], from: number): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const { resource } of server.log.find({ verb: 'watch', from, status: 200 }))
    counts.set(resource, (counts.get(resource) ?? 0) + 1)
  return counts
}

describe('fault 23: API servers that are replaced one after the other', () => {
  for (const away of [0, 3, 25])
    test(`each kind goes on once, none lists, and they do not come at once: ${away} s away`, async () => {
      await using seen = watchAll(createPods('a', 'b'))
      const { server, clock, cache } = seen
      await clock.advance(10 * SECOND)
      const kinds = server.log.open({ verb: 'watch' }).length
      assert.ok(kinds > 20)
      for (const round of [1, 2, 3]) {
        const from = clock.now()
        await server.down()
        touch(server, 'a', `round ${round}`)
        await clock.advance(away * SECOND)
        await server.comeUp()
        const up = clock.now()
        await clock.advance(90 * SECOND)
        const counts = opened(server, from)
        assert.equal(counts.size, kinds)
        assert.deepEqual(new Set(counts.values()), new Set([1]))
        assert.equal(server.log.count({ verb: 'list', from }), 0)
        assert.ok(server.log.count({ from }) <= kinds + 15, `${server.log.count({ from })} requests`)
        const times = server.log.find({ verb: 'watch', from, status: 200 }).map(({ at }) => at)
        assert.ok(new Set(times).size > kinds / 2, 'all at once')
        assert.ok(Math.max(...times) - up < 40 * SECOND)
        assertSame(cache, server.table)
        assert.ok(!seen.watch.freshness().some(({ state }) => state === 'stale'))
      }
    })

  test('an hour away: few questions, and one of each kind when it is back', async () => {
    await using seen = watchAll(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    const from = clock.now()
    await server.down()
    removePod(server, 'b')
    await clock.advance(HOUR)
    const load = busiest(server.log.find({ from }))
    assert.ok(load <= POLITE, `${load} requests in a minute`)
    const lately = server.log.find({ from: clock.now() - 10 * MINUTE })
    assert.ok(lately.length >= 10 && lately.length <= 10 * 4, `${lately.length} in the last ten minutes`)
    assert.ok(
      lately.every(({ path }) => path === '/readyz'),
      'one probe asks for all',
    )
    assert.equal(seen.freshness().state, 'stale')
    const back = clock.now()
    await server.comeUp()
    await clock.advance(2 * MINUTE)
    assert.deepEqual(new Set(opened(server, back).values()), new Set([1]))
    assertSame(cache, server.table)
  })

  test('watches that all end together, while the next server is not there yet', async () => {
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    const fault = server.faults.plant({ verb: 'watch', where: resumes }, cutAfter({ frames: 1 }))
    await clock.advance(12 * MINUTE)
    assert.ok(fault.reached > 20)
    fault.remove()
    const from = clock.now()
    await server.down()
    await clock.advance(MINUTE)
    assert.ok(server.log.count({ from }) <= POLITE)
    await server.comeUp()
    touch(server, 'a')
    await clock.advance(2 * MINUTE)
    assertSame(cache, server.table)
  })
})

describe('fault 24: no way to the server', () => {
  const WAYS: [string, TransportFault, string][] = [
    ['its name cannot be resolved', 'unreachable', 'has a name that cannot be resolved now'],
    ['it refuses the connection', 'unreachable', 'refused the connection'],
    ['its certificate has expired', 'certificate', 'its certificate has expired'],
    ['its authority is another one', 'certificate', 'its certificate is signed by an authority that is not known here'],
    ['credentials cannot be had', 'credentials', 'no credentials'],
    ['it does not answer', 'timeout', 'no answer for 30 s'],
  ]
  for (const [name, fault, words] of WAYS)
    test(`${name}: stale, patient, and on again when it is over`, async () => {
      let broken = false
      let met = 0
      const { clock, server, transport } = simulation()
      createPods('a', 'b')(server)
      const way: Transport = {
        place: transport.place,
        request: async (request) => {
          if (!broken) return transport.request(request)
          met++
          throw new TransportError(fault, `https://simulator: ${words}`)
        },
      }
      const cache = new Cache()
      const watch = new ClusterWatch({ transport: way, clock, random: seededRandom(3), mirror: cache, logger: SILENT })
      const running = watch.start()
      await clock.advance(5 * SECOND)
      broken = true
      await server.down()
      await server.comeUp()
      removePod(server, 'b')
      await clock.advance(10 * MINUTE)
      assert.ok(met > 5 && met <= 10 * 6, `${met} tries in ten minutes`)
      assert.deepEqual(cache.names(), ['a', 'b'])
      assert.ok(
        watch
          .freshness()
          .filter(({ syncedAt }) => syncedAt !== undefined)
          .every(({ state }) => state === 'stale'),
      )
      broken = false
      await clock.advance(2 * MINUTE)
      assertSame(cache, server.table)
      await watch.stop()
      await running
      assert.equal(clock.waiting, 0)
    })

  test('a certificate that is not trusted gets no request, however often it is tried', async () => {
    using scratch = new Scratch()
    const { clock } = simulation()
    const authority = certificate({ name: 'authority' })
    const expired = certificate({ name: 'server', by: authority, ip: [127, 0, 0, 1], until: '20210101000000Z' })
    const https = createServer({ cert: expired.cert, key: expired.key })
    const connections: unknown[] = []
    https.on('connection', (socket) => connections.push(socket))
    await using api = await serve(() => ({ body: {} }), https)
    const access = await accessTo(scratch, {
      server: `https://127.0.0.1:${api.port}`,
      'certificate-authority': scratch.write('ca.crt', authority.cert),
    })
    const transport = new NodeTransport(access, { clock })
    const watch = new ClusterWatch({ transport, clock, random: seededRandom(3), mirror: new Cache(), logger: SILENT })
    const running = watch.start()
    for (let i = 0; i < 5000 && connections.length < 4; i++) {
      await setImmediate()
      if (i % 20 === 0) await clock.advance(100)
    }
    assert.ok(connections.length >= 4)
    assert.deepEqual(api.asked, [])
    assert.equal(watch.synced, false)
    await watch.stop()
    await running
    transport.close()
  })
})

describe('fault 25: a slow way', () => {
  test('answers that take 5 to 60 s: everything is seen, and nothing is asked for twice', async () => {
    await using seen = watchAll((server) => {
      createPods('a')(server)
      server.faults.plant(
        {},
        {
          before: async (tools) => {
            tools.reached()
            await new Promise<void>((resolve, reject) => {
              const cancel = tools.clock.after((5 + 55 * tools.random()) * SECOND, resolve)
              tools.signal.addEventListener('abort', () => {
                cancel()
                reject(tools.signal.reason as Error)
              })
            })
          },
        },
      )
    })
    const { server, clock, cache } = seen
    for (let i = 0; i < 60 && !seen.watch.synced; i++) await clock.advance(MINUTE)
    assert.ok(seen.watch.synced)
    assertSame(cache, server.table)
    const watches = server.log.find({ verb: 'watch', where: (entry) => !resumes(entry) })
    const again = watches.filter(({ resource }, i) => watches.findIndex((other) => other.resource === resource) !== i)
    assert.deepEqual(
      again.filter(({ resource }) => !resource.includes('snapshot')),
      [],
    )
    for (let i = 0; i < 20; i++) {
      touch(server, 'a', `value ${i}`)
      await clock.advance(MINUTE)
    }
    await clock.advance(2 * MINUTE)
    assertSame(cache, server.table)
    assert.ok(busiest(server.log.entries) <= POLITE)
  })

  test('one byte a second: given up in time, tried again patiently, and said', async () => {
    await using seen = watchOne(createPods('a', 'b'))
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    const fault = server.faults.plant({ resource: 'pods' }, trickle(1, SECOND))
    await server.down()
    touch(server, 'a')
    await server.comeUp()
    await clock.advance(20 * MINUTE)
    assert.ok(fault.reached > 0)
    assert.equal(seen.freshness().state, 'stale')
    assert.ok(server.log.open({ resource: 'pods' }).every(({ at }) => clock.now() - at <= 5 * MINUTE + SECOND))
    assert.deepEqual(cache.names(), ['a', 'b'])
    fault.remove()
    await clock.advance(6 * MINUTE)
    assertSame(cache, server.table, ['pods'])
    assert.equal(seen.freshness().state, 'live')
  })

  test('no answer at all is given up', async () => {
    await using seen = watchOne(createPods('a'))
    const { server, clock, cache } = seen
    await clock.advance(SECOND)
    const fault = server.faults.plant({ resource: 'pods' }, answerLate(), { times: 3 })
    await server.down()
    await server.comeUp()
    await clock.advance(91 * SECOND)
    assert.equal(seen.freshness().state, 'stale')
    touch(server, 'a')
    await clock.advance(5 * MINUTE)
    assert.equal(fault.reached, 3)
    assertSame(cache, server.table, ['pods'])
  })
})

/** The daemon's own transport, over a real connection, in virtual time: that passes only while nothing comes. */
async function overHttp(
  run: (line: {
    readonly server: ReturnType<typeof simulation>['server']
    readonly cache: Cache
    readonly watch: ClusterWatch
    readonly scratch: Scratch
    readonly until: (what: () => boolean, name: string) => Promise<void>
  }) => Promise<void>,
): Promise<void> {
  using scratch = new Scratch()
  const { clock, server } = simulation({ defaultUser: person('nobody') })
  createPods('a', 'b')(server)
  server.access.grant({
    user: 'dogwatch',
    resources: [...KINDS.map(({ resource }) => resource), 'replicationcontrollers'],
  })
  const tokenFile = scratch.write('token', server.tokens.issue({ user: person('dogwatch') }))
  const listening = await server.listen()
  const transport = new NodeTransport(await accessTo(scratch, { server: listening.url }, { tokenFile }), { clock })
  const cache = new Cache()
  const watch = new ClusterWatch({ transport, clock, random: seededRandom(5), mirror: cache, logger: SILENT })
  const running = watch.start()
  const until = async (what: () => boolean, name: string): Promise<void> => {
    for (let i = 0; i < 20_000 && !what(); i++) {
      await setImmediate()
      if (i % 10 === 0) await clock.advance(20)
    }
    assert.ok(what(), `never: ${name}`)
  }
  try {
    await run({ server, cache, watch, scratch, until })
  } finally {
    await watch.stop()
    await running
    transport.close()
    await listening.close()
  }
}

const same = (cache: Cache, server: ReturnType<typeof simulation>['server']) => (): boolean => {
  try {
    assertSame(cache, server.table)
    return true
  } catch {
    return false
  }
}

describe('over HTTP', () => {
  test('fault 10: a token that is rotated while it runs is read anew', () =>
    overHttp(async ({ server, cache, watch, scratch, until }) => {
      await until(() => watch.synced, 'synced')
      server.tokens.revokeAll()
      await server.down()
      await server.comeUp()
      await until(() => server.log.count({ status: 401 }) > 2, 'refused')
      touch(server, 'a')
      scratch.write('token', server.tokens.issue({ user: person('dogwatch') }))
      await until(same(cache, server), 'the same again')
    }))

  test('faults 1, 13, 14 and 24: bytes in pieces, cut in the middle, no server: all is the same in the end', () =>
    overHttp(async ({ server, cache, watch, until }) => {
      server.faults.plant({ resource: 'pods' }, splitInto([1, 7, 100]))
      await until(() => watch.synced, 'synced')
      assertSame(cache, server.table)
      const reset = server.faults.plant(RESUMED_PODS, resetAfter({ bytes: 150 }), { times: 1 })
      const cut = server.faults.plant(RESUMED_PODS, cutAfter({ bytes: 170 }), {
        times: 1,
        skip: 1,
      })
      await server.down()
      server.table.create(podDraft('c', { name: 'Käse 🧀' }))
      await server.comeUp()
      await until(same(cache, server), 'the same after a reset')
      touch(server, 'b')
      removePod(server, 'a')
      await until(() => reset.reached === 1 && cut.met === 1, 'cut')
      await until(same(cache, server), 'the same after a cut')
      await server.down()
      touch(server, 'b', 'in the dark')
      await until(() => watch.requestCounts().some(({ outcome }) => outcome === 'unreachable'), 'refused')
      await server.comeUp()
      await until(same(cache, server), 'the same after an outage')
    }))
})
