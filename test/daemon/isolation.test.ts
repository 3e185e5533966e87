import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Change } from '../../src/cluster/mirror.ts'
import type { Snapshot } from '../../src/cluster/snapshot.ts'
import { Memory } from '../../src/facts/memory.ts'
import { MINUTE } from '../../src/util/time.ts'
import { crashing } from '../support/crashing.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

/** A defect in what remembers, until the test ends. */
class Defect {
  met = 0
  readonly #fails: (what: string) => boolean

  constructor({ mock }: TestContext, fails: (what: string) => boolean) {
    this.#fails = fails
    const meet = (what: string): void => this.#meet(what)
    const { changed, runs, sweep } = Object.getOwnPropertyDescriptors(Memory.prototype)
    mock.method(Memory.prototype, 'changed', function (this: Memory, change: Change, snapshot: Snapshot) {
      meet(`changed ${(change.after ?? change.before)?.metadata.name ?? ''}`)
      return changed.value?.call(this, change, snapshot) ?? []
    })
    mock.method(Memory.prototype, 'runs', function (this: Memory, key: string) {
      meet('runs')
      return runs.value?.call(this, key) ?? []
    })
    mock.method(Memory.prototype, 'sweep', function (this: Memory, now: number) {
      meet('sweep')
      return sweep.value?.call(this, now) ?? []
    })
  }

  #meet(what: string): void {
    if (!this.#fails(what)) return
    this.met++
    throw new Error(`cannot do ${what}`)
  }
}

const failures = async (daemon: LivingDaemon): Promise<string[]> => {
  const text = await (await fetch(`${daemon.url}/metrics`, { headers: { connection: 'close' } })).text()
  return text.split('\n').flatMap((line) => /^dogwatch_failures_total\{where="(.*)"\}/.exec(line)?.[1] ?? [])
}

describe('fault 43: something of ours throws', () => {
  test('what remembers fails on one object: it is counted, and findings are found', async (t) => {
    const cluster = new Cluster()
    const defect = new Defect(t, (what) => what.startsWith('changed cart'))
    await using daemon = await LivingDaemon.open(cluster)
    cluster.deploy('cart', crashing)
    cluster.deploy('web', crashing)
    await cluster.pass(10 * MINUTE)
    assert.ok(defect.met > 0, 'the fault was not reached')
    assert.deepEqual(
      (await daemon.found()).filter((one) => one.includes('crash-loop')),
      ['firing crash-loop Deployment/cart', 'firing crash-loop Deployment/web'],
    )
    assert.deepEqual(await failures(daemon), ['remembering'])
    assert.equal(
      daemon.said.filter(({ event }) => event === 'something failed and was left out').length <= defect.met,
      true,
    )
    for (const { malformed } of daemon.status().kinds) assert.equal(malformed, 0)
  })

  test('a fact fails: the rules that read it are switched off and said, the others go on', async (t) => {
    const cluster = new Cluster()
    let broken = false
    const defect = new Defect(t, (what) => broken && what === 'runs')
    await using daemon = await LivingDaemon.open(cluster)
    cluster.deploy('cart', crashing)
    await cluster.pass(3 * MINUTE)
    assert.deepEqual(daemon.storyOf('crash-loop'), ['firing'])
    broken = true
    cluster.deploy('late', crashing)
    cluster.deploy('profile', undefined, { requests: ['100', '64Mi'] })
    await cluster.pass(10 * MINUTE)
    assert.ok(defect.met > 0, 'the fault was not reached')
    const { disabled } = daemon.status().rules
    assert.ok(disabled.some(({ rule, reason }) => rule === 'crash-loop' && reason.includes('cannot do runs')))
    const found = await daemon.found()
    assert.ok(
      found.some((one) => one.startsWith('firing pending-pod')),
      String(found),
    )
    assert.ok(!found.includes('firing crash-loop Deployment/late'))
    assert.equal(daemon.failed, undefined)
  })

  test('a chore fails, and who is told fails: the rest goes on', async (t) => {
    const cluster = new Cluster()
    const defect = new Defect(t, (what) => what === 'sweep')
    let told = 0
    const fails = (): never => {
      told++
      throw new Error('nobody hears this')
    }
    await using daemon = await LivingDaemon.open(cluster, {
      told: { listening: () => undefined, changed: fails, fresh: fails },
    })
    cluster.deploy('cart', crashing)
    await cluster.pass(12 * MINUTE)
    assert.ok(defect.met > 1 && told > 2, 'the fault was not reached')
    assert.ok((await daemon.found()).includes('firing crash-loop Deployment/cart'))
    assert.deepEqual((await failures(daemon)).toSorted(), ['forgetting', 'telling'])
  })
})

test('fault 43: a promise that nobody waits for does not take the loop with it', async () => {
  const cluster = new Cluster()
  await using daemon = await LivingDaemon.open(cluster, {
    transport: {
      place: 'https://simulator',
      request: (request) =>
        request.path === '/version' ? Promise.reject(new Error('a defect')) : Promise.reject(new Error('another')),
    },
  })
  await cluster.pass(MINUTE)
  assert.equal(daemon.failed, undefined)
  assert.equal(daemon.status().ready.synced, false)
})
