import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crashes, serves } from '../../src/simulator/world/behaviour.ts'
import { idle } from '../../src/simulator/world/curve.ts'
import { DAY, formatTime, MINUTE, SECOND } from '../../src/util/time.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'
import { Scratch } from '../support/kubeconfigs.ts'
import { figures, PrometheusDouble, vector } from '../support/prometheus.ts'

const POD = { apiVersion: 'v1', kind: 'Pod' }
const USED = { cpuP95: 0.05, cpuMax: 0.1, memory: 100 * 2 ** 20 }

/** A shop that asks for far more than it uses, and a Prometheus that knows two weeks of it, unless it is down. */
async function shop() {
  const cluster = new Cluster()
  cluster.deploy('web', serves(idle(0.05, 100)), { requests: ['2', '2Gi'], memoryLimit: '4Gi' })
  cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
  await cluster.pass(MINUTE)
  // Before it was made nothing of it can have been measured.
  const created = formatTime(cluster.clock.now() - 15 * DAY)
  for (const pod of cluster.server.table.list(POD)) {
    cluster.server.table.remove({ ...POD, ...pod.metadata })
    cluster.server.table.create({ ...pod, metadata: { ...pod.metadata, creationTimestamp: created } })
  }
  const told = figures(USED, { now: cluster.clock.now(), days: 14 })
  const of = (query: string): unknown[] =>
    cluster.server.table.list(POD).flatMap(({ metadata: { name, namespace } }) => {
      const value = told.find(([begins]) => query.startsWith(begins))?.[1]
      const isAskedFor = query.includes(`{namespace="${namespace ?? ''}",`) && name.startsWith('web')
      return isAskedFor && value !== undefined
        ? [{ metric: { pod: name, container: 'app' }, value: [cluster.clock.now() / SECOND, value] }]
        : []
    })
  const state = { down: false, tokens: new Set<string | undefined>() }
  const prometheus = await PrometheusDouble.listen((query, { headers }, response) => {
    state.tokens.add(headers.authorization)
    if (state.down) response.writeHead(503).end('down')
    else vector(response, of(query))
  })
  return { cluster, prometheus, state }
}

const sizesOf = async (daemon: LivingDaemon) =>
  (await daemon.recommendations()).items.filter(({ rule }) => rule.id === 'over-provisioned')

/** Waits for a line of the log; the network is not of the cluster's time. */
async function said(daemon: LivingDaemon, event: string): Promise<void> {
  for (let i = 0; i < 10_000 && !daemon.said.some((line) => line.event === event); i++) {
    await rest(50)
    await daemon.cluster.clock.advance(1)
  }
  assert.ok(
    daemon.said.some((line) => line.event === event),
    `it never said "${event}"`,
  )
}

describe('a Prometheus of the configuration', () => {
  test('makes a verdict firm at once, that is unknown without it', async () => {
    const { cluster, prometheus, state } = await shop()
    await using _prometheus = prometheus
    using scratch = new Scratch()
    const bearerTokenFile = scratch.write('token', 'secret\n')
    const config = { usage: { prometheus: { url: prometheus.url, bearerTokenFile } } }
    await using plain = await LivingDaemon.open(cluster)
    await using daemon = await LivingDaemon.open(cluster, { config })
    await daemon.begun()
    await said(daemon, 'prometheus answered')
    await cluster.pass(10 * SECOND)
    const [web, ...more] = await sizesOf(daemon)
    assert.deepEqual([web?.state, web?.target.name, more.length], ['firing', 'web', 0])
    assert.match(web?.message ?? '', /\bfirm\b.*\bprometheus\b/s)
    assert.equal(web?.recommendations[0]?.action, 'set-resources')
    assert.deepEqual([...state.tokens], ['Bearer secret'])
    assert.ok(prometheus.queries.some((query) => query.includes('{namespace="shop",')))
    assert.deepEqual(await sizesOf(plain), [])
    assert.ok((await plain.recommendations()).unknown.some(({ rule }) => rule === 'over-provisioned'))
  })

  test('that is down holds up nothing, is said, and is asked again', async () => {
    const { cluster, prometheus, state } = await shop()
    await using _prometheus = prometheus
    state.down = true
    await using daemon = await LivingDaemon.open(cluster, {
      config: { usage: { prometheus: { url: prometheus.url } } },
    })
    await daemon.begun()
    await said(daemon, 'prometheus does not answer; samples of metrics.k8s.io go on')
    await cluster.pass(3 * MINUTE)
    assert.ok(state.tokens.size > 0, 'the fault was not reached')
    assert.ok((await daemon.found()).includes('firing crash-loop Deployment/cart'))
    assert.deepEqual(await sizesOf(daemon), [])
    state.down = false
    await cluster.pass(2 * MINUTE)
    await said(daemon, 'prometheus answered')
    await cluster.pass(10 * SECOND)
    assert.deepEqual(
      (await sizesOf(daemon)).map((one) => one.state),
      ['firing'],
    )
  })
})
