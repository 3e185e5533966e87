import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { Crash } from '../../src/crash.ts'
import { VirtualClock, rest } from '../../src/util/virtual-clock.ts'
import type { DaemonProcess } from '../support/daemon-process.ts'
import { lines } from '../support/watching.ts'
import { crashed, ServedCluster } from '../support/served-cluster.ts'

const DEFECT = ['--import', join(import.meta.dirname, '../support/defect.ts')]

const firing = async (daemon: DaemonProcess) => {
  const { items } = JSON.parse((await daemon.get('/recommendations?state=firing&rule=crash-loop')).text) as Envelope
  return items.map(({ id, since, firstSeen }) => ({ id, since, firstSeen }))
}

const DIES = 'something failed that nobody expected; dogwatch ends'

/** Lets a daemon fail by a signal: it says so in one line of ours, and writes what is remembered. */
async function fail(daemon: DaemonProcess, signal: 'SIGUSR2' | 'SIGHUP') {
  const saves = (): number => daemon.lines.filter(({ event }) => event === 'checkpoint written').length
  const before = saves()
  assert.deepEqual(await daemon.end(signal), { code: 70, signal: null })
  assert.ok(saves() > before, 'nothing was written')
  assert.ok(!daemon.lines.some(({ event }) => event === 'all is well'), 'a line was forged')
  const [said, ...more] = daemon.lines.filter(({ event }) => event === DIES)
  assert.deepEqual(more, [])
  assert.match(String(said?.['why']), /: cart \P{Cc}+all is well/u)
  assert.match(String(said?.['stack']), /defect\.ts/)
  return `${String(said?.['origin'])} ${String(said?.['why']).split(':')[0]}`
}

describe('fault 43: something fails that nobody caught or waited for', () => {
  test('one line says why, what is remembered is written, the exit code is 70; the next one goes on', async () => {
    await using cluster = await ServedCluster.open()
    const daemon = await cluster.start(DEFECT)
    await daemon.said('everything was seen')
    cluster.deploy('cart', crashed())
    await daemon.said('finding changed', { rule: 'crash-loop', state: 'firing' })
    const before = await firing(daemon)
    assert.equal(before.length, 1)
    assert.equal(await fail(daemon, 'SIGUSR2'), 'unhandledRejection TypeError')
    const next = await cluster.start(DEFECT)
    await next.said('everything was seen')
    while (!(await next.isReady())) await rest()
    assert.deepEqual(await firing(next), before)
    assert.equal(await fail(next, 'SIGHUP'), 'uncaughtException RangeError')
    assert.ok(!next.lines.some(({ event, rule }) => event === 'finding changed' && rule === 'crash-loop'), 'told again')
  })

  test('a save that never ends holds up the end for ten seconds, and what fails meanwhile not at all', async () => {
    const clock = new VirtualClock(0)
    const logger = lines()
    let ends = 0
    const crash = new Crash({ clock, write: () => undefined, end: () => void ends++ })
    using _entrusted = crash.entrust({ logger, save: () => new Promise(() => undefined) })
    void crash.meet(new Error('the first'), 'uncaughtException')
    await clock.advance(9_000)
    void crash.meet(new Error('the second'), 'uncaughtException')
    assert.equal(ends, 0)
    await clock.advance(1_000)
    assert.equal(ends, 1)
    assert.equal(logger.said.length, 1)
  })

  test('whatever was thrown, and before anybody is entrusted: one line, and the end', async () => {
    const nasty = { toString: () => assert.fail('asked') }
    for (const [thrown, words] of [
      [new Error('a\nb\u001B[2J'), 'Error: a b [2J'],
      ['text', 'text'],
      [undefined, 'undefined'],
      [nasty, 'it cannot be said'],
    ]) {
      const written: string[] = []
      const crash = new Crash({
        clock: new VirtualClock(0),
        write: (line) => written.push(line),
        end: () => written.push('end'),
      })
      await crash.meet(thrown, 'uncaughtException')
      assert.deepEqual(written, [`dogwatch: something failed that nobody expected: ${String(words)}\n`, 'end'])
    }
  })

  test('a save that fails ends it at once', async () => {
    let ends = 0
    const crash = new Crash({ clock: new VirtualClock(0), write: () => undefined, end: () => void ends++ })
    using _entrusted = crash.entrust({ logger: lines(), save: () => Promise.reject(new Error('no disk')) })
    await crash.meet(new Error('it'), 'unhandledRejection')
    assert.equal(ends, 1)
  })
})
