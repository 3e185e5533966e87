import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { crashes, neverReady, serves } from '../../src/simulator/world/behaviour.ts'
import { idle } from '../../src/simulator/world/curve.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { crashing } from '../support/crashing.ts'
import { assertPolite, Cluster, LivingDaemon, type Told } from '../support/living-daemon.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'

const home = mkdtempSync(join(tmpdir(), 'dogwatch-restarts-'))
after(() => rmSync(home, { recursive: true }))

let files = 0
const checkpointed = (more: object = {}) => ({
  config: { checkpoint: { path: join(home, `${++files}.db`), every: '20s' }, ...more },
})

const waiting = { requests: ['100', '64Mi'] } as const

const isOver = ({ before, finding }: Told): boolean => before !== undefined && finding.state === 'resolved'

describe('invariant 42, crash-only', () => {
  for (const seed of [1, 2, 3])
    test(`killed at any point (seed ${seed}), nothing begins anew, nothing ends, nothing is lost`, async () => {
      const cluster = new Cluster()
      const random = seededRandom(seed)
      await using plain = await LivingDaemon.open(cluster)
      const setup = checkpointed()
      let daemon = await LivingDaemon.open(cluster, setup)
      const told: Told[] = []
      try {
        cluster.deploy('cart', crashing)
        cluster.deploy('profile', undefined, waiting)
        await cluster.pass(MINUTE)
        await daemon.saved()
        for (let life = 0; life < 6; life++) {
          await cluster.pass(Math.floor(random() * 80 * SECOND))
          // However slow the disk of this machine is: a checkpoint is not older than that.
          await daemon.saved()
          await cluster.pass(Math.floor(random() * 15 * SECOND))
          await daemon.kill()
          told.push(...daemon.told)
          await cluster.pass(Math.floor(random() * 20 * SECOND))
          daemon = await LivingDaemon.open(cluster, setup)
          await daemon.begun()
        }
        await cluster.pass(8 * MINUTE)
        told.push(...daemon.told)
        assert.deepEqual(told.filter(isOver), [])
        const [ours, theirs] = await Promise.all([daemon.recommendations(), plain.recommendations()])
        assert.ok(theirs.items.some(({ rule }) => rule.id === 'pending-pod'))
        const essence = ({ items }: typeof ours) =>
          items.map(({ id, state, since }) => [id, state, ...(state === 'firing' ? [since] : [])])
        assert.deepEqual(essence(ours), essence(theirs))
        for (const { id, firstSeen } of ours.items.filter(({ state }) => state === 'firing')) {
          const seen = told
            .filter(({ finding }) => finding.id === id && finding.state === 'firing')
            .map(({ finding }) => finding.firstSeen)
          // What was seen after the last checkpoint is seen for the first time again.
          assert.ok(new Set(seen).size <= 2, `${id}: ${seen.join(' ')}`)
          assert.equal(seen.at(-1), firstSeen)
        }
        const fired = (all: readonly Told[]) =>
          all.find(({ finding }) => finding.rule.id === 'pending-pod' && finding.state === 'firing')?.at ?? 0
        assert.ok(fired(told) >= fired(plain.told) - SECOND)
      } finally {
        await daemon.stop()
      }
    })

  test('what ended while nobody watched ends, and is not taken for true when it comes back', async () => {
    const cluster = new Cluster()
    const setup = checkpointed()
    cluster.deploy('profile', undefined, waiting)
    const first = await LivingDaemon.open(cluster, setup)
    try {
      await cluster.pass(6 * MINUTE)
      assert.deepEqual(first.storyOf('pending-pod'), ['pending', 'pending>firing'])
      await first.saved()
    } finally {
      await first.kill()
    }
    const pods = { apiVersion: 'v1', kind: 'Pod' }
    const remove = (kind: string, apiVersion: string): void => {
      for (const { metadata } of cluster.server.table.list({ apiVersion, kind }))
        cluster.server.table.remove({ apiVersion, kind, name: metadata.name, namespace: metadata.namespace })
    }
    remove('Deployment', 'apps/v1')
    remove('ReplicaSet', 'apps/v1')
    remove('Pod', 'v1')
    await cluster.pass(MINUTE)
    assert.equal(cluster.server.table.list(pods).length, 0)
    await using second = await LivingDaemon.open(cluster, setup)
    await second.begun()
    await cluster.pass(10 * SECOND)
    assert.deepEqual(second.status().counts.findings, { firing: 1 }, 'it is shown until it is over')
    assert.deepEqual(second.storyOf('pending-pod'), [], 'and told by the one before')
    await cluster.pass(15 * MINUTE)
    assert.deepEqual(second.storyOf('pending-pod'), ['firing>resolved'])
    assert.deepEqual(second.status().counts.findings, {})
    cluster.deploy('profile', undefined, waiting)
    await cluster.pass(MINUTE)
    assert.deepEqual(second.storyOf('pending-pod').at(-1), 'pending')
  })

  test('what was pending, and is not true after the restart, leaves nothing behind', async () => {
    const cluster = new Cluster()
    const setup = checkpointed()
    cluster.deploy('profile', undefined, waiting)
    const first = await LivingDaemon.open(cluster, setup)
    try {
      await cluster.pass(2 * MINUTE)
      cluster.server.table.remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'profile' })
      for (const { metadata } of cluster.server.table.list({ apiVersion: 'v1', kind: 'Pod' }))
        cluster.server.table.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: metadata.name })
      await cluster.pass(SECOND)
      await first.saved()
    } finally {
      await first.kill()
    }
    for (const { metadata } of cluster.server.table.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }))
      cluster.server.table.remove({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: metadata.name })
    for (const { metadata } of cluster.server.table.list({ apiVersion: 'v1', kind: 'Pod' }))
      cluster.server.table.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: metadata.name })
    await cluster.pass(5 * MINUTE)
    await using second = await LivingDaemon.open(cluster, setup)
    await second.begun()
    await cluster.pass(2 * MINUTE)
    assert.deepEqual([second.status().counts.findings, await second.found()], [{}, []])
  })
})

describe('fault 45: the daemon dies every few seconds', () => {
  test('nothing fires for it, the warm-up asks in every life, and the server is not overrun', async () => {
    const cluster = new Cluster()
    const setup = checkpointed({ capabilities: [{ action: 'quarantine-workload', namespaces: ['*'] }] })
    cluster.deploy('cart', crashing)
    cluster.deploy('profile', undefined, waiting)
    cluster.deploy('web', serves(idle(0.01, 20)))
    await cluster.pass(2 * MINUTE)
    const from = cluster.clock.now()
    let lives = 0
    for (; cluster.clock.now() < from + 2 * MINUTE; lives++) {
      await using daemon = await LivingDaemon.open(cluster, setup)
      await daemon.begun()
      await cluster.pass(4 * SECOND)
      const { items } = await daemon.recommendations()
      const crash = items.find(({ rule }) => rule.id === 'crash-loop')
      assert.equal(crash?.state, 'firing')
      const [recommendation] = crash.recommendations
      assert.equal(recommendation?.decision.gates.find(({ gate }) => gate === 'warm-up')?.answer, 'ask')
      assert.deepEqual(
        items.filter(({ rule, state }) => state === 'firing' && rule.id !== 'crash-loop'),
        [],
      )
      await daemon.kill()
    }
    assert.ok(lives > 15, `${lives}`)
    const requests = cluster.server.log.find({ from })
    assertPolite(requests, 11 * 70)
    assert.ok(requests.length / lives < 70, `${requests.length / lives} requests for each life`)
    assert.deepEqual(cluster.server.log.writes, [])
  })
})

test('started in the middle of a steady crash loop it fires at once, for the objects prove it', async () => {
  const cluster = new Cluster()
  cluster.deploy('cart', crashing)
  await cluster.pass(10 * MINUTE)
  await using daemon = await LivingDaemon.open(cluster)
  await cluster.pass(5 * SECOND)
  assert.deepEqual(daemon.storyOf('crash-loop'), ['firing'])
})

test('a crash that takes turns with health is one finding, over ten minutes and a restart', async () => {
  const cluster = new Cluster()
  const setup = checkpointed()
  cluster.deploy('cart', crashes({ after: 45 * SECOND, exitCode: 1 }))
  const told: Told[] = []
  const first = await LivingDaemon.open(cluster, setup)
  try {
    await cluster.pass(6 * MINUTE)
    await first.saved()
  } finally {
    await first.kill()
  }
  told.push(...first.told)
  await cluster.pass(5 * SECOND)
  await using second = await LivingDaemon.open(cluster, setup)
  await second.begun()
  await cluster.pass(10 * MINUTE)
  told.push(...second.told)
  const crash = told.filter(({ finding }) => finding.rule.id === 'crash-loop')
  assert.deepEqual(
    crash.map(({ before, finding }) => `${before ?? ''}>${finding.state}`),
    ['>firing'],
  )
  assert.equal(new Set(crash.map(({ finding }) => `${finding.id} ${finding.firstSeen} ${finding.since}`)).size, 1)
})

test('readiness that comes and goes is told at most once', async () => {
  const cluster = new Cluster()
  cluster.deploy('web', serves(idle(0.01, 20)), { ready: '/ready', port: 8080 })
  await using daemon = await LivingDaemon.open(cluster)
  await cluster.pass(2 * MINUTE)
  for (let turn = 0; turn < 10; turn++) {
    cluster.world.behaviours.set('shop/web', turn % 2 === 0 ? neverReady() : serves(idle(0.01, 20)))
    await cluster.pass(30 * SECOND)
  }
  const turns = daemon.told.filter(({ finding }) => finding.state === 'firing')
  assert.deepEqual(turns, [])
  assert.ok(daemon.told.length <= 2, String(daemon.told.map(({ finding }) => `${finding.rule.id} ${finding.state}`)))
})
