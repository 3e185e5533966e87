import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { refuseWith } from '../../src/simulator/fault-effects.ts'
import { crashes, serves, type Behaviour } from '../../src/simulator/world/behaviour.ts'
import { idle } from '../../src/simulator/world/curve.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Scratch } from '../support/kubeconfigs.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

/** Says how often a container restarted of late. */
const COUNTS = {
  id: 'counts-restarts',
  subject: 'container',
  severity: 'info',
  category: 'health',
  title: '{container} of {target} restarted',
  conditions: { all: [{ fact: 'restartsIn', params: { window: '15m' }, operator: 'greaterThanInclusive', value: 1 }] },
  for: '0s',
  resolveAfter: '1h',
  explain: 'restarts: {restartsIn(window=15m)}',
  runbook: 'docs/runbooks/crash-loop.md',
  examples: {
    fires: [{ 'restartsIn(window=15m)': 1 }],
    quiet: [{ 'restartsIn(window=15m)': 0 }],
    unknown: [{}],
  },
}

// The fifth restart comes within five minutes, and evidence that differs goes out within five more.
const TIMES = 5

/** Serves for longer than the window, fails some times, and serves again. */
function failing(): Behaviour {
  const [late, fails] = [crashes({ after: 20 * MINUTE, exitCode: 1 }), crashes({ after: SECOND, exitCode: 1 })]
  let runs = 0
  const next = (): Behaviour => (runs++ === 0 ? late : runs <= TIMES ? fails : serves(idle(0.01, 20)))
  return { run: (random) => next().run(random) }
}

const restartsOf = ({ server }: Cluster): number => {
  const [pod] = server.table.list({ apiVersion: 'v1', kind: 'Pod' })
  const [, count = '0'] = /"restartCount":(\d+)/.exec(JSON.stringify(pod?.['status'] ?? {})) ?? []
  return Number(count)
}

const messageOf = async (daemon: LivingDaemon): Promise<string | undefined> =>
  (await daemon.recommendations()).items.find(({ rule }) => rule.id === COUNTS.id)?.message

function assertNotFalse(message: string | undefined): void {
  const [least = 0, most = least] = (message?.match(/\d+/g) ?? []).map(Number)
  assert.ok(least <= TIMES && TIMES <= most, `${TIMES} restarts, and it says ${message}`)
}

const EXACT = `restarts: ${TIMES}`

// Seconds until it is killed, and until it is started again.
const lives = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 40, max: 200 })), {
  minLength: 1,
  maxLength: 2,
})

test('invariant 36, windowed: killed at random, it never says of late restarts what is not so', async () => {
  using scratch = new Scratch()
  scratch.write('counts-restarts.json', COUNTS)
  const rules = { directories: [scratch.path] }
  let files = 0
  let many = 0
  const counted = fc.asyncProperty(lives, async (story) => {
    const cluster = new Cluster()
    // Events would count what nobody saw, for an hour.
    for (const resource of ['events', 'events.events.k8s.io'])
      cluster.server.faults.plant({ resource }, refuseWith(403))
    cluster.deploy('cart', failing())
    await cluster.pass(17 * MINUTE)
    const setup = { config: { rules, checkpoint: { path: join(scratch.path, `${++files}.db`), every: '5s' } } }
    await using plain = await LivingDaemon.open(cluster, { config: { rules } })
    let daemon = await LivingDaemon.open(cluster, setup)
    try {
      await daemon.begun()
      let began: number | undefined
      for (const [alive, away] of story) {
        if (began !== undefined) await cluster.pass(alive * SECOND)
        await daemon.saved()
        await daemon.kill()
        const before = restartsOf(cluster)
        // Of the first crash nobody sees anything.
        while (restartsOf(cluster) === 0) await cluster.pass(SECOND)
        began ??= cluster.clock.now()
        await cluster.pass(away * SECOND)
        if (restartsOf(cluster) > before + 1) many++
        daemon = await LivingDaemon.open(cluster, setup)
        await daemon.begun()
      }
      const until = (minutes: number): Promise<void> =>
        cluster.pass((began ?? 0) + minutes * MINUTE - cluster.clock.now())
      // The window begins before the first gap.
      await until(11)
      assert.equal(restartsOf(cluster), TIMES)
      assert.deepEqual([await messageOf(plain), await messageOf(daemon)], [EXACT, EXACT])
      // The window begins in it: what nobody saw may have been before.
      await until(14)
      assert.equal(await messageOf(plain), EXACT)
      assertNotFalse(await messageOf(daemon))
    } finally {
      await daemon.stop()
    }
  })
  await fc.assert(counted, {
    numRuns: 5,
    examples: [
      [[[1, 100]]],
      [
        [
          [5, 40],
          [20, 120],
        ],
      ],
    ],
  })
  assert.ok(many > 2, 'the fault was not reached: never more than one restart while it was away')
})
