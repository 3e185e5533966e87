import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../src/simulator/world/objects.ts'
import { formatTime, HOUR, MINUTE, parseTime, SECOND } from '../../src/util/time.ts'
import { crashing } from '../support/crashing.ts'
import { assertPolite, Cluster, LivingDaemon, StalledClock, WrongClock } from '../support/living-daemon.ts'

const YEAR = 365 * 24 * HOUR
/** A daemon on a machine of its own clock. */
async function onMachine(cluster: Cluster, ahead = 0, config: object = {}) {
  const clock = new WrongClock(cluster.clock, ahead)
  return { clock, daemon: await LivingDaemon.open(cluster, { clock, config }) }
}

const findingOf = async (daemon: LivingDaemon, rule: string) =>
  (await daemon.recommendations()).items.find((item) => item.rule.id === rule)

describe('fault 51: the clock of the machine is not that of the server', () => {
  for (const [words, ahead] of [
    ['an hour behind', -HOUR],
    ['ten years ahead', 10 * YEAR],
    ['ten years behind', -10 * YEAR],
  ] as const)
    test(`${words}: findings and times are those of the server`, async () => {
      const cluster = new Cluster()
      cluster.deploy('cart', crashing)
      waiting(cluster)
      const began = cluster.clock.now()
      const { daemon } = await onMachine(cluster, ahead)
      await using _daemon = daemon
      await cluster.pass(3 * MINUTE)
      const early = await daemon.found()
      assert.ok(early.includes('firing crash-loop Deployment/cart'), String(early))
      assert.ok(!early.some((one) => /^firing.*profile/.test(one)), String(early))
      const found = await findingOf(daemon, 'crash-loop')
      assert.ok((parseTime(found?.since) ?? 0) >= began, found?.since)
      const { now, startedAt, kinds } = daemon.status()
      assert.equal(now, formatTime(cluster.clock.now()))
      for (const time of [startedAt, ...kinds.map((kind) => kind.continuousSince ?? startedAt)])
        assert.ok(Math.abs((parseTime(time) ?? 0) - began) < 2 * MINUTE, time)
    })

  test('the warm-up lasts five minutes of the server, whatever the machine says', async () => {
    for (const ahead of [0, -HOUR, YEAR]) {
      const cluster = new Cluster()
      cluster.deploy('cart', crashing)
      const { daemon } = await onMachine(cluster, ahead, {
        capabilities: [{ action: 'quarantine-workload', namespaces: ['*'] }],
      })
      await using _daemon = daemon
      const gate = async () => {
        const [recommendation] = (await findingOf(daemon, 'crash-loop'))?.recommendations ?? []
        return recommendation?.decision.gates.find((one) => one.gate === 'warm-up')?.answer
      }
      await cluster.pass(4 * MINUTE)
      assert.equal(await gate(), 'ask', `${ahead}`)
      await cluster.pass(2 * MINUTE)
      assert.equal(await gate(), 'pass', `${ahead}`)
    }
  })
})

/** Fires after five minutes. */
const SLOW = 'pending-pod'
const waiting = (cluster: Cluster): void => cluster.deploy('profile', undefined, { requests: ['100', '64Mi'] })

describe('fault 51: the clock jumps', () => {
  for (const jump of [-40 * SECOND, 40 * SECOND, -HOUR, HOUR, -10 * YEAR, 10 * YEAR])
    test(`by ${jump / 1000} s: nothing fires for it, nothing ends for it, and it goes on`, async () => {
      const cluster = new Cluster()
      cluster.deploy('cart', crashing)
      await using plain = await LivingDaemon.open(cluster)
      const { clock, daemon } = await onMachine(cluster)
      await using _daemon = daemon
      await cluster.pass(2 * MINUTE)
      waiting(cluster)
      await cluster.pass(MINUTE)
      assert.ok(daemon.storyOf(SLOW).includes('pending'), String(daemon.told.map(({ finding }) => finding.rule.id)))
      const told = daemon.told.length
      const evaluated = daemon.status().counts.evaluations
      clock.ahead += jump
      // What changes between the jump and the next beat is dated too.
      cluster.deploy('late', crashing)
      await cluster.pass(30 * SECOND)
      assert.deepEqual(
        daemon.told.slice(told).filter(({ finding: { target } }) => target.name !== 'late'),
        [],
        'a jump is no time that passed',
      )
      await cluster.pass(90 * SECOND)
      assert.ok(daemon.status().counts.evaluations > evaluated, 'nothing is judged any more')
      assert.ok(
        daemon.said.some(({ event }) => event === 'nothing was watched for a while, or a clock was set'),
        'the fault was not reached',
      )
      assert.equal(daemon.status().now, formatTime(cluster.clock.now()))
      await cluster.pass(14 * MINUTE)
      const known = (story: LivingDaemon) => story.found()
      assert.deepEqual(await known(daemon), await known(plain))
      assert.deepEqual(daemon.storyOf(SLOW), plain.storyOf(SLOW))
      assert.deepEqual(daemon.storyOf('crash-loop'), plain.storyOf('crash-loop'))
      const fired = (one: LivingDaemon) =>
        one.told.find(({ finding }) => finding.rule.id === SLOW && finding.state === 'firing')?.at ?? 0
      assert.ok(fired(daemon) >= fired(plain) - SECOND, 'it fired earlier for the jump')
      assert.deepEqual(daemon.status().ready, { synced: true, fresh: true, waitingFor: [] })
      assertPolite(cluster.server.log.entries, 2 * 80)
    })
})

/** A daemon that stands still for ten minutes while a pod waits for a node. */
class StandingStill implements AsyncDisposable {
  readonly cluster = new Cluster()
  readonly #clock = new StalledClock(this.cluster.clock)
  readonly daemon: Promise<LivingDaemon> = LivingDaemon.open(this.cluster, { clock: this.#clock })

  async stand(meanwhile: (cluster: Cluster) => Promise<void>): Promise<void> {
    const { cluster, daemon } = this
    await cluster.pass(MINUTE)
    waiting(cluster)
    await cluster.pass(MINUTE)
    assert.deepEqual((await daemon).storyOf(SLOW), ['pending'])
    // Away from the minute, at which the server lets hear of itself.
    await cluster.pass(20 * SECOND)
    this.#clock.stop()
    await meanwhile(cluster)
    await cluster.pass(10 * MINUTE)
    this.#clock.goOn()
    await cluster.pass(10 * SECOND)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.daemon).stop()
  }
}

describe('fault 42: the process stands still', () => {
  test('for ten minutes: what is still true is said once that was heard', async () => {
    await using still = new StandingStill()
    const daemon = await still.daemon
    await still.stand(() => Promise.resolve())
    await still.cluster.pass(2 * MINUTE)
    assert.ok(
      daemon.said.some(({ event }) => event.startsWith('nothing was watched')),
      'the fault was not reached',
    )
    assert.deepEqual(daemon.storyOf(SLOW), ['pending', 'pending>firing'])
    assert.equal(daemon.status().ready.fresh, true)
  })

  test('and what it holds is out of date: nothing fires by it', async () => {
    await using still = new StandingStill()
    const daemon = await still.daemon
    await still.stand(async ({ server, world }) => {
      await server.down()
      await server.comeUp()
      const [profile] = server.table.list({ apiVersion: 'apps/v1', kind: 'Deployment' })
      assert.ok(profile)
      world.store.remove(profile as KubeObject)
    })
    await still.cluster.pass(10 * MINUTE)
    assert.equal(still.cluster.server.table.list({ apiVersion: 'v1', kind: 'Pod' }).length, 0)
    assert.ok(!daemon.storyOf(SLOW).some((one) => one.includes('firing')), String(daemon.storyOf(SLOW)))
    assert.deepEqual(await daemon.found(), [])
  })
})
