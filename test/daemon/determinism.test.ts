import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import { crashes, imageMissing } from '../../src/simulator/world/behaviour.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Watchdog } from '../../src/watchdog.ts'
import { ONE_LOOK } from '../../src/policy/standing.ts'
import { Cluster, configOf, LivingDaemon } from '../support/living-daemon.ts'
import { shippedRules } from '../support/judge.ts'
import { recording } from '../support/recordings.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'

/** What a daemon says after some minutes of the same history. */
async function history(): Promise<string> {
  const cluster = new Cluster({ nodes: 2, seed: 5 })
  cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }), { replicas: 3 })
  await using daemon = await LivingDaemon.open(cluster)
  cluster.deploy('profile', undefined, { requests: ['100', '64Mi'] })
  cluster.deploy('pulls', imageMissing())
  await cluster.pass(6 * MINUTE)
  const told = daemon.told.map(({ at, before, finding }) => ({ at, before, finding }))
  return JSON.stringify([told, await daemon.recommendations()])
}

const shuffled = <T>(list: readonly T[], random: () => number): T[] =>
  list
    .map((one) => [random(), one] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, one]) => one)

const changed = (object: AnyObject): AnyObject => {
  const annotations = { ...object.metadata.annotations, 'example.org/seen': 'twice' }
  const made: object = { ...object, metadata: { ...object.metadata, annotations, resourceVersion: '1' } }
  return made as AnyObject
}

const CHILD = join(import.meta.dirname, '../support/same-bytes.ts')

describe('invariant 12, determinism', () => {
  test('the same history gives the same bytes', async () => {
    const [one, other] = [await history(), await history()]
    assert.ok(one.includes('"crash-loop"') && one.includes('"pending-pod"') && one.length > 5_000)
    assert.equal(one, other)
  })

  for (const name of ['many-faults', 'quota', 'nodes-lost', 'pvc-orphan'])
    test(`${name}: objects that come in any order give the same bytes`, async () => {
      const { takenAt: now, looks, every } = await load(name)
      const { rules } = await shippedRules()
      const bytes = new Set<string>()
      for (const seed of [1, 2, 3]) {
        const random = seededRandom(seed)
        const watchdog = new Watchdog({
          config: configOf({}),
          cluster: 'test',
          now: () => now,
          standing: () => ONE_LOOK,
          stirred: () => undefined,
          stopwatch: () => 0,
        })
        watchdog.store.watch(looks)
        watchdog.use({ rules, disabled: () => [] })
        for (const object of shuffled(every, random)) watchdog.store.put(object)
        watchdog.begin()
        await watchdog.round()
        // Each comes once more, in another order, while others were judged already.
        for (const [number, object] of shuffled(every, random).entries()) {
          watchdog.store.put(changed(object))
          if (number % 40 === 0) await watchdog.round()
        }
        while ((watchdog.next() ?? Infinity) <= now) await watchdog.round()
        const still = [...watchdog.findings()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
        assert.ok(still.length > 0)
        bytes.add(JSON.stringify([still, watchdog.unknown()]))
      }
      assert.equal(bytes.size, 1)
    })

  test('neither the time zone, the language nor the heap of the machine makes a difference', () => {
    const flags = ['--disallow-code-generation-from-strings', '--no-warnings', CHILD]
    const run = (env: Readonly<Record<string, string>>, more: readonly string[] = []): string =>
      execFileSync(process.execPath, [...more, ...flags], { env: { ...process.env, ...env }, encoding: 'utf8' })
    const plain = run({ TZ: 'UTC', LC_ALL: 'C' })
    assert.ok(plain.length > 5_000)
    assert.equal(run({ TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }, ['--hash-seed=7']), plain)
    assert.equal(
      run({ TZ: 'America/St_Johns', LC_ALL: 'sv_SE.UTF-8' }, ['--hash-seed=7', '--stress-compaction']),
      plain,
    )
  })
})

const load = async (name: string) => {
  const store = recording(name)
  return { takenAt: store.takenAt, looks: store.looks, every: [...store.every()] }
}
