import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createApp } from '../../src/app.ts'
import { run } from '../../src/cli/program.ts'
import { recordCluster } from '../../src/cluster/record.ts'
import { livingShop } from '../../src/simulator/world/shop.ts'
import { MINUTE } from '../../src/util/time.ts'
import { recorder } from '../support/console.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { simulation } from '../support/simulator.ts'

const directory = mkdtempSync(join(tmpdir(), 'dogwatch-watched-'))
after(() => rmSync(directory, { recursive: true }))

// Ten minutes of the shop: the cart's password is changed after one, a pod fits nowhere after two.
before(async () => {
  const { clock, server, transport } = simulation()
  const shop = livingShop(server.table, { clock, random: seededRandom(3) })
  shop.start()
  const ended = new AbortController()
  const recording = recordCluster({
    transport,
    clock,
    directory,
    random: seededRandom(4),
    namespaces: undefined,
    ownNamespace: undefined,
    watchMs: 10 * MINUTE,
    signal: new AbortController().signal,
    progress: () => {},
  }).finally(() => ended.abort())
  while (!ended.signal.aborted) await clock.advance(500)
  await recording
  shop.stop()
})

async function replay(...argv: string[]) {
  const console = recorder({ columns: 200 })
  const { io } = console
  const services = createApp({
    env: {},
    stdin: ReadableStream.from([]),
    now: () => 0,
    stop: io.stop,
    log: () => {},
  })
  const code = await run(['replay', directory, ...argv], { services, io, called: 'dogwatch' })
  return { code, out: console.out(), error: console.error() }
}

interface Replayed {
  readonly from: string
  readonly to: string
  readonly changes: number
  readonly history: readonly { at: string; before: string | null; finding: { state: string; rule: { id: string } } }[]
}

let first: Awaited<ReturnType<typeof replay>>

test('a replay tells when each finding became what it is, in the time of the recording', async () => {
  first = await replay('-o', 'json')
  const { code, out, error } = first
  assert.deepEqual([code, error], [0, ''])
  const { from, to, changes, history } = JSON.parse(out) as Replayed
  assert.ok(changes > 50, `${changes} changes`)
  assert.ok(Date.parse(to) - Date.parse(from) >= 10 * MINUTE)
  const firing = (rule: string): string | undefined =>
    history.find(({ finding }) => finding.rule.id === rule && finding.state === 'firing')?.at
  const minutesTo = (at: string | undefined): number => (Date.parse(at ?? '') - Date.parse(from)) / MINUTE
  assert.ok(minutesTo(firing('crash-loop')) < 5, `crash-loop fires at ${firing('crash-loop')}`)
  // Its rule waits for five minutes, and nothing happens at the moment when they are over.
  assert.ok(minutesTo(firing('pending-pod')) < 9, `pending-pod fires at ${firing('pending-pod')}`)
  const times = history.map(({ at }) => Date.parse(at))
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
})

test('the same bytes come out each time', async () => {
  assert.deepEqual(await replay('-o', 'json'), first)
  const text = ['--after', '30m', '-n', 'shop']
  assert.deepEqual(await replay(...text), await replay(...text))
})

test('what is not asked for is left out, and time goes on as told', async () => {
  const { out } = await replay('-o', 'json', '-n', 'analytics', '--after', '1h')
  const { from, to, history } = JSON.parse(out) as Replayed
  assert.ok(history.length > 0)
  assert.ok(history.every(({ finding }) => finding.rule.id !== 'crash-loop'))
  assert.ok(Date.parse(to) - Date.parse(from) >= 70 * MINUTE)
})

test('a recording that is cut off names the line', async () => {
  appendFileSync(join(directory, 'watch.jsonl'), '{"at":"2026-11-21T12:30')
  const { code, out, error } = await replay()
  assert.deepEqual([code, out], [2, ''])
  assert.match(error, /watch\.jsonl:\d+: cut off, or not JSON: \{"at"/)
})
