import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import type { LivingRequest } from '../../src/cli/daemon-services.ts'
import { goOn, MISSION, untilFound, type Play } from '../../src/cli/demo/play.ts'
import { ShopClock } from '../../src/cli/demo/shop-clock.ts'
import { openStage, type Stage } from '../../src/cli/demo/stage.ts'
import { run } from '../../src/cli/program.ts'
import type { FindingView } from '../../src/sinks/envelope.ts'
import { Memory } from '../../src/facts/memory.ts'
import { openCheckpoint } from '../../src/store/checkpoint.ts'
import { ofCluster, type Entry } from '../../src/store/entries.ts'
import { SILENT } from '../../src/util/logger.ts'
import { NOW } from '../support/build.ts'
import { ManualClock } from '../support/clock.ts'
import { recorder, type Recorder } from '../support/console.ts'
import { testDaemon, type TestDaemon } from '../support/daemon.ts'
import { fakeServices } from '../support/envelopes.ts'
import { Scratch } from '../support/kubeconfigs.ts'
import { findingIn } from '../support/served-api.ts'

const ofRule = (id: string): FindingView => findingIn('shop', id, { rule: { id, version: 'sha256:1' } })
const FIVE = MISSION.map(ofRule)

test('the shop’s clock stands still until it is started, then runs faster', () => {
  const machine = new ManualClock(NOW)
  const clock = new ShopClock(machine, 60)
  const called: string[] = []
  clock.after(60_000, () => called.push('before'))
  clock.after(60_000, () => called.push('called off'))()
  const late = clock.after(120_000, () => called.push('called off late'))
  machine.advance(5000)
  assert.deepEqual([clock.now() - NOW, called], [0, []])
  clock.start()
  clock.start()
  late()
  machine.advance(1000)
  clock.after(60_000, () => called.push('after'))
  assert.deepEqual([clock.now() - NOW, called], [60_000, ['before']])
  machine.advance(1000)
  assert.deepEqual([clock.now() - NOW, called], [120_000, ['before', 'after']])
})

test('the stage holds a shop, and the checkpoint of a daemon that watched it for a week', async () => {
  const machine = new ManualClock(NOW)
  const stage = await openStage(machine, new AbortController().signal)
  assert.equal(stage.clock.now(), NOW)
  assert.equal(stage.happened(), undefined)
  const checkpoint = await openCheckpoint(stage.checkpoint, { logger: SILENT })
  assert.equal(checkpoint.savedAt, NOW)
  const entries: Entry[] = []
  for await (const entry of checkpoint.load()) entries.push(entry)
  const [first, ...rest] = entries
  assert.deepEqual(first, ofCluster('shop'))
  const memory = new Memory()
  assert.ok(rest.length > 10 && rest.every((entry) => memory.read(entry, NOW)), `${rest.length} entries`)
  stage.start()
  machine.advance(70_000 / stage.speed)
  const happened = stage.happened()
  assert.ok(happened && happened.says.includes('cart') && happened.at === NOW + 60_000, JSON.stringify(happened))
  await stage.close()
  assert.ok(!existsSync(dirname(stage.checkpoint)))
})

test('a stage that does not come to be leaves nothing behind', async () => {
  using scratch = new Scratch()
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = scratch.path
  try {
    await assert.rejects(openStage(new ManualClock(NOW), AbortSignal.abort()), { name: 'AbortError' })
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
  assert.deepEqual(readdirSync(scratch.path), [])
})

const STAGE: Stage = {
  transport: { place: 'nowhere', request: () => Promise.reject(new Error('nobody should have asked')) },
  clock: new ManualClock(NOW + 3_600_000),
  speed: 60,
  cluster: 'shop',
  checkpoint: 'nowhere',
  happened: () => ({ at: NOW, says: 'the lights go out' }),
  start: () => {},
  close: () => Promise.resolve(),
}

function playOf(daemon: TestDaemon, console: Recorder, clock = new ManualClock(NOW)): Play {
  const invocation = { name: 'dogwatch', typed: 'dogwatch' }
  const runtime = { services: fakeServices(), io: console.io, invocation, clock, exit: () => {} }
  return { stage: STAGE, url: daemon.url, lines: ['first', 'second'], runtime, signal: console.io.stop }
}

describe('demo --once', () => {
  test('tells what is found, and ends with a report once the five are there', async () => {
    await using daemon = await testDaemon({ findings: FIVE.slice(0, 3) })
    const console = recorder()
    const playing = untilFound(playOf(daemon, console))
    await console.until(({ out }) => out.includes('pending-pod'))
    daemon.find([FIVE[3]!, { ...FIVE[4]!, state: 'suppressed' }])
    await console.until(({ out }) => out.includes('orphaned-claim'))
    daemon.find([FIVE[4]!])
    assert.equal(await playing, 0)
    const lines = console.out().split('\n')
    assert.ok(lines.includes(`Found what it was made for within 0 s: ${MISSION.join(', ')}.`), console.out())
    assert.equal(lines.filter((line) => /^2026\S+ {2}firing/.test(line)).length, 5)
    assert.match(console.out(), /\n5 findings \(5 critical\)/)
  })

  test('says what it did not find within two minutes, and fails', async () => {
    const clock = new ManualClock(NOW)
    await using daemon = await testDaemon({ findings: FIVE.slice(0, 4) })
    const console = recorder()
    const playing = untilFound(playOf(daemon, console, clock))
    await console.until(({ out }) => out.includes('orphaned-claim'))
    clock.advance(120_000)
    assert.equal(await playing, 1)
    assert.equal(console.error(), 'dogwatch: not found within 120 s: over-provisioned\n')
  })

  test('that is stopped ends well', async () => {
    await using daemon = await testDaemon()
    const console = recorder()
    const playing = untilFound(playOf(daemon, console))
    console.stop()
    assert.equal(await playing, 0)
  })
})

describe('the demonstration goes on', () => {
  test('in the terminal, under its first lines and what happens in the shop', async () => {
    await using daemon = await testDaemon({ findings: FIVE })
    const console = recorder({ terminal: true })
    const playing = goOn(playOf(daemon, console))
    await console.until(({ out }) => out.includes('all is fresh'))
    console.stop()
    await playing
    assert.match(console.out(), /first.*\r\nsecond.*\r\nIn the shop, 12:00: the lights go out/)
    // Ages are in the shop's time, not in the machine's.
    assert.match(console.out(), /CRITICAL +1h12m/)
  })

  test('in lines where there is no terminal', async () => {
    await using daemon = await testDaemon({ findings: FIVE.slice(0, 1) })
    const console = recorder()
    const playing = goOn(playOf(daemon, console))
    await console.until(({ out }) => out.includes('crash-loop'))
    console.stop()
    await playing
    assert.match(console.out(), /^2026-11-21T12:00:00Z {2}firing/)
  })
})

test('demo hands a shop and its past to a daemon, and says first where to poll and how fast time goes', async () => {
  await using daemon = await testDaemon({ findings: FIVE })
  const asked: LivingRequest[] = []
  const left: boolean[] = []
  const stopped: boolean[] = []
  const services = fakeServices({
    living: async (request, { listening }, stop) => {
      asked.push(request)
      left.push(existsSync(request.checkpoint ?? ''))
      listening(daemon.url)
      await new Promise((resolve) => stop.addEventListener('abort', resolve))
      stopped.push(true)
      return { problems: [] }
    },
  })
  const console = recorder()
  const code = await run(['demo', '--once'], {
    services,
    io: console.io,
    called: 'dogwatch',
    clock: new ManualClock(NOW),
  })
  assert.deepEqual([code, console.error(), stopped], [0, '', [true]])
  const [, poll, speed] = console.out().split('\n')
  assert.equal(poll, `The API answers at ${daemon.url}; try: curl '${daemon.url}/recommendations?severity=critical'`)
  assert.equal(speed, "The shop's clock runs 60 times as fast as yours: a second is a minute. Ctrl-C ends it.")
  const [{ listen, checkpoint = '' } = {}] = asked
  assert.equal(listen, '127.0.0.1:0')
  assert.deepEqual([left, existsSync(dirname(checkpoint))], [[true], false])
})

test('a daemon that fails is a demonstration that fails', async () => {
  const services = fakeServices({
    living: () => Promise.reject(new Error('127.0.0.1:1: no permission to listen there')),
  })
  const console = recorder()
  const code = await run(['demo'], { services, io: console.io, called: 'dogwatch', clock: new ManualClock(NOW) })
  assert.equal(code, 1)
  assert.match(console.error(), /no permission to listen there/)
})
