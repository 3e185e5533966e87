import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { projectObject } from '../../../src/cluster/dump.ts'
import { metricsFault } from '../../../src/cluster/watch/metrics-guard.ts'
import { intervalFor } from '../../../src/cluster/watch/metrics-pace.ts'
import { refuseWith } from '../../../src/simulator/fault-effects.ts'
import type { Draft } from '../../../src/simulator/object.ts'
import type { SimulatedApiServer } from '../../../src/simulator/server.ts'
import { NOW } from '../../support/build.ts'
import { createPods, HOUR, MINUTE, POD, removePod, SECOND, watchAll } from '../../support/watching.ts'

const TYPE = { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics' }
const USAGE = { cpu: '250m', memory: '64Mi' }
const at = (time: number): string => new Date(time).toISOString()

const sample = (name: string, over: object = {}, namespace = 'shop') => ({
  ...TYPE,
  metadata: { name, namespace },
  timestamp: at(NOW),
  window: '15.2s',
  containers: [{ name: 'app', usage: USAGE }],
  ...over,
})

describe('a sample of metrics', () => {
  const using = (usage: unknown): object => ({ containers: [{ name: 'app', usage }] })
  const CASES: [string, object, RegExp | undefined][] = [
    ['as it should be', {}, undefined],
    ['of nothing', using({ cpu: '0', memory: '0' }), undefined],
    ['a minute ahead', { timestamp: at(NOW + MINUTE) }, undefined],
    ['of a pod without containers', { containers: [] }, undefined],
    ['from the future', { timestamp: at(NOW + 3 * MINUTE) }, /future/],
    ['from the year 9999', { timestamp: '9999-12-31T00:00:00Z' }, /future/],
    ['without a time', { timestamp: undefined }, /time/],
    ['with a time that is none', { timestamp: 'yesterday' }, /time/],
    ['without a window', { window: undefined }, /window/],
    ['with a window of nothing', { window: '0s' }, /window/],
    ['with a negative window', { window: '-15s' }, /window/],
    ['NaN', using({ cpu: 'NaN', memory: '64Mi' }), /amount/],
    ['not a number', using({ cpu: Number.NaN, memory: '64Mi' }), /amount/],
    ['infinite', using({ cpu: '1', memory: 'Infinity' }), /amount/],
    ['negative', using({ cpu: '-250m', memory: '64Mi' }), /negative/],
    ['negative, in memory', using({ cpu: '250m', memory: '-1' }), /negative/],
    ['larger than any machine', using({ cpu: '9e9', memory: '64Mi' }), /larger/],
    ['larger than any memory', using({ cpu: '1', memory: '8Ei' }), /larger/],
    ['without CPU', using({ memory: '64Mi' }), /amount/],
    ['without memory', using({ cpu: '250m' }), /amount/],
    ['without use', using(undefined), /amount/],
    [
      'of which one container is bad',
      {
        containers: [
          { name: 'a', usage: USAGE },
          { name: 'b', usage: {} },
        ],
      },
      /amount/,
    ],
  ]
  for (const [name, over, fault] of CASES)
    test(name, () => {
      const object = projectObject(TYPE, JSON.parse(JSON.stringify(sample('a', over))) as Record<string, unknown>)
      assert.ok(object)
      const found = metricsFault(object, NOW)
      if (fault === undefined) assert.equal(found, undefined)
      else assert.match(found ?? '', fault)
    })

  test('of a node', () => {
    const of = (over: object) =>
      projectObject(
        { ...TYPE, kind: 'NodeMetrics' },
        { metadata: { name: 'n' }, timestamp: at(NOW), window: '20s', usage: USAGE, ...over },
      )!
    assert.equal(metricsFault(of({}), NOW), undefined)
    assert.match(metricsFault(of({ usage: undefined }), NOW) ?? '', /amount/)
    assert.match(metricsFault(of({ usage: { cpu: '-1', memory: '1' } }), NOW) ?? '', /negative/)
  })

  test('is not any object', () => {
    const pod = projectObject(POD, { metadata: { name: 'a' } })
    assert.match(metricsFault(pod!, NOW) ?? '', /no sample/)
  })
})

interface Provided {
  pods: Draft[]
  nodes: Draft[]
}

/** A metrics API that gives what the test says. */
function provide(server: SimulatedApiServer, ...names: string[]): Provided {
  const provided: Provided = {
    pods: names.map((name) => sample(name)),
    nodes: [{ ...TYPE, kind: 'NodeMetrics', metadata: { name: 'n' }, timestamp: at(NOW), window: '20s', usage: USAGE }],
  }
  server.provideMetrics({ list: (kind) => (kind === 'PodMetrics' ? provided.pods : provided.nodes) })
  return provided
}

const PODS = 'pods.metrics.k8s.io'
const asks = (server: SimulatedApiServer, from = 0) =>
  server.log.find({
    where: ({ path, at: when }) => when >= from && path.includes('metrics.k8s.io') && path.endsWith('/pods'),
  })

describe('metrics of a cluster', () => {
  test('are asked for once a minute for all pods, and those that are gone go', async () => {
    const held: Provided[] = []
    await using seen = watchAll((server) => {
      createPods('a', 'b')(server)
      held.push(provide(server, 'a', 'b'))
    })
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    assert.deepEqual(cache.names('PodMetrics'), ['a', 'b'])
    assert.deepEqual(cache.names('NodeMetrics'), ['n'])
    assert.equal(seen.freshness(PODS).state, 'live')
    assert.equal(cache.looks.at(-1)?.listed.get(PODS), 'all')
    const from = clock.now()
    cache.clear()
    await clock.advance(10 * MINUTE)
    assert.equal(asks(server, from).length, 10)
    assert.deepEqual(cache.told, [], 'the same sample is no news')
    const [provided] = held
    assert.ok(provided)
    provided.pods = [sample('b', { timestamp: at(clock.now()) })]
    await clock.advance(MINUTE)
    assert.deepEqual(cache.names('PodMetrics'), ['b'])
    assert.deepEqual(cache.storyOf('b'), ['put'])
    assert.deepEqual(cache.storyOf('a'), ['gone'])
  })

  test('that cannot be right are dropped and counted, and the rest is had', async () => {
    await using seen = watchAll((server) => {
      createPods('a', 'b', 'c', 'd')(server)
      const provided = provide(server, 'a')
      provided.pods.push(
        sample('b', { containers: [{ name: 'app', usage: { cpu: 'NaN', memory: '1' } }] }),
        sample('c', { containers: [{ name: 'app', usage: { cpu: '-1', memory: '1' } }] }),
        sample('d', { timestamp: at(NOW + HOUR) }),
      )
    })
    await seen.clock.advance(10 * SECOND)
    assert.deepEqual(seen.cache.names('PodMetrics'), ['a'])
    assert.equal(seen.freshness(PODS).malformed, 3)
    assert.equal(seen.freshness(PODS).state, 'live')
  })

  test('a sample that turns bad is let go: what it said before says nothing of now', async () => {
    const held: Provided[] = []
    await using seen = watchAll((server) => {
      createPods('a')(server)
      held.push(provide(server, 'a'))
    })
    await seen.clock.advance(10 * SECOND)
    const [provided] = held
    assert.ok(provided)
    provided.pods = [sample('a', { window: undefined })]
    await seen.clock.advance(MINUTE)
    assert.deepEqual(seen.cache.names('PodMetrics'), [])
  })

  test('that are not there are asked for every few minutes, quietly, and had when they come', async () => {
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    assert.equal(seen.freshness(PODS).state, 'not-installed')
    assert.equal(seen.watch.synced, true)
    const from = clock.now()
    await clock.advance(30 * MINUTE)
    assert.ok(asks(server, from).length >= 5 && asks(server, from).length <= 12, `${asks(server, from).length} times`)
    assert.ok(!seen.said.some(({ level }) => level === 'warn'))
    provide(server, 'a')
    await clock.advance(7 * MINUTE)
    assert.deepEqual(cache.names('PodMetrics'), ['a'])
    assert.equal(seen.freshness(PODS).state, 'live')
  })

  test('of an API that is down are stale, and no other kind suffers', async () => {
    await using seen = watchAll((server) => {
      createPods('a')(server)
      provide(server, 'a')
    })
    const { server, clock } = seen
    await clock.advance(10 * SECOND)
    const fault = server.faults.plant({ where: ({ path }) => path.includes('metrics.k8s.io') }, refuseWith(503))
    const from = clock.now()
    await clock.advance(10 * MINUTE)
    assert.ok(fault.reached > 5)
    assert.ok(asks(server, from).length <= 40)
    assert.equal(seen.freshness(PODS).state, 'stale')
    assert.equal(seen.freshness().state, 'live')
    assert.equal(server.log.count({ where: ({ path, at: when }) => when >= from && path === '/readyz' }), 0)
    fault.remove()
    await clock.advance(2 * MINUTE)
    assert.equal(seen.freshness(PODS).state, 'live')
  })

  test('during an outage they are not asked for, and get stale like all else', async () => {
    await using seen = watchAll((server) => {
      createPods('a')(server)
      provide(server, 'a')
    })
    const { server, clock } = seen
    await clock.advance(10 * SECOND)
    await server.down()
    await clock.advance(MINUTE)
    const from = clock.now()
    await clock.advance(10 * MINUTE)
    assert.deepEqual(asks(server, from), [])
    assert.equal(seen.freshness(PODS).state, 'stale')
    assert.match(seen.freshness(PODS).detail, /pods\.metrics\.k8s\.io: the API server does not answer/)
    await server.comeUp()
    await clock.advance(2 * MINUTE)
    assert.equal(seen.freshness(PODS).state, 'live')
  })

  test('of more than 2,000 pods are asked for by namespace, spread evenly; then for all again', async () => {
    const namespaces = Array.from({ length: 10 }, (_, i) => `ns-${i}`)
    const pods = Array.from({ length: 2100 }, (_, i) => ({ name: `p-${i}`, namespace: `ns-${i % 10}` }))
    await using seen = watchAll((server) => {
      for (const metadata of pods) server.table.create({ ...POD, metadata })
      const provided = provide(server)
      provided.pods = pods.map(({ name, namespace }) => sample(name, {}, namespace))
    })
    const { server, clock, cache } = seen
    for (let i = 0; i < 200 && !seen.watch.synced; i++) await clock.advance(100)
    assert.equal(seen.freshness(PODS).state, 'syncing', 'one namespace is not all of them')
    await clock.advance(4 * SECOND)
    assert.equal(seen.freshness(PODS).state, 'live', 'the first time they are asked for without delay')
    assert.equal(seen.freshness(PODS).detail, 'asked for every 80 s')
    assert.equal(cache.looks.at(-1)?.listed.get(PODS), 'all')
    const from = clock.now()
    await clock.advance(10 * MINUTE)
    const asked = asks(server, from)
    assert.deepEqual(new Set(asked.map(({ namespace }) => namespace)), new Set(namespaces))
    for (const [i, { at: when }] of asked.entries())
      if (i > 0) assert.ok(Math.abs(when - (asked[i - 1]?.at ?? 0) - 8 * SECOND) < 500, 'not evenly')
    assert.equal(cache.names('PodMetrics').length, 2100)
    const rate = server.log.rate(from, clock.now())
    assert.ok(rate <= 0.2, `${rate} requests a second`)
    for (const { name, namespace } of pods.slice(0, 400)) server.table.remove({ ...POD, name, namespace })
    await clock.advance(3 * MINUTE)
    const later = clock.now()
    await clock.advance(5 * MINUTE)
    assert.deepEqual(
      asks(server, later).map(({ namespace }) => namespace),
      Array.from({ length: 5 }, () => undefined),
    )
  })

  test('of some namespaces are asked for there', async () => {
    await using seen = watchAll(
      (server) => {
        createPods('a')(server)
        const provided = provide(server, 'a')
        provided.pods.push(sample('x', {}, 'other'))
      },
      { watch: { namespaces: ['shop'] } },
    )
    await seen.clock.advance(10 * SECOND)
    assert.deepEqual(seen.cache.names('PodMetrics'), ['a'])
    assert.ok(asks(seen.server).every(({ namespace }) => namespace === 'shop'))
  })

  test('of a namespace in which they may not be read: the others do not suffer, and nothing flaps', async () => {
    const namespaces = ['shop', 'web', 'other']
    await using seen = watchAll(
      (server) => {
        createPods('a')(server)
        const provided = provide(server, 'a')
        provided.pods.push(sample('x', {}, 'other'), sample('w', {}, 'web'))
        server.faults.plant(
          { where: ({ path }) => path.includes(`metrics.k8s.io/v1beta1/namespaces/web/`) },
          refuseWith(403),
        )
      },
      { watch: { namespaces } },
    )
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    const rows = () => seen.watch.freshness().filter(({ resource }) => resource === PODS)
    const states = () => rows().map(({ namespace, state }) => [namespace, state])
    const expected = [
      ['shop', 'live'],
      ['web', 'forbidden'],
      ['other', 'live'],
    ]
    assert.deepEqual(states(), expected)
    assert.match(rows()[1]?.detail ?? '', /in namespace web: 403/)
    const looks = cache.looks.at(-1)
    assert.deepEqual(looks?.listed.get(PODS), ['shop', 'other'])
    assert.equal(looks?.blind.get(PODS)?.unknown, 'forbidden')
    assert.deepEqual(
      rows().map(({ objects }) => objects),
      [1, 0, 1],
    )
    const from = clock.now()
    cache.clear()
    await clock.advance(20 * MINUTE)
    assert.deepEqual(cache.looks, [], 'nothing to be judged anew')
    assert.deepEqual(states(), expected)
    const of = (namespace: string) => asks(server, from).filter((one) => one.namespace === namespace).length
    assert.ok(of('shop') >= 19 && of('other') >= 19, 'the others are asked for as ever')
    assert.ok(of('web') >= 2 && of('web') <= 12, `${of('web')} times`)
  })

  test('that one namespace alone does not let be read where all are looked at as one: blind, and nothing flaps', async () => {
    const pods = Array.from({ length: 2100 }, (_, i) => ({ name: `p-${i}`, namespace: `ns-${i % 10}` }))
    await using seen = watchAll((server) => {
      for (const metadata of pods) server.table.create({ ...POD, metadata })
      provide(server).pods = pods.map(({ name, namespace }) => sample(name, {}, namespace))
      server.faults.plant(
        { where: ({ path }) => path.includes(`metrics.k8s.io/v1beta1/namespaces/ns-3/`) },
        refuseWith(403),
      )
    })
    const { clock, cache } = seen
    await clock.advance(30 * SECOND)
    assert.equal(seen.freshness(PODS).state, 'forbidden')
    assert.match(seen.freshness(PODS).detail, /in namespace ns-3/)
    cache.clear()
    await clock.advance(20 * MINUTE)
    assert.deepEqual(cache.looks, [])
  })

  test('that vanish with their API are let go', async () => {
    await using seen = watchAll((server) => {
      createPods('a')(server)
      provide(server, 'a')
    })
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    const fault = server.faults.plant({ where: ({ path }) => path.includes('metrics.k8s.io') }, refuseWith(404))
    await clock.advance(5 * MINUTE)
    assert.ok(fault.reached > 1)
    assert.deepEqual(cache.names('PodMetrics'), [])
    assert.equal(seen.freshness(PODS).objects, 0)
  })

  test('of a mirror that does not take one', async () => {
    await using seen = watchAll((server) => {
      createPods('a', 'b')(server)
      provide(server, 'a', 'b')
    })
    const { cache, clock, server } = seen
    removePod(server, 'b')
    cache.refuses.add('b')
    await clock.advance(10 * SECOND)
    assert.deepEqual(cache.names('PodMetrics'), ['a'])
    assert.equal(seen.freshness(PODS).malformed, 1)
  })

  test('can be left out', async () => {
    await using seen = watchAll((server) => void provide(server, 'a'), { watch: { metrics: false } })
    await seen.clock.advance(10 * MINUTE)
    assert.deepEqual(asks(seen.server), [])
    assert.equal(seen.watch.synced, true)
  })

  test('take as long as they must', () => {
    const CASES: [parts: number, interval: number][] = [
      [0, MINUTE],
      [1, MINUTE],
      [5, MINUTE],
      [10, 80 * SECOND],
      [200, 1600 * SECOND],
      [225, 30 * MINUTE],
    ]
    for (const [parts, interval] of CASES) assert.equal(intervalFor(parts), interval)
  })

  test('but never so long that use is not known closely enough', () => {
    for (const parts of [1, 10, 300, 1000, 5000, 10_000]) {
      const interval = intervalFor(parts)
      assert.ok(interval <= 30 * MINUTE)
      assert.ok((parts > 1 ? parts : 1) / (interval / SECOND) < 10, 'a steady cluster is asked ten times a second')
    }
  })
})
