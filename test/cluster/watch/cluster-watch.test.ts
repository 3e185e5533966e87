import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lookAt } from '../../../src/cluster/look.ts'
import { KINDS } from '../../../src/cluster/kinds.ts'
import { ClusterError } from '../../../src/cluster/errors.ts'
import { refuseWith } from '../../../src/simulator/fault-effects.ts'
import { VERTICAL_POD_AUTOSCALER } from '../../../src/simulator/kinds.ts'
import { person } from '../../../src/simulator/users.ts'
import { readinessOf, unreadOf } from '../../../src/sinks/status.ts'
import type { SimulatedApiServer } from '../../../src/simulator/server.ts'
import {
  asked,
  assertSame,
  createPods,
  HOUR,
  MINUTE,
  POD,
  podDraft,
  SECOND,
  touch,
  watchAll,
} from '../../support/watching.ts'

const ALL = KINDS.map(({ resource }) => resource)
const namespace = ({ table }: SimulatedApiServer, name: string, uid?: string): void => {
  table.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...(uid === undefined ? {} : { uid }) } })
}

describe('the watch of a whole cluster', () => {
  test('tells what it has seen, and what it can rely on', async () => {
    await using seen = watchAll((server) => {
      namespace(server, 'kube-system', 'the-cluster')
      createPods('a', 'b')(server)
    })
    const { server, clock, cache, watch } = seen
    assert.equal(watch.synced, false)
    assert.equal(watch.clusterId, undefined)
    assert.equal(watch.freshness().length, KINDS.length)
    const [first] = cache.looks
    assert.ok(first && first.listed.size === 0)
    for (const { resource } of KINDS) assert.equal(first.blind.get(resource)?.unknown, 'not-synced', resource)
    await clock.advance(5 * SECOND)
    assert.equal(watch.synced, true)
    assert.equal(watch.clusterId, 'the-cluster')
    assert.equal(watch.serverVersion, 'v1.36.3')
    assert.ok((watch.serverTime ?? 0) >= clock.now() - 10 * SECOND)
    assert.equal(watch.requests, server.log.total)
    assert.equal(
      watch.requestCounts().reduce((sum, { count }) => sum + count, 0),
      watch.requests,
    )
    assertSame(cache, server.table)
    const looks = cache.looks.at(-1)
    assert.ok(looks)
    assert.equal(looks.unnamed, 'not-installed')
    for (const { resource, optional } of KINDS)
      if (optional) assert.equal(looks.blind.get(resource)?.unknown, 'not-installed', resource)
      else assert.equal(looks.listed.get(resource), 'all', resource)
  })

  test('says nothing again that has not changed', async () => {
    await using seen = watchAll(createPods('a'))
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    cache.clear()
    for (let i = 0; i < 20; i++) {
      touch(server, 'a', `value ${i}`)
      await clock.advance(MINUTE)
    }
    assert.equal(cache.told.length, 20)
    assert.deepEqual(cache.looks, [])
    assert.ok(seen.said.filter(({ level }) => level !== 'debug').length <= 1, 'a line for each event')
  })

  test('says nothing again of what is only said in other words', async () => {
    await using seen = watchAll((server) => {
      createPods('a')(server)
      server.faults.plant({ resource: 'pods' }, refuseWith(503), { times: 2 })
      server.faults.plant({ resource: 'pods' }, refuseWith(429))
    })
    await seen.clock.advance(MINUTE)
    const reasons = seen.cache.looks.map(({ listed, blind, unnamed }) =>
      JSON.stringify([unnamed, [...listed], [...blind].map(([name, why]) => [name, why.unknown])]),
    )
    assert.deepEqual(
      reasons.filter((one, i) => one === reasons[i - 1]),
      [],
    )
    assert.match(seen.freshness().detail, /429/, 'and what is said is what is so')
  })

  test('a mirror that fails when told what to rely on stops nothing', async () => {
    let failed = 0
    await using seen = watchAll(createPods('a'))
    seen.cache.watch = () => {
      failed++
      throw new Error('no')
    }
    await seen.clock.advance(5 * SECOND)
    assert.ok(failed > 0)
    assert.equal(seen.watch.synced, true)
  })

  test('a namespace must have a name that can be one', () => {
    assert.throws(() => watchAll(undefined, { watch: { namespaces: ['../secrets'] } }), ClusterError)
  })

  test('has nothing to write and reads no Secret', async () => {
    await using seen = watchAll(createPods('a'))
    await seen.clock.advance(HOUR)
    assert.deepEqual(seen.server.log.writes, [])
    assert.ok(seen.server.log.entries.every(({ method, path }) => method === 'GET' && !path.includes('secrets')))
  })
})

describe('some namespaces', () => {
  const READER = person('dogwatch')
  const setup = (server: SimulatedApiServer): void => {
    for (const name of ['shop', 'web', 'other']) namespace(server, name)
    createPods('a')(server)
    server.table.create({ ...podDraft('b'), metadata: { name: 'b', namespace: 'web' } })
    server.table.create({ ...podDraft('c'), metadata: { name: 'c', namespace: 'other' } })
  }
  const watch = { namespaces: ['shop', 'web', 'shop'] }

  test('are watched each on its own, and cluster-wide kinds as a whole', async () => {
    await using seen = watchAll(setup, { watch })
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    assert.equal(seen.watch.synced, true)
    assert.deepEqual(cache.names(), ['a', 'b'])
    assert.deepEqual(
      asked(server)
        .map(({ path }) => path)
        .toSorted(),
      ['/api/v1/namespaces/shop/pods', '/api/v1/namespaces/web/pods'],
    )
    assert.deepEqual(cache.looks.at(-1)?.listed.get('pods'), ['shop', 'web'])
    assert.equal(cache.looks.at(-1)?.listed.get('nodes'), 'all')
    assert.deepEqual(cache.names('Namespace'), ['other', 'shop', 'web'])
  })

  test('with rights in them alone', async () => {
    const namespaces = ['shop', 'web']
    await using seen = watchAll(
      (server) => {
        setup(server)
        namespace(server, 'kube-system', 'the-cluster')
        const resources = [...ALL, 'replicationcontrollers']
        server.access.grant({ user: READER.username, resources, namespaces })
        server.access.grant({
          user: READER.username,
          verbs: ['get'],
          resources: ['namespaces'],
          namespaces: ['kube-system'],
        })
      },
      { watch, defaultUser: READER },
    )
    const { clock, cache, server } = seen
    await clock.advance(30 * SECOND)
    assert.equal(seen.watch.synced, true)
    assert.deepEqual(cache.names(), ['a', 'b'])
    const looks = cache.looks.at(-1)
    assert.ok(looks)
    assert.equal(looks.blind.get('nodes')?.unknown, 'forbidden')
    assert.deepEqual(looks.listed.get('namespaces'), namespaces)
    assert.equal(lookAt(looks, 'namespaces', { namespaced: false, builtIn: true }), 'referred')
    assert.deepEqual(cache.names('Namespace'), namespaces)
    server.table.edit({ apiVersion: 'v1', kind: 'Namespace', name: 'web', namespace: undefined }, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { team: 'a' } },
    }))
    await clock.advance(6 * MINUTE)
    const web = [...cache.objects.values()].find(
      ({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'web',
    )
    assert.equal(web?.metadata.labels?.['team'], 'a')
    assert.equal(seen.watch.clusterId, 'the-cluster')
    const stateOf = (): string[] =>
      seen.watch
        .freshness()
        .filter(({ resource, namespace: place }) => resource === 'namespaces' && place !== undefined)
        .map(({ state }) => state)
    await server.down()
    await clock.advance(2 * MINUTE)
    assert.deepEqual(stateOf(), ['stale', 'stale'])
    await server.comeUp()
    await clock.advance(10 * MINUTE)
    assert.deepEqual(stateOf(), ['live', 'live'])
  })

  test('one that does not exist is said, once', async () => {
    const NONE = 'there is no such namespace'
    await using seen = watchAll((server) => namespace(server, 'shop'), { watch: { namespaces: ['shop', 'shpo'] } })
    await seen.clock.advance(10 * MINUTE)
    const said = seen.said.filter(({ event }) => event === NONE)
    assert.deepEqual(said, [{ level: 'warn', event: NONE, fields: { namespace: 'shpo' } }])
  })

  test('who may not watch all of them is told to name one', async () => {
    await using seen = watchAll(
      ({ access }) =>
        access.grant({ user: READER.username, resources: [...ALL, 'replicationcontrollers'], namespaces: ['shop'] }),
      { watch: { ownNamespace: 'shop' }, defaultUser: READER },
    )
    await seen.clock.advance(10 * MINUTE)
    const said = seen.said.filter(({ event }) => event.includes('name those'))
    assert.deepEqual(
      said.map(({ fields }) => fields['option']),
      ['-n shop'],
    )
  })

  test('one that fails is blind alone', async () => {
    await using seen = watchAll(setup, { watch })
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    const fault = server.faults.plant({ resource: 'pods', namespace: 'web' }, refuseWith(403))
    await server.down()
    await server.comeUp()
    await clock.advance(10 * SECOND)
    assert.ok(fault.reached > 0)
    const looks = cache.looks.at(-1)
    assert.ok(looks)
    assert.equal(lookAt(looks, 'pods', { namespaced: true, builtIn: true, namespace: 'shop' }), 'listed')
    const web = lookAt(looks, 'pods', { namespaced: true, builtIn: true, namespace: 'web' })
    assert.ok(typeof web === 'object' && web.unknown === 'forbidden')
  })
})

const ROLLOUT = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', plural: 'rollouts', namespaced: true } as const
const WIDGET = { apiVersion: 'example.com/v1', kind: 'Widget', plural: 'widgets', namespaced: true } as const
const owned = (name: string, { apiVersion, kind }: { apiVersion: string; kind: string }) => ({
  ...POD,
  metadata: {
    name,
    namespace: 'shop',
    ownerReferences: [{ apiVersion, kind, name: 'w', uid: 'uid-of-w', controller: true }],
  },
})

describe('custom kinds', () => {
  test('that are well known are watched wherever they are', async () => {
    await using seen = watchAll((server) => {
      server.kinds.register(ROLLOUT)
      server.table.create({ ...ROLLOUT, metadata: { name: 'r', namespace: 'shop' } })
    })
    await seen.clock.advance(5 * SECOND)
    assert.deepEqual(seen.cache.names('Rollout'), ['r'])
    assert.equal(seen.cache.looks.at(-1)?.listed.get('rollouts.argoproj.io'), 'all')
  })

  test('that own something are watched for as long as they do', async () => {
    await using seen = watchAll((server) => {
      server.kinds.register(WIDGET)
      server.table.create({ ...WIDGET, metadata: { name: 'w', namespace: 'shop' } })
    })
    const { server, clock, cache, watch } = seen
    await clock.advance(5 * SECOND)
    assert.equal(asked(server, undefined, 'widgets.example.com').length, 0)
    server.table.create(owned('a', WIDGET))
    await clock.advance(5 * SECOND)
    assert.deepEqual(cache.names('Widget'), ['w'])
    assert.equal(cache.looks.at(-1)?.listed.get('widgets.example.com'), 'all')
    server.table.remove({ ...POD, namespace: 'shop', name: 'a' })
    await clock.advance(5 * MINUTE)
    assert.deepEqual(cache.names('Widget'), ['w'])
    await clock.advance(6 * MINUTE)
    assert.deepEqual(cache.names('Widget'), [])
    assert.deepEqual(server.log.open({ resource: 'widgets.example.com' }), [])
    assert.ok(!watch.freshness().some(({ resource }) => resource === 'widgets.example.com'))
  })

  test('that own something already: nobody is told before that they are not installed', async () => {
    await using seen = watchAll((server) => {
      server.kinds.register(WIDGET)
      server.table.create({ ...WIDGET, metadata: { name: 'w', namespace: 'shop' } })
      server.table.create(owned('a', WIDGET))
    })
    const { clock, cache } = seen
    for (let i = 0; i < 100 && !seen.watch.synced; i++) await clock.advance(100)
    for (const looks of cache.looks) {
      const look = lookAt(looks, 'widgets.example.com', { namespaced: true, builtIn: false })
      assert.ok(typeof look === 'string' || look.unknown !== 'not-installed')
    }
    await clock.advance(SECOND)
    assert.deepEqual(cache.names('Widget'), ['w'])
  })

  test('a VerticalPodAutoscaler is watched where there are such', async () => {
    const { apiVersion, kind } = VERTICAL_POD_AUTOSCALER
    await using seen = watchAll((server) => {
      server.kinds.register(VERTICAL_POD_AUTOSCALER)
      const spec = { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' } }
      server.table.create({ apiVersion, kind, metadata: { name: 'cart', namespace: 'shop' }, spec })
    })
    await seen.clock.advance(5 * SECOND)
    assert.deepEqual(seen.cache.names(kind), ['cart'])
    assert.equal(seen.cache.looks.at(-1)?.listed.get('verticalpodautoscalers.autoscaling.k8s.io'), 'all')
  })

  test('that the server gets later are found', async () => {
    await using seen = watchAll()
    const { server, clock, cache } = seen
    await clock.advance(6 * MINUTE)
    server.kinds.register(WIDGET)
    server.table.create({ ...WIDGET, metadata: { name: 'w', namespace: 'shop' } })
    server.table.create(owned('a', WIDGET))
    await clock.advance(5 * SECOND)
    assert.deepEqual(cache.names('Widget'), ['w'])
  })

  test('that are not there, hold secrets or are made up by the hundred are not asked for', async () => {
    await using seen = watchAll((server) => {
      server.kinds.register({ ...WIDGET, kind: 'AccessToken', plural: 'accesstokens' })
      server.table.create(owned('a', { apiVersion: 'example.com/v1', kind: 'AccessToken' }))
      server.table.create(owned('b', { apiVersion: 'v1', kind: 'Secret' }))
      for (let i = 0; i < 100; i++) {
        server.kinds.register({ ...WIDGET, kind: `Kind${i}`, plural: `kind${i}s` })
        server.table.create(owned(`many-${i}`, { apiVersion: 'example.com/v1', kind: `Kind${i}` }))
        server.table.create(owned(`none-${i}`, { apiVersion: 'example.com/v1', kind: `None${i}` }))
      }
    })
    const { server, clock, cache } = seen
    await clock.advance(10 * SECOND)
    const custom = new Set(
      server.log.entries.map(({ resource }) => resource).filter((resource) => resource.endsWith('example.com')),
    )
    assert.equal(custom.size, 20)
    assert.ok(!custom.has('accesstokens.example.com'))
    assert.ok(server.log.count({ where: ({ path }) => path === '/apis' }) <= 2)
    const left = [...(cache.looks.at(-1)?.blind ?? [])].filter(([, { detail }]) =>
      /more than 20 custom kinds/.test(detail),
    )
    assert.equal(left.length, 80)
    const rows = seen.watch.freshness().filter(({ state }) => state === 'left-out')
    assert.deepEqual(rows.map(({ resource }) => resource).toSorted(), left.map(([name]) => name).toSorted())
    assert.equal(unreadOf(rows).length, 80, 'what is known is incomplete')
    assert.deepEqual(readinessOf(rows, true).waitingFor, [], 'and that is as good as it gets')
    assert.equal(seen.said.filter(({ level, event }) => level === 'warn' && event === 'kinds are left out').length, 1)
    const requests = server.log.total
    await clock.advance(MINUTE)
    assert.ok(server.log.total - requests < 10)
  })
})

describe('Events', () => {
  const event = (name: string, about: string, type = 'Warning') => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'shop' },
    type,
    reason: 'BackOff',
    involvedObject: { kind: 'Pod', namespace: 'shop', name: about, uid: about },
  })
  const eventRef = (name: string) => ({ apiVersion: 'v1', kind: 'Event', namespace: 'shop', name })

  test('are warnings alone', async () => {
    await using seen = watchAll(({ table }) => {
      table.create(event('w', 'a'))
      table.create(event('n', 'a', 'Normal'))
    })
    const { server, clock, cache } = seen
    await clock.advance(5 * SECOND)
    assert.deepEqual(cache.names('Event'), ['w'])
    server.table.create(event('w2', 'a'))
    server.table.create(event('n2', 'a', 'Normal'))
    await clock.advance(SECOND)
    assert.deepEqual(cache.names('Event'), ['w', 'w2'])
    assert.ok(asked(server, undefined, 'events').every(({ query }) => query['fieldSelector'] === 'type!=Normal'))
  })

  test('go with the object that they are about', async () => {
    await using seen = watchAll(createPods('a', 'b'))
    const { server, clock, cache } = seen
    const uidOf = (name: string): string => server.table.get({ ...POD, namespace: 'shop', name })?.metadata.uid ?? ''
    server.table.create(event('about-a', uidOf('a')))
    server.table.create(event('about-b', uidOf('b')))
    await clock.advance(5 * SECOND)
    server.table.remove({ ...POD, namespace: 'shop', name: 'a' })
    await clock.advance(SECOND)
    assert.deepEqual(cache.names('Event'), ['about-b'])
    server.table.remove(eventRef('about-a'))
    await clock.advance(SECOND)
    assert.deepEqual(cache.names('Event'), ['about-b'])
  })

  test('are let go after somewhat more than an hour, also when the server keeps them', async () => {
    await using seen = watchAll(({ table }) => void table.create(event('old', 'a')))
    const { server, clock, cache } = seen
    await clock.advance(60 * MINUTE)
    assert.deepEqual(cache.names('Event'), ['old'])
    server.table.create(event('new', 'a'))
    await clock.advance(15 * MINUTE)
    assert.deepEqual(cache.names('Event'), ['new'])
  })

  test('of more than 20,000 the kind is partial, for an hour', async () => {
    await using seen = watchAll(({ table }) => {
      for (let i = 0; i < 20_600; i++) table.create(event(`e-${i}`, `p-${i}`))
    })
    const { server, clock, cache } = seen
    for (let i = 0; i < 300 && !seen.watch.synced; i++) await clock.advance(100)
    assert.ok(cache.names('Event').length <= 20_000)
    assert.ok(asked(server, 'list', 'events').length <= 40)
    assert.equal(seen.freshness('events').state, 'partial')
    assert.match(seen.freshness('events').detail, /more than 20000/)
    assert.equal(cache.looks.at(-1)?.blind.get('events')?.unknown, 'failed', 'nothing is said of what is missing')
    assert.deepEqual(readinessOf(seen.watch.freshness(), true).waitingFor, [], 'nor waited for')
    assert.deepEqual(unreadOf(seen.watch.freshness()), [])
    server.table.create(event('last', 'a'))
    await clock.advance(SECOND)
    assert.ok(cache.names('Event').includes('last'), 'the oldest went for it')
    assert.equal(cache.names('Event').length, 20_000)
    await clock.advance(59 * MINUTE)
    assert.equal(seen.freshness('events').state, 'partial')
    await clock.advance(2 * MINUTE)
    assert.equal(seen.freshness('events').state, 'live')
  })
})
