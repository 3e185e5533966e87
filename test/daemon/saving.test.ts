import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { serves } from '../../src/simulator/world/behaviour.ts'
import { idle } from '../../src/simulator/world/curve.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { crashing, seeingCrashes } from '../support/crashing.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

const home = mkdtempSync(join(tmpdir(), 'dogwatch-saving-'))
after(() => rmSync(home, { recursive: true }))

let files = 0
/** All is written once an hour: what is written sooner is written since something turned. */
const seldom = () => {
  const path = join(home, `${++files}.db`)
  return { path, recent: `${path}.recent`, setup: { config: { checkpoint: { path, every: '1h' } } } }
}

const writes = ({ said }: LivingDaemon): number => said.filter(({ event }) => event === 'checkpoint written').length

/** Lets as little time pass as it takes the disk to take so many saves in all; a busy disk takes its own. */
async function written(daemon: LivingDaemon, saves: number): Promise<void> {
  for (let i = 0; i < 1_000_000 && writes(daemon) < saves; i++)
    await (i < 1_000 ? daemon.cluster.clock.advance(10) : setImmediate())
  assert.equal(writes(daemon), saves, 'it was not written')
}

const crashOf = async (daemon: LivingDaemon) =>
  (await daemon.recommendations()).items
    .filter(({ rule }) => rule.id === 'crash-loop')
    .map(({ id, state, since, firstSeen, target }) => ({ id, state, since, firstSeen, name: target.name }))

const crashingIn = async (daemon: LivingDaemon): Promise<readonly string[]> =>
  (await crashOf(daemon)).map(({ name }) => name)

/** A daemon that wrote everything, for one app was crashing when it began, and then soon that another does. */
async function twoLoops() {
  const place = seldom()
  const { cluster, daemon } = await seeingCrashes(place.setup, 6 * SECOND)
  await written(daemon, 1)
  assert.ok(existsSync(place.path) && !existsSync(place.recent), 'the first time it is everything')
  cluster.deploy('web', crashing)
  for (let i = 0; i < 300 && daemon.storyOf('crash-loop').length < 2; i++) await cluster.pass(SECOND)
  assert.deepEqual(daemon.storyOf('crash-loop'), ['firing', 'firing'])
  await cluster.pass(6 * SECOND)
  await written(daemon, 2)
  assert.ok(existsSync(place.recent))
  return { cluster, place, daemon }
}

describe('what began or ceased to fire is written within seconds', () => {
  test('killed then, the next one knows it: since when, first seen when, and that it was told', async () => {
    const { cluster, place, daemon } = await twoLoops()
    const before = await crashOf(daemon)
    assert.equal(before.length, 2)
    await daemon.kill()
    await cluster.pass(10 * SECOND)
    await using next = await LivingDaemon.open(cluster, place.setup)
    await next.begun()
    await cluster.pass(2 * MINUTE)
    assert.deepEqual(await crashOf(next), before)
    assert.deepEqual(next.storyOf('crash-loop'), [])
  })

  test('what is over is not told again either', async () => {
    const { cluster, place, daemon } = await twoLoops()
    cluster.world.behaviours.set('shop/web', serves(idle(0.01, 20)))
    for (let i = 0; i < 60 && daemon.storyOf('crash-loop').length < 3; i++) await cluster.pass(30 * SECOND)
    assert.deepEqual(daemon.storyOf('crash-loop').slice(2), ['firing>resolved'])
    await cluster.pass(6 * SECOND)
    await written(daemon, 3)
    await daemon.kill()
    await using next = await LivingDaemon.open(cluster, place.setup)
    await next.begun()
    await cluster.pass(MINUTE)
    assert.deepEqual(await crashingIn(next), ['cart'])
    assert.deepEqual(next.storyOf('crash-loop'), [])
  })

  test('what was written of an earlier whole does not go with a later one', async () => {
    const { cluster, place, daemon } = await twoLoops()
    copyFileSync(place.recent, `${place.recent}.old`)
    await daemon.stop()
    rmSync(place.recent)
    const whole = await LivingDaemon.open(cluster, place.setup)
    await whole.begun()
    cluster.world.behaviours.set('shop/web', serves(idle(0.01, 20)))
    for (let i = 0; i < 60 && whole.storyOf('crash-loop').length < 1; i++) await cluster.pass(30 * SECOND)
    assert.deepEqual(whole.storyOf('crash-loop'), ['firing>resolved'])
    await whole.stop()
    copyFileSync(`${place.recent}.old`, place.recent)
    await using next = await LivingDaemon.open(cluster, place.setup)
    await next.begun()
    await cluster.pass(SECOND)
    assert.deepEqual(await crashingIn(next), ['cart'])
  })

  test('damaged, it takes nothing else with it', async () => {
    const { cluster, place, daemon } = await twoLoops()
    const cart = (await crashOf(daemon)).find(({ name }) => name === 'cart')
    await daemon.kill()
    writeFileSync(place.recent, 'no database')
    await using next = await LivingDaemon.open(cluster, place.setup)
    await next.begun()
    await cluster.pass(MINUTE)
    assert.ok(existsSync(`${place.recent}.bad`))
    assert.match(next.status().checkpoint.problem ?? '', /recent is damaged/)
    assert.deepEqual(
      (await crashOf(next)).find(({ name }) => name === 'cart'),
      cart,
    )
    assert.deepEqual(next.storyOf('crash-loop'), ['firing'], 'of the other it knows nothing')
  })
})

test('a storm is written every ten seconds at most, and all of it no oftener than else', async () => {
  const cluster = new Cluster({ nodes: 2 })
  const place = seldom()
  await using daemon = await LivingDaemon.open(cluster, place.setup)
  for (let app = 0; app < 20; app++) {
    cluster.deploy(`app-${app}`, crashing)
    await cluster.pass(5 * SECOND)
  }
  await cluster.pass(2 * MINUTE)
  const fired = daemon.told.filter(({ finding }) => finding.state === 'firing')
  assert.ok(fired.length >= 20, `${fired.length}`)
  const [first, last] = [fired[0]?.at ?? 0, fired.at(-1)?.at ?? 0]
  const most = 2 + Math.ceil((last - first) / (10 * SECOND))
  assert.ok(writes(daemon) > 2 && writes(daemon) <= most, `${writes(daemon)} saves, ${most} at most`)
  const saved = daemon.status().checkpoint.savedAt
  await cluster.pass(10 * MINUTE)
  assert.equal(daemon.status().checkpoint.savedAt, saved)
})
