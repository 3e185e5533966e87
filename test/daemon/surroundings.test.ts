import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { refuseWith } from '../../src/simulator/fault-effects.ts'
import type { MetricsProvider } from '../../src/simulator/metrics.ts'
import { crashes, serves } from '../../src/simulator/world/behaviour.ts'
import { idle } from '../../src/simulator/world/curve.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

const SIZES: ReadonlySet<string> = new Set(['over-provisioned', 'under-provisioned'])

/** The figures of a cluster, spoiled. */
const spoiled = (inner: MetricsProvider, spoil: (usage: object) => object, more: object = {}): MetricsProvider => ({
  list: (kind) =>
    inner.list(kind).map((draft) => {
      const containers = draft['containers']
      const given: object = Array.isArray(containers)
        ? { containers: containers.map((one: object) => ({ ...one, usage: spoil(one) })) }
        : { usage: spoil(draft) }
      return { ...draft, ...given, ...more }
    }),
})

const USAGES: Readonly<Record<string, object>> = {
  NaN: { cpu: 'NaN', memory: 'NaN' },
  negative: { cpu: '-5', memory: '-1Gi' },
  huge: { cpu: '1e30', memory: '1e30' },
  'no amounts': {},
}

describe('fault 65: the metrics API cannot be relied on', () => {
  for (const [words, usage] of Object.entries(USAGES))
    test(`${words}: what is asked for is not judged by it, and all else is`, async () => {
      const cluster = new Cluster()
      cluster.server.provideMetrics(spoiled(cluster.world.metrics, () => usage))
      cluster.deploy('web', serves(idle(0.01, 20)), { requests: ['2', '2Gi'], memoryLimit: '4Gi' })
      cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
      await using daemon = await LivingDaemon.open(cluster)
      await cluster.pass(5 * MINUTE)
      const polled = daemon.status().kinds.find(({ resource }) => resource === 'pods.metrics.k8s.io')
      assert.ok((polled?.malformed ?? 0) > 0, 'the fault was not reached')
      const { items } = await daemon.recommendations()
      assert.ok(items.some(({ rule, state }) => rule.id === 'crash-loop' && state === 'firing'))
      for (const { rule, message, recommendations } of items.filter((item) => SIZES.has(item.rule.id))) {
        assert.doesNotMatch(message, /NaN|Infinity|-\d/, rule.id)
        assert.ok(
          recommendations.every(({ decision, patch }) => decision.verdict !== 'act' && patch === undefined),
          message,
        )
      }
    })

  test('missing, and back: unknown, and known', async () => {
    const cluster = new Cluster()
    cluster.server.provideMetrics(undefined)
    cluster.deploy('web', serves(idle(0.01, 20)), { requests: ['2', '2Gi'], memoryLimit: '4Gi' })
    await using daemon = await LivingDaemon.open(cluster)
    await cluster.pass(2 * MINUTE)
    const state = (): string | undefined =>
      daemon.status().kinds.find(({ resource }) => resource === 'pods.metrics.k8s.io')?.state
    assert.equal(state(), 'not-installed')
    const { unknown, complete } = await daemon.recommendations()
    assert.ok(
      unknown.some(({ rule }) => SIZES.has(rule)),
      JSON.stringify(unknown),
    )
    assert.equal(complete, true)
    cluster.server.provideMetrics(cluster.world.metrics)
    await cluster.pass(10 * MINUTE)
    assert.equal(state(), 'live')
  })
})

describe('fault 62: who asks badly, and who answers badly, does not hold up the daemon', () => {
  test('slow clients hang: rounds go on', async () => {
    const cluster = new Cluster()
    await using daemon = await LivingDaemon.open(cluster)
    const { port } = new URL(daemon.url)
    const sockets = Array.from({ length: 50 }, () => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write('GET /recommendations HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
      return socket
    })
    try {
      cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
      await cluster.pass(2 * MINUTE)
      assert.deepEqual(daemon.storyOf('crash-loop'), ['firing'])
      assert.ok(
        sockets.every((socket) => socket.readyState === 'open'),
        'the fault was not reached',
      )
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })

  test('the metrics API answers 500 all the time: pods are judged', async () => {
    const cluster = new Cluster()
    const fault = cluster.server.faults.plant({ resource: 'pods.metrics.k8s.io' }, refuseWith(500))
    await using daemon = await LivingDaemon.open(cluster)
    cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
    await cluster.pass(5 * MINUTE)
    assert.ok(fault.reached > 2, 'the fault was not reached')
    assert.deepEqual(daemon.storyOf('crash-loop'), ['firing'])
  })
})
