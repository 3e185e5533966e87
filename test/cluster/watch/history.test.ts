import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  answerLate,
  cutAfter,
  refuseConnection,
  refuseWith,
  resetAfter,
  splitInto,
  stallAfter,
  throttle,
} from '../../../src/simulator/fault-effects.ts'
import {
  duplicateFrames,
  holdFrames,
  spoilFrames,
  withoutBookmarks,
  type Spoiling,
} from '../../../src/simulator/frame-faults.ts'
import type { FaultEffect } from '../../../src/simulator/faults.ts'
import type { SimulatedApiServer } from '../../../src/simulator/server.ts'
import {
  assertSame,
  busiest,
  createPods,
  HOUR,
  MINUTE,
  POD,
  podDraft,
  POLITE,
  SECOND,
  watchOne,
  type Watching,
} from '../../support/watching.ts'

/** Faults that lose nothing which the server still has: after them, all is as it is there. */
const FAULTS: Readonly<Record<string, (n: number) => FaultEffect>> = {
  reset: (n) => resetAfter({ frames: n }),
  'reset in a frame': (n) => resetAfter({ bytes: 40 * n }),
  'cut off': (n) => cutAfter({ bytes: 40 * n }),
  'ended early': (n) => cutAfter({ frames: n }),
  stalled: (n) => stallAfter({ frames: n }),
  'in pieces': (n) => splitInto([1 + n, 3]),
  late: (n) => answerLate(n * 20 * SECOND),
  never: () => answerLate(),
  refused: () => refuseConnection(),
  held: (n) => holdFrames(n * 5 * SECOND),
  twice: () => duplicateFrames(),
  'no bookmarks': () => withoutBookmarks(),
  throttled: (n) => throttle(String(n * 5)),
  ...Object.fromEntries(
    [400, 401, 403, 404, 410, 422, 500, 503].map((status) => [`status ${status}`, () => refuseWith(status)]),
  ),
  ...Object.fromEntries(
    (['malformed', 'unknown-type', 'no-metadata', 'no-object', 'truncated'] satisfies Spoiling[]).map((how) => [
      how,
      (n: number) => spoilFrames(how, (index) => index % (n + 1) === 0),
    ]),
  ),
}

const name = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), name, value: fc.nat(9) }),
  fc.record({ do: fc.constant('remove' as const), name }),
  fc.record({ do: fc.constant('again' as const), name }),
  fc.record({
    do: fc.constant('fault' as const),
    fault: fc.constantFrom(...Object.keys(FAULTS)),
    n: fc.nat(4),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ do: fc.constant('break' as const), seconds: fc.constantFrom(0, 1, 30, 200), forget: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(0, 1, 10, 100, 400) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const ref = (of: string) => ({ ...POD, namespace: 'shop', name: of })

function put({ table }: SimulatedApiServer, of: string, value: number): void {
  const labels = { value: String(value) }
  const done = table.edit(ref(of), (pod) => ({ ...pod, metadata: { ...pod.metadata, labels } }))
  if (!done) table.create(podDraft(of, labels))
}

async function take({ clock, server }: Watching, one: Step): Promise<void> {
  if (one.do === 'put') put(server, one.name, one.value)
  else if (one.do === 'wait') await clock.advance(one.seconds * SECOND)
  else if (one.do === 'fault')
    server.faults.plant({ resource: 'pods' }, FAULTS[one.fault]?.(one.n) ?? refuseConnection(), { times: one.times })
  else if (one.do === 'break') {
    await server.down()
    await clock.advance(one.seconds * SECOND)
    if (one.forget) server.table.compact()
    await server.comeUp()
  } else {
    server.table.remove(ref(one.name))
    if (one.do === 'again') server.table.create(podDraft(one.name))
  }
}

/** Whatever an object was told to be, its uid comes once and goes once, and what is gone stays gone. */
function assertStories({ cache }: Watching): void {
  const gone = new Set<string>()
  for (const { what, uid } of cache.told) {
    assert.ok(!gone.has(uid), `${uid} came back`)
    if (what === 'gone') gone.add(uid)
  }
}

test('invariant 37: after any history with any faults, what is held is what the server has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), fc.boolean(), async (steps, watchList) => {
      await using seen = watchOne(createPods('a', 'b'), { watchList })
      for (const one of steps) {
        await take(seen, one)
        assertStories(seen)
      }
      seen.server.faults.clear()
      for (let i = 0; i < 80 && !isSame(seen); i++) await seen.clock.advance(15 * SECOND)
      assertSame(seen.cache, seen.server.table, ['pods'])
      assert.equal(seen.freshness().state, 'live')
      assert.equal(seen.freshness().missed, 0, 'a fault that loses nothing was taken for one that does')
      assertStories(seen)
      assert.ok(busiest(seen.server.log.entries) <= 2 * POLITE)
      assert.ok(!seen.said.some(({ level }) => level === 'error'))
    }),
    { numRuns: 60, seed: 20_261_121 },
  )
})

const isSame = (seen: Watching): boolean => {
  try {
    assertSame(seen.cache, seen.server.table, ['pods'])
    return seen.freshness().state === 'live'
  } catch {
    return false
  }
}

test('it can be stopped at any point, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 6 }),
      fc.boolean(),
      fc.nat(30 * MINUTE),
      async (steps, watchList, after) => {
        const seen = watchOne(createPods('a', 'b'), { watchList })
        for (const one of steps) await take(seen, one)
        await seen.clock.advance(after)
        // Holds by itself that no request, no timer and no event is left.
        await seen.stop()
        createPods('later')(seen.server)
        await seen.clock.advance(HOUR)
        assert.ok(!seen.cache.names().includes('later'))
      },
    ),
    { numRuns: 40, seed: 7 },
  )
})
