import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { play } from '../support/playback.ts'
import { recordCluster, type RecordOptions } from '../../src/cluster/record.ts'
import { openRecording } from '../../src/cluster/recording.ts'
import { ObjectStore } from '../../src/cluster/store.ts'
import { TransportError } from '../../src/cluster/transport.ts'
import { livingShop } from '../../src/simulator/world/shop.ts'
import { MINUTE } from '../../src/util/time.ts'
import { rest, VirtualClock } from '../../src/util/virtual-clock.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { simulation, type Simulation } from '../support/simulator.ts'

const SCRATCH = mkdtempSync(join(tmpdir(), 'dogwatch-record-'))
after(() => rmSync(SCRATCH, { recursive: true }))

function optionsFor({ clock, transport }: Simulation, seed: Partial<RecordOptions> = {}): RecordOptions {
  return {
    transport,
    clock,
    random: seededRandom(2),
    directory: mkdtempSync(join(SCRATCH, 'one-')),
    namespaces: undefined,
    ownNamespace: undefined,
    watchMs: 5 * MINUTE,
    signal: new AbortController().signal,
    progress: () => {},
    ...seed,
  }
}

/** Lets virtual time pass until it is done; what reads and writes files takes turns of the real event loop. */
async function through<T>(clock: VirtualClock, done: Promise<T>): Promise<T> {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  done.then(end, end)
  for (let step = 0; !ended.signal.aborted && step < 20_000; step++) await clock.advance(500)
  return done
}

test('a recording of a living shop ends where the shop does', async () => {
  const simulated = simulation()
  const { clock, server } = simulated
  const shop = livingShop(server.table, { clock, random: seededRandom(3) })
  server.provideMetrics(shop.metrics)
  shop.start()
  const steps: string[] = []
  const options = optionsFor(simulated, { progress: ({ doing }) => void steps.push(doing) })
  const recorded = await through(clock, recordCluster(options))
  shop.stop()
  assert.ok(recorded.objects > 100, `${recorded.objects} objects`)
  assert.ok(recorded.changes > 20, `${recorded.changes} changes`)
  // No upper bound: files are written in real time, and virtual time passes meanwhile.
  assert.ok(recorded.watchedMs >= 5 * MINUTE)
  assert.deepEqual(recorded.incomplete, [])
  assert.ok(steps.some((step) => step.startsWith('watching')))
  const recording = await openRecording(options.directory, { now: 0 })
  const played = new VirtualClock(recording.look.takenAt)
  const store = new ObjectStore({ takenAt: played.now(), cluster: 'test', looks: recording.look.looks })
  const mirror = { put: store.put.bind(store), remove: (uid: string) => void store.remove(uid), watch: () => {} }
  const { changes, from, to } = await play(recording, { mirror, clock: played, afterMs: 0 })
  assert.equal(changes, recorded.changes)
  assert.ok(to - from >= 5 * MINUTE)
  const names = (pods: readonly { metadata: { name: string } }[]): string[] =>
    pods.map(({ metadata }) => metadata.name).toSorted()
  assert.deepEqual(names(store.all('pods')), names(shop.world.store.list('Pod')))
  const text = ['snapshot.json', 'watch.jsonl']
    .map((file) => readFileSync(join(options.directory, file), 'utf8'))
    .join('')
  assert.doesNotMatch(text, /"env"|"args"|"kind":"Secret"/)
})

test('one that is stopped early is whole', async () => {
  const simulated = simulation()
  const stop = new AbortController()
  const options = optionsFor(simulated, {
    signal: stop.signal,
    progress: ({ doing, done }) => {
      if (doing.startsWith('watching') && done >= 60) stop.abort()
    },
  })
  const { watchedMs } = await through(simulated.clock, recordCluster(options))
  assert.ok(watchedMs >= MINUTE && watchedMs < 5 * MINUTE, `${watchedMs} ms`)
  const lines = readFileSync(join(options.directory, 'watch.jsonl'), 'utf8').trimEnd().split('\n')
  assert.match(lines.at(-1) ?? '', /"type":"END"/)
})

test('one that is stopped before everything was seen leaves nothing', async () => {
  const simulated = simulation()
  const stop = new AbortController()
  const options = optionsFor(simulated, { signal: stop.signal })
  const recording = recordCluster(options)
  recording.catch(() => {})
  await rest(1)
  stop.abort()
  await assert.rejects(
    through(simulated.clock, recording),
    /stopped before everything had been seen: nothing was written/,
  )
  assert.equal(existsSync(join(options.directory, 'snapshot.json')), false)
})

test('a server that cannot be reached is said at once', async () => {
  const simulated = simulation()
  await simulated.server.down()
  await assert.rejects(recordCluster(optionsFor(simulated)), TransportError)
})
