import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { KINDS } from '../../src/cluster/kinds.ts'
import { ONE_LOOK } from '../../src/policy/standing.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Watchdog } from '../../src/watchdog.ts'
import { crashes } from '../../src/simulator/world/behaviour.ts'
import { NOW, pod, projected } from '../support/build.ts'
import { shippedRules } from '../support/judge.ts'
import { assertPolite, Cluster, configOf, LivingDaemon } from '../support/living-daemon.ts'

const crashed = (number: number, restarts = 30, label = 'a') =>
  projected(
    pod({
      name: `pod-${number}`,
      uid: `pod-${number}`,
      labels: { label },
      spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'web:1' }] },
      status: {
        phase: 'Running',
        startTime: '2026-11-21T11:50:00Z',
        containerStatuses: [
          {
            name: 'app',
            restartCount: restarts,
            ready: false,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: {
              terminated: {
                exitCode: 1,
                reason: 'Error',
                startedAt: '2026-11-21T11:59:50Z',
                finishedAt: '2026-11-21T11:59:55Z',
              },
            },
          },
        ],
      },
    }),
  )

/** The rooms of a daemon over a cluster of nothing, with how much was composed so far. */
async function rooms() {
  const { rules } = await shippedRules()
  let composed = 0
  const watchdog = new Watchdog({
    config: configOf({}),
    cluster: 'test',
    now: () => NOW,
    standing: () => (composed++, ONE_LOOK),
    stirred: () => undefined,
    stopwatch: () => 0,
  })
  const listed = new Map(KINDS.map(({ resource }) => [resource, 'all' as const]))
  watchdog.store.watch({ listed, blind: new Map(), unnamed: 'not-installed' })
  watchdog.use({ rules, disabled: () => [] })
  return { watchdog, composed: () => composed }
}

/** The most that a counter rose within one turn of the event loop while `work` went on. */
async function mostPerTurn(counter: () => number, work: Promise<unknown>): Promise<number> {
  const watched = { ended: false, most: 0, last: counter() }
  const ends = work.finally(() => (watched.ended = true))
  while (!watched.ended) {
    await setImmediate()
    watched.most = Math.max(watched.most, counter() - watched.last)
    watched.last = counter()
  }
  await ends
  return watched.most
}

/** Objects judged, and findings composed, in one turn: design section 2 allows 5 ms of it. */
const TURN = { judged: 2 * 64, composed: 2 * 8 }

describe('fault 46: a start into ten thousand findings', () => {
  test('is worked off in turns of a bounded size, and summed up', async () => {
    const { watchdog, composed } = await rooms()
    for (let number = 0; number < 10_000; number++) watchdog.store.put(crashed(number))
    watchdog.begin()
    const before = watchdog.reconciler.evaluations
    const most = await mostPerTurn(composed, watchdog.round())
    assert.ok(most > 0 && most <= TURN.composed, `${most} composed in one turn`)
    assert.ok(watchdog.reconciler.evaluations > before)
    const all = [...watchdog.findings()]
    const states = new Set(all.filter(({ rule }) => rule.id === 'crash-loop').map(({ state }) => state))
    assert.ok(all.length >= 10_000, `${all.length}`)
    assert.deepEqual([...states], ['firing'])
    // That all of them stand otherwise is worked off likewise.
    watchdog.reconsider()
    const again = await mostPerTurn(composed, watchdog.round())
    assert.ok(again > 0 && again <= TURN.composed, `${again} composed in one turn`)
  })

  test('and everything that has to be judged again is judged in such turns', async () => {
    const { watchdog } = await rooms()
    for (let number = 0; number < 2_000; number++) watchdog.store.put(crashed(number, 0))
    watchdog.begin()
    const each = await perObject(watchdog)
    watchdog.reconciler.everything(NOW)
    const most = await mostPerTurn(() => watchdog.reconciler.evaluations, watchdog.round())
    assert.ok(most > 0 && most <= TURN.judged * each, `${most} questions in one turn, ${each} for each object`)
  })
})

async function perObject(watchdog: Watchdog): Promise<number> {
  await watchdog.round()
  const before = watchdog.reconciler.evaluations
  watchdog.store.put(crashed(0, 1))
  await watchdog.round()
  return watchdog.reconciler.evaluations - before
}

describe('invariant 40, bounded: ten times what is usual', () => {
  test('a storm of changes of a few objects is judged once, and what waits is no more than objects', async () => {
    const { watchdog } = await rooms()
    for (let number = 0; number < 50; number++) watchdog.store.put(crashed(number, 0))
    watchdog.begin()
    const each = await perObject(watchdog)
    for (const held of [false, true]) {
      if (held) watchdog.hold()
      const before = watchdog.reconciler.evaluations
      for (let change = 0; change < 10_000; change++)
        watchdog.store.put(crashed(change % 50, 1 + Math.floor(change / 50), String(change)))
      if (held) watchdog.proceed(NOW - SECOND, NOW)
      await watchdog.round()
      const asked = watchdog.reconciler.evaluations - before
      assert.ok(asked > 0 && asked <= 3 * 50 * each, `${asked}`)
      assert.ok(watchdog.memory.size.runs <= 50 * 50, JSON.stringify(watchdog.memory.size))
    }
  })

  test('objects that come and go leave nothing behind', async () => {
    const { watchdog } = await rooms()
    watchdog.begin()
    for (let wave = 0; wave < 20; wave++) {
      for (let number = 0; number < 50; number++) watchdog.store.put(crashed(wave * 50 + number, 1))
      for (let number = 0; number < 50; number++) watchdog.store.put(crashed(wave * 50 + number, 30))
      await watchdog.round()
      for (let number = 0; number < 50; number++) watchdog.store.remove(`pod-${wave * 50 + number}`, true)
      await watchdog.round()
    }
    assert.deepEqual([watchdog.store.objects.size, watchdog.memory.size.runs], [0, 0])
    assert.deepEqual([...watchdog.reconciler.judged()], [])
    assert.deepEqual(watchdog.unknown(), [])
  })

  test('a burst of 5,000 events within a second is judged in a few rounds', async () => {
    const cluster = new Cluster()
    await using daemon = await LivingDaemon.open(cluster)
    cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
    await cluster.pass(MINUTE)
    const { server } = cluster
    const [one] = server.table.list({ apiVersion: 'v1', kind: 'Pod' })
    assert.ok(one)
    const reference = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: one.metadata.name }
    const before = daemon.status().counts.evaluations
    for (let wave = 0; wave < 10; wave++) {
      for (let event = 0; event < 500; event++)
        server.table.edit(reference, (object) => ({
          ...object,
          metadata: { ...object.metadata, labels: { ...object.metadata.labels, event: `${wave}-${event}` } },
        }))
      await cluster.pass(100)
    }
    await cluster.pass(5 * SECOND)
    const { items } = await daemon.get<{ items: { metadata: { name: string; labels: Record<string, string> } }[] }>(
      '/snapshot',
    )
    assert.equal(items.find(({ metadata }) => metadata.name === one.metadata.name)?.metadata.labels['event'], '9-499')
    const asked = daemon.status().counts.evaluations - before
    assert.ok(asked > 0 && asked < 3_000, `${asked} questions for 5,000 events`)
    assertPolite(server.log.entries, 100)
  })
})
