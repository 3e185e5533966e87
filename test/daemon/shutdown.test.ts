import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { answerLate, stallAfter } from '../../src/simulator/fault-effects.ts'
import type { FaultEffect } from '../../src/simulator/faults.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { openCheckpoint } from '../../src/store/checkpoint.ts'
import type { Entry } from '../../src/store/entries.ts'
import { SILENT } from '../../src/util/logger.ts'
import { formatTime, MINUTE, SECOND } from '../../src/util/time.ts'
import { rest, VirtualClock } from '../../src/util/virtual-clock.ts'
import { crashing, seeingCrashes } from '../support/crashing.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

const home = mkdtempSync(join(tmpdir(), 'dogwatch-shutdown-'))
after(() => rmSync(home, { recursive: true }))

let places = 0
const checkpointed = () => {
  const path = join(home, `${++places}.db`)
  return { path, setup: { config: { checkpoint: { path, every: '20s' } } } }
}

const besideOf = (path: string): string[] => readdirSync(home).filter((name) => name.startsWith(`.${basename(path)}.`))

async function entriesIn(path: string): Promise<Entry[]> {
  const checkpoint = await openCheckpoint(path, { logger: SILENT })
  const all: Entry[] = []
  for await (const entry of checkpoint.load()) all.push(entry)
  assert.equal(checkpoint.problem, undefined)
  await checkpoint.close()
  return all
}

const firing = async (daemon: LivingDaemon) =>
  (await daemon.recommendations()).items
    .filter(({ state }) => state === 'firing')
    .map(({ id, since, firstSeen }) => ({ id, since, firstSeen }))

/** A daemon that has seen for some seconds that an app crashes. */
async function watching() {
  const place = checkpointed()
  return { ...(await seeingCrashes(place.setup, 10 * SECOND)), ...place }
}

/** Ends it while no time passes: whatever would have to be waited for is not. */
async function stopsAtOnce(daemon: LivingDaemon): Promise<void> {
  const { clock } = daemon.cluster
  const [at, waiting] = [clock.now(), clock.waiting]
  assert.deepEqual(await daemon.stop(), [])
  assert.equal(daemon.failed, undefined)
  assert.equal(clock.now(), at)
  assert.ok(clock.waiting <= waiting, 'a timer was left')
  assert.equal(daemon.said.at(-1)?.event, 'stopped')
}

describe('fault 40: SIGTERM in mid action', () => {
  const SYNCS: Readonly<Record<string, FaultEffect>> = {
    'that has no answer yet': answerLate(),
    'that stopped in the middle of an object': stallAfter({ bytes: 300 }),
  }
  for (const [words, effect] of Object.entries(SYNCS))
    test(`a sync is under way ${words}: it ends at once, and what an earlier run left stays as it was`, async () => {
      const { cluster, path, setup, daemon: first } = await watching()
      const before = await firing(first)
      assert.equal(before.length, 1)
      await first.stop()
      const bytes = readFileSync(path)
      const fault = cluster.server.faults.plant({ resource: 'pods' }, effect)
      const second = await LivingDaemon.open(cluster, setup)
      await cluster.pass(2 * SECOND)
      assert.ok(fault.reached > 0, 'the fault was not reached')
      assert.equal(second.status().ready.synced, false)
      await stopsAtOnce(second)
      assert.deepEqual(second.told, [])
      assert.deepEqual(readFileSync(path), bytes)
      fault.remove()
      await using third = await LivingDaemon.open(cluster, setup)
      await third.begun()
      await cluster.pass(SECOND)
      assert.deepEqual(await firing(third), before)
      assert.deepEqual(third.storyOf('crash-loop'), [])
    })

  test('the first judging is under way: nothing is told in part, and nothing is forgotten', async () => {
    const { cluster, setup, daemon: first } = await watching()
    const before = await firing(first)
    await first.stop()
    const second = await LivingDaemon.open(cluster, setup)
    const isSeen = (): boolean => second.said.some(({ event }) => event === 'everything was seen')
    for (let i = 0; i < 10_000 && !isSeen(); i++) {
      await rest(1)
      if (!isSeen()) await cluster.pass(10)
    }
    assert.ok(isSeen())
    await second.stop()
    assert.deepEqual(second.told, [])
    await using third = await LivingDaemon.open(cluster, setup)
    await third.begun()
    await cluster.pass(SECOND)
    assert.deepEqual(await firing(third), before)
  })

  test('a save is under way: it ends whole, the last one is of the end, and no part lies beside it', async () => {
    const { cluster, path, daemon } = await watching()
    const before = await firing(daemon)
    let caught = false
    for (let i = 0; i < 10_000 && !caught; i++) {
      await cluster.clock.advance(10)
      caught = besideOf(path).length > 0
    }
    assert.ok(caught, 'the fault was not reached')
    await stopsAtOnce(daemon)
    assert.deepEqual(besideOf(path), [])
    assert.equal(daemon.status().checkpoint.savedAt, formatTime(cluster.clock.now()))
    const clocks = (await entriesIn(path)).filter(({ section, key }) => section === 'clock' && key === before[0]?.id)
    assert.equal(clocks.length, 1)
  })

  test('clients wait: each gets an answer, newcomers none, and it ends at once', async () => {
    const cluster = new Cluster()
    const wall = new VirtualClock(Date.now())
    const daemon = await LivingDaemon.open(cluster, { wall })
    cluster.deploy('cart', crashing)
    await cluster.pass(3 * MINUTE)
    const headers = { connection: 'close' }
    const now = await fetch(`${daemon.url}/recommendations`, { headers })
    const tag = now.headers.get('etag') ?? ''
    const { revision } = (await now.json()) as Envelope
    const before = wall.waiting
    const waiting = [
      fetch(`${daemon.url}/recommendations?wait=10m`, { headers: { ...headers, 'if-none-match': tag } }),
      fetch(`${daemon.url}/recommendations?since=${revision}&wait=10m`, { headers }),
    ]
    while (wall.waiting < before + waiting.length) await rest(1)
    await stopsAtOnce(daemon)
    const [unchanged, changes] = await Promise.all(waiting)
    assert.equal(unchanged?.status, 304)
    assert.equal(changes?.status, 200)
    assert.deepEqual(((await changes.json()) as Envelope).items, [])
    await assert.rejects(fetch(`${daemon.url}/healthz`, { headers }))
    assert.equal(wall.waiting, 0)
  })

  test('a client never ends its request: it holds up the end for five seconds and no longer', async () => {
    const cluster = new Cluster()
    const wall = new VirtualClock(Date.now())
    const { path, setup } = checkpointed()
    const daemon = await LivingDaemon.open(cluster, { ...setup, wall })
    cluster.deploy('cart', crashing)
    await cluster.pass(3 * MINUTE)
    const socket = connect(Number(new URL(daemon.url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET /recommendations HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')
    await once(socket, 'connect')
    await rest()
    let ended = false
    const stopping = daemon.stop().then(() => (ended = true))
    while (wall.waiting === 0) await rest(1)
    await wall.advance(5 * SECOND - 1)
    assert.ok(!ended && socket.readyState === 'open', 'the fault was not reached')
    await wall.advance(1)
    await stopping
    assert.equal(daemon.status().checkpoint.savedAt, formatTime(cluster.clock.now()))
    assert.ok((await entriesIn(path)).length > 0)
  })
})
