import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ClusterError } from '../../src/cluster/errors.ts'
import { storeOf } from '../../src/cluster/cluster-look.ts'
import { lookAtDump } from '../../src/cluster/dump-look.ts'
import { KINDS, type AnyObject } from '../../src/cluster/kinds.ts'
import { lookAtCluster, type LiveLook, type LiveOptions, type LookProgress } from '../../src/cluster/live.ts'
import type { Look } from '../../src/cluster/look.ts'
import { writeSnapshot } from '../../src/cluster/snapshot-writer.ts'
import { TransportError } from '../../src/cluster/transport.ts'
import { canonicalJson } from '../../src/util/hash.ts'
import { fakeCluster, memoryTransport, refusal, type Asked, type FakeCluster } from '../support/api-server.ts'
import * as build from '../support/build.ts'
import { HastyClock } from '../support/clock.ts'

interface Seen extends LiveLook {
  readonly asked: readonly Asked[]
}

const KUBE_SYSTEM = build.namespace({ name: 'kube-system', uid: 'uid-of-kube-system' })
const NAMESPACES = [KUBE_SYSTEM, build.namespace({ name: 'shop' }), build.namespace({ name: 'web' })]

async function look(cluster: FakeCluster, options: Partial<LiveOptions> = {}): Promise<Seen> {
  const transport = memoryTransport(fakeCluster(cluster))
  const seen = await lookAtCluster({ transport, clock: new HastyClock(), ...options })
  return { ...seen, asked: transport.asked }
}

const textOf = (object: AnyObject): string => canonicalJson(object)
const pathsOf = ({ asked }: Seen): string[] => asked.map(({ path }) => path)
const blindOf = ({ looks }: Seen): Record<string, string> =>
  Object.fromEntries([...looks.blind].map(([kind, { unknown }]) => [kind, unknown]))
const namesOf = ({ objects }: Seen): string[] => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
const reasonOf = (found: Look): string => (typeof found === 'string' ? found : found.unknown)
const starts =
  (...prefixes: string[]) =>
  (asked: Asked): boolean =>
    prefixes.some((prefix) => asked.path.startsWith(prefix))

/** Refuses what `which` says, as the API server refuses a user without rights. */
const forbid =
  (which: (asked: Asked) => boolean): FakeCluster['instead'] =>
  (asked) =>
    which(asked)
      ? refusal(403, `${asked.path.split('/').at(-1)} is forbidden: User "me" cannot list resource`)
      : undefined

describe('a look at a live cluster', () => {
  test('lists every kind once, and nothing else', async () => {
    const { deployment, replicaSet, pod } = build.deployed()
    const seen = await look({ objects: [...NAMESPACES, deployment, replicaSet, pod], without: [] })
    assert.deepEqual(namesOf(seen).toSorted(), [
      'Deployment/cart',
      'Namespace/kube-system',
      'Namespace/shop',
      'Namespace/web',
      'Pod/cart-6d4f-x2x4z',
      'ReplicaSet/cart-6d4f',
    ])
    for (const { resource } of KINDS) assert.equal(seen.looks.listed.get(resource), 'all', resource)
    assert.equal(seen.requests, KINDS.length + 3)
    assert.equal(seen.asked.length, seen.requests)
    assert.equal(seen.cluster, 'uid-of-kube-system')
    assert.equal(seen.serverVersion, 'v1.36.3')
    assert.equal(seen.takenAt, new HastyClock().now())
    assert.deepEqual(seen.incomplete, [])
    assert.deepEqual(seen.hints, [])
    assert.equal(storeOf(seen, undefined).owners(storeOf(seen, undefined).all('pods')[0]!).chain.length, 3)
  })

  test('holds the same as a dump of it', async () => {
    const objects = [...NAMESPACES, ...Object.values(build.deployed()), build.node(), build.claim()]
    const items = objects.map((object) => build.projected(object))
    const seen = await look({ objects })
    assert.deepEqual(new Set(seen.objects.map(textOf)), new Set(items.map(textOf)))
    const text = writeSnapshot(seen)
    const back = lookAtDump([{ file: 'snapshot.json', text }], { complete: false, now: 0 })
    assert.deepEqual(back.objects, seen.objects)
    assert.deepEqual(back.looks, seen.looks)
  })

  test('asks the server for Warning events only', async () => {
    const { asked } = await look({ objects: NAMESPACES })
    const events = asked.find(({ path }) => path === '/api/v1/events')
    assert.deepEqual(events?.query, { fieldSelector: 'type!=Normal', limit: '500' })
  })

  test('does not ask for optional kinds that the server does not have', async () => {
    const seen = await look({ objects: NAMESPACES })
    assert.deepEqual(blindOf(seen), {
      'pods.metrics.k8s.io': 'not-installed',
      'nodes.metrics.k8s.io': 'not-installed',
      'volumesnapshots.snapshot.storage.k8s.io': 'not-installed',
      'verticalpodautoscalers.autoscaling.k8s.io': 'not-installed',
    })
    assert.equal(
      pathsOf(seen).some((path) => /metrics|snapshot/.test(path)),
      false,
    )
    assert.deepEqual(seen.incomplete, [])
    const rollouts = storeOf(seen, undefined).look('rollouts.argoproj.io', 'shop')
    assert.deepEqual(rollouts, { unknown: 'not-installed', detail: 'rollouts.argoproj.io is not installed' })
  })

  test('asks a few at a time', async () => {
    let open = 0
    let most = 0
    const transport = memoryTransport(fakeCluster({ objects: NAMESPACES }))
    const counting = {
      ...transport,
      request: async (request: Parameters<typeof transport.request>[0]) => {
        most = Math.max(most, ++open)
        await new Promise((resolve) => setImmediate(resolve))
        open--
        return transport.request(request)
      },
    }
    await lookAtCluster({ transport: counting, clock: new HastyClock(), concurrency: 3 })
    assert.equal(most, 3)
  })

  test('of a cluster of 100 pods takes at most 40 requests', async () => {
    const sets = Array.from({ length: 34 }, (_, i) =>
      build.deployed({ name: `app-${i}`, namespace: i % 2 ? 'shop' : 'web' }),
    )
    const more = sets.flatMap(({ replicaSet }) =>
      [1, 2].map((i) => build.pod({ name: `${String(replicaSet.metadata['name'])}-${i}`, owner: replicaSet })),
    )
    const objects = [...NAMESPACES, ...sets.flatMap((set) => Object.values(set)), ...more]
    const seen = await look({ objects, without: [] })
    assert.ok(seen.objects.filter(({ kind }) => kind === 'Pod').length > 100)
    assert.ok(seen.requests <= 40, String(seen.requests))
  })

  test('tells how far it has come', async () => {
    const steps: LookProgress[] = []
    await look({ objects: [...NAMESPACES, build.pod()], page: 1 }, { progress: (step) => steps.push(step) })
    const last = steps.at(-1)
    assert.equal(last?.done, last?.total)
    assert.equal(last?.total, KINDS.length + 1)
    const namespaces = steps.filter(({ resource }) => resource === 'namespaces').map(({ objects }) => objects)
    assert.deepEqual(namespaces, [1, 2, 3, 3])
  })

  test('is the same whatever the order of answers', async () => {
    const objects = [...NAMESPACES, build.pod(), build.node(), build.claim()]
    assert.deepEqual(
      (await look({ objects }, { concurrency: 1 })).objects,
      (await look({ objects }, { concurrency: 9 })).objects,
    )
  })

  test('takes its time from the server', async () => {
    const headers = { date: 'Sat, 21 Nov 2026 14:00:05 GMT' }
    const handler = fakeCluster({ objects: NAMESPACES })
    const transport = memoryTransport((asked) => ({ ...handler(asked), headers }))
    const { takenAt } = await lookAtCluster({ transport, clock: new HastyClock() })
    assert.equal(takenAt, Date.parse('2026-11-21T14:00:05Z'))
  })
})

describe('what cannot be read is blind, with the reason, and the rest goes on', () => {
  test('a kind that is forbidden', async () => {
    const seen = await look({ objects: [...NAMESPACES, build.pod()], instead: forbid(starts('/api/v1/nodes')) })
    assert.deepEqual(seen.looks.blind.get('nodes'), {
      unknown: 'forbidden',
      detail: 'nodes: nodes is forbidden: User "me" cannot list resource',
    })
    assert.deepEqual(seen.incomplete, [
      { resource: 'nodes', reason: 'forbidden', detail: 'nodes: nodes is forbidden: User "me" cannot list resource' },
    ])
    assert.equal(seen.looks.listed.get('pods'), 'all')
    assert.deepEqual(seen.hints, [])
  })

  test('a kind that fails, and one that the server does not have', async () => {
    const seen = await look({
      objects: NAMESPACES,
      without: ['autoscaling', 'metrics.k8s.io', 'snapshot.storage.k8s.io', 'autoscaling.k8s.io'],
      instead: ({ path }) => (path === '/api/v1/services' ? refusal(500, 'etcd\nis slow') : undefined),
    })
    assert.equal(seen.looks.blind.get('services')?.detail, 'services: etcd is slow')
    assert.equal(blindOf(seen)['horizontalpodautoscalers.autoscaling'], 'not-installed')
    assert.deepEqual(
      seen.incomplete.map(({ resource, reason }) => [resource, reason]),
      [['services', 'failed']],
    )
  })

  test('a metrics API that is registered and down', async () => {
    const seen = await look({
      objects: NAMESPACES,
      without: [],
      instead: ({ path }) => (path.includes('metrics') ? refusal(503, 'the server is currently unable') : undefined),
    })
    assert.deepEqual(
      seen.incomplete.map(({ resource }) => resource),
      ['pods.metrics.k8s.io', 'nodes.metrics.k8s.io'],
    )
  })

  test('more Warning events than are worth reading: the first are kept, and nobody is told they are all', async () => {
    const event = build.eventOn(build.pod())
    const page = {
      kind: 'EventList',
      metadata: { continue: '' },
      items: Array.from({ length: 2001 }, (_, i) => ({ ...event, metadata: { name: `e${i}`, uid: `e${i}` } })),
    }
    let pages = 0
    const seen = await look({
      objects: NAMESPACES,
      instead: ({ path }) =>
        path === '/api/v1/events' ? { body: { ...page, metadata: { continue: `next-${pages++}` } } } : undefined,
    })
    assert.equal(pages, 10)
    assert.equal(seen.looks.listed.has('events'), false)
    assert.deepEqual(seen.looks.blind.get('events'), {
      unknown: 'failed',
      detail: 'events: more than 20000; only the first were read',
    })
    assert.ok(seen.objects.some(({ kind }) => kind === 'Event'))
  })

  test('discovery: everything is asked for, and a custom kind is not said to be missing', async () => {
    const seen = await look({
      objects: NAMESPACES,
      instead: forbid(({ path }) => path === '/apis' || path === '/version'),
    })
    assert.equal(seen.serverVersion, undefined)
    assert.equal(seen.looks.unnamed, 'not-listed')
    assert.equal(blindOf(seen)['pods.metrics.k8s.io'], 'not-installed')
    assert.ok(pathsOf(seen).includes('/apis/metrics.k8s.io/v1beta1/pods'))
    assert.deepEqual(seen.incomplete, [])
  })

  test('everything: there is nothing to judge, and it is said what to do', async () => {
    const instead = forbid(starts('/api/v1/', '/apis/'))
    await assert.rejects(look({ objects: NAMESPACES, instead }, { ownNamespace: 'shop' }), (error) => {
      assert.ok(error instanceof ClusterError)
      assert.match(
        error.message,
        /^https:\/\/memory \(context "test"\): nothing could be read: namespaces: .*forbidden/,
      )
      assert.match(error.message, /name those: -n shop$/)
      return true
    })
  })
})

describe('without a way in there is one message', () => {
  test('credentials that are not accepted', async () =>
    assert.rejects(
      look({ objects: [], instead: () => refusal(401, 'Unauthorized') }),
      /the server does not accept these credentials \(401 Unauthorized\): log in again, or choose others with --context/,
    ))

  test('a page that is no API server', async () => {
    await assert.rejects(
      look({ objects: [], instead: () => ({ body: {} }) }),
      /does not answer like a Kubernetes API server/,
    )
    await assert.rejects(look({ objects: [], instead: () => ({ body: '<html>' }) }), ClusterError)
  })

  test('a server that cannot be reached', async () => {
    const transport = memoryTransport(() => {
      throw new TransportError('unreachable', 'https://memory: refused the connection')
    })
    await assert.rejects(lookAtCluster({ transport, clock: new HastyClock() }), /refused the connection/)
    assert.equal(transport.asked.length, 1)
  })

  test('a user who stops', async () => {
    const stop = new AbortController()
    const instead: FakeCluster['instead'] = ({ path }) => {
      if (path === '/api/v1/pods') stop.abort()
      return undefined
    }
    await assert.rejects(look({ objects: NAMESPACES, instead }, { signal: stop.signal }), { name: 'AbortError' })
  })
})

describe('some namespaces', () => {
  const objects = [
    ...NAMESPACES,
    build.node(),
    ...['shop', 'web', 'kube-system'].flatMap((namespace) => [
      build.pod({ name: `pod-${namespace}`, namespace }),
      build.service({ name: `service-${namespace}`, namespace }),
    ]),
  ]

  test('are listed one by one, cluster-scoped kinds whole', async () => {
    const seen = await look({ objects }, { namespaces: ['shop', 'web'] })
    assert.deepEqual(
      namesOf(seen)
        .filter((name) => /Pod|Service|Node/.test(name))
        .toSorted(),
      ['Node/node', 'Pod/pod-shop', 'Pod/pod-web', 'Service/service-shop', 'Service/service-web'],
    )
    assert.deepEqual(seen.looks.listed.get('pods'), ['shop', 'web'])
    assert.equal(seen.looks.listed.get('nodes'), 'all')
    assert.equal(seen.cluster, 'uid-of-kube-system')
    assert.equal(pathsOf(seen).includes('/api/v1/pods'), false)
    const store = storeOf(seen, undefined)
    assert.equal(store.look('pods', 'web'), 'listed')
    assert.notEqual(store.look('pods', 'kube-system'), 'listed')
    assert.notEqual(store.look('pods'), 'listed')
  })

  test('can be read with rights in them only', async () => {
    const instead = forbid(
      ({ path }) => /^\/(api\/v1|apis\/[^/]+\/[^/]+)\/[^/]+$/.test(path) || path.endsWith('/kube-system'),
    )
    const seen = await look({ objects, instead }, { namespaces: ['shop'] })
    assert.deepEqual(namesOf(seen), ['Namespace/shop', 'Pod/pod-shop', 'Service/service-shop'])
    assert.deepEqual(seen.looks.listed.get('namespaces'), ['shop'])
    assert.equal(storeOf(seen, undefined).look('namespaces'), 'referred')
    assert.equal(blindOf(seen)['nodes'], 'forbidden')
    assert.equal(seen.cluster, undefined)
    assert.deepEqual(seen.hints, [])
    assert.deepEqual(
      seen.incomplete.map(({ resource }) => resource).toSorted(),
      [...KINDS]
        .filter(({ namespaced, resource }) => !namespaced && !/metrics|^namespaces/.test(resource))
        .map(({ resource }) => resource)
        .toSorted(),
    )
  })

  test('of which one may not be read: known in the other, blind there', async () => {
    const seen = await look(
      { objects, instead: forbid(({ path }) => path === '/api/v1/namespaces/web/pods') },
      { namespaces: ['shop', 'web'] },
    )
    const store = storeOf(seen, undefined)
    assert.equal(store.look('pods', 'shop'), 'listed')
    assert.deepEqual(store.look('pods', 'web'), {
      unknown: 'forbidden',
      detail: 'pods in namespace web: pods is forbidden: User "me" cannot list resource',
    })
    assert.equal(reasonOf(store.look('pods')), 'forbidden')
    assert.deepEqual(
      seen.incomplete.map(({ resource }) => resource),
      ['pods'],
    )
  })

  test('that do not exist are refused: a look at them would seem healthy', async () => {
    await assert.rejects(look({ objects }, { namespaces: ['shop', 'wep'] }), /no namespace "wep"; did you mean "web"\?/)
    const instead = forbid(({ path }) => path === '/api/v1/namespaces')
    await assert.rejects(look({ objects, instead }, { namespaces: ['wep'] }), /there is no namespace "wep"/)
    for (const name of ['../secrets', 'a/b', '', 'A', '-a', 'x'.repeat(64)])
      await assert.rejects(look({ objects }, { namespaces: [name] }), /is no name of a namespace/)
  })

  test('are proposed to who may not read all of them', async () => {
    const seen = await look({ objects, instead: forbid(starts('/api/v1/pods')) }, { ownNamespace: 'shop' })
    assert.deepEqual(seen.hints, [
      'Some kinds may not be read in all namespaces. With rights in some of them only, name those: -n shop',
    ])
  })
})

const ROLLOUT = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', plural: 'rollouts' }
const KAFKA = { apiVersion: 'kafka.strimzi.io/v1', kind: 'Kafka', plural: 'kafkas' }
const POD_SET = { apiVersion: 'core.strimzi.io/v1', kind: 'StrimziPodSet', plural: 'strimzipodsets' }
const BOSS = { apiVersion: 'example.com/v1', kind: 'Prometheus', plural: 'prometheuses' }

describe('custom kinds', () => {
  const kafka = build.customObject(KAFKA.apiVersion, 'Kafka', { name: 'bus' })
  const podSet = build.customObject(POD_SET.apiVersion, 'StrimziPodSet', { name: 'bus-set', owner: kafka })
  const pod = build.pod({ name: 'bus-0', owner: podSet })

  test('of owners are followed to the root', async () => {
    const seen = await look({ objects: [...NAMESPACES, kafka, podSet, pod], custom: [KAFKA, POD_SET] })
    const store = storeOf(seen, undefined)
    assert.deepEqual(
      store.owners(store.all('pods')[0]!).chain.map(({ kind }) => kind),
      ['Pod', 'StrimziPodSet', 'Kafka'],
    )
    assert.equal(store.look('kafkas.kafka.strimzi.io'), 'listed')
    assert.deepEqual(seen.incomplete, [])
  })

  test('are listed in the namespaces that were asked for', async () => {
    const seen = await look(
      { objects: [...NAMESPACES, kafka, podSet, pod], custom: [KAFKA, POD_SET] },
      { namespaces: ['shop'] },
    )
    assert.ok(pathsOf(seen).includes('/apis/core.strimzi.io/v1/namespaces/shop/strimzipodsets'))
    assert.deepEqual(seen.looks.listed.get('strimzipodsets.core.strimzi.io'), ['shop'])
  })

  test('that hold templates are listed where they are installed, without an owner that names them', async () => {
    const rollout = build.customObject(ROLLOUT.apiVersion, 'Rollout', { name: 'web' })
    const seen = await look({ objects: [...NAMESPACES, rollout], custom: [ROLLOUT] })
    assert.ok(namesOf(seen).includes('Rollout/web'))
    assert.equal(storeOf(seen, undefined).look('rollouts.argoproj.io', 'shop'), 'listed')
  })

  test('that are forbidden are blind', async () => {
    const seen = await look({
      objects: [...NAMESPACES, podSet, pod],
      custom: [POD_SET],
      instead: forbid(starts('/apis/core.strimzi.io/v1/')),
    })
    assert.equal(seen.looks.blind.get('strimzipodsets.core.strimzi.io')?.unknown, 'forbidden')
    assert.deepEqual(
      seen.incomplete.map(({ resource }) => resource),
      ['strimzipodsets.core.strimzi.io'],
    )
  })

  test('that the server does not have are not installed', async () => {
    const seen = await look({ objects: [...NAMESPACES, podSet, pod] })
    assert.equal(reasonOf(storeOf(seen, undefined).look('strimzipodsets.core.strimzi.io', 'shop')), 'not-installed')
    assert.deepEqual(seen.incomplete, [])
  })

  test('are known by their own plural, and by the one that is guessed from an object', async () => {
    const boss = build.customObject(BOSS.apiVersion, 'Prometheus', { name: 'boss' })
    const seen = await look({ objects: [...NAMESPACES, boss, build.statefulSet({ owner: boss })], custom: [BOSS] })
    assert.equal(seen.looks.listed.get('prometheuses.example.com'), 'all')
    const odd = { ...BOSS, plural: 'prometheis' }
    const other = await look({ objects: [...NAMESPACES, boss, build.statefulSet({ owner: boss })], custom: [odd] })
    assert.equal(other.looks.listed.get('prometheis.example.com'), 'all')
    assert.equal(other.looks.listed.get('prometheuses.example.com'), 'all')
  })

  test('are found in another version than the one an owner reference names', async () => {
    const old = { ...podSet, apiVersion: 'core.strimzi.io/v1beta2' }
    const seen = await look({ objects: [...NAMESPACES, podSet, build.pod({ owner: old })], custom: [POD_SET] })
    assert.ok(namesOf(seen).includes('StrimziPodSet/bus-set'))
  })

  test('are not followed without end', async () => {
    const custom = Array.from({ length: 40 }, (_, i) => ({
      apiVersion: `x${i}.example.com/v1`,
      kind: `X${i}`,
      plural: `x${i}s`,
    }))
    const pods = custom.map(({ apiVersion, kind }, i) =>
      build.pod({ name: `p${i}`, owner: build.customObject(apiVersion, kind, { name: kind }) }),
    )
    const seen = await look({ objects: [...NAMESPACES, ...pods], custom })
    assert.equal(pathsOf(seen).filter((path) => path.includes('example.com')).length, 20)
    assert.equal(seen.incomplete.length, 20)
    assert.match(seen.incomplete[0]?.detail ?? '', /more than 20 custom kinds/)
  })

  test('of a server that cannot tell all at once are asked for group by group', async () => {
    const plain: FakeCluster['instead'] = ({ path }) => {
      if (path === '/apis')
        return {
          body: {
            kind: 'APIGroupList',
            groups: [{ name: 'core.strimzi.io', versions: [{ groupVersion: 'core.strimzi.io/v1', version: 'v1' }] }],
          },
        }
      if (path === '/apis/core.strimzi.io/v1')
        return {
          body: {
            kind: 'APIResourceList',
            resources: [
              { name: 'strimzipodsets', kind: 'StrimziPodSet', namespaced: true, verbs: ['list'] },
              { name: 'strimzipodsets/status', kind: 'StrimziPodSet', namespaced: true, verbs: ['get'] },
            ],
          },
        }
      return undefined
    }
    const seen = await look({ objects: [...NAMESPACES, podSet, pod], custom: [POD_SET], instead: plain })
    assert.ok(namesOf(seen).includes('StrimziPodSet/bus-set'))
    assert.equal(pathsOf(seen).filter((path) => path === '/apis/core.strimzi.io/v1').length, 1)
  })
})

describe('no Secret is ever read', () => {
  const owner = (apiVersion: string, kind: string) => build.customObject(apiVersion, kind, { name: 'evil' })
  const EVIL = [
    owner('v1', 'Secret'),
    owner('v1', 'ServiceAccount'),
    owner('vault.example.com/v1', 'Secret'),
    owner('vault.example.com/v1', 'Token'),
    owner('vault.example.com/v1', 'Innocent'),
    owner('../../api/v1', 'Secret'),
    owner('x.example.com/v1/../../../../api/v1/secrets?a=', 'Anything'),
  ]

  test('whatever the owner of an object says', async () => {
    const custom = [
      { apiVersion: 'vault.example.com/v1', kind: 'Secret', plural: 'vaults' },
      { apiVersion: 'vault.example.com/v1', kind: 'Token', plural: 'things' },
      { apiVersion: 'vault.example.com/v1', kind: 'Innocent', plural: 'secrets' },
    ]
    const objects = [...NAMESPACES, ...EVIL.map((one, i) => build.pod({ name: `p${i}`, owner: one }))]
    for (const namespaces of [undefined, ['shop']]) {
      const seen = await look({ objects, custom }, { namespaces })
      const strange = pathsOf(seen).filter((path) => /secret|vault|thing|serviceaccount|\.\./i.test(path))
      assert.deepEqual(strange, [])
      assert.ok(seen.asked.every(({ path }) => /^[a-z0-9./-]+$/.test(path)))
    }
  })
})
