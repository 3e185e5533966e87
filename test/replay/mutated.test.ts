import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { defaultConfig } from '../../src/config.ts'
import { DumpError, readDump } from '../../src/cluster/dump.ts'
import type { ObjectStore } from '../../src/cluster/store.ts'
import { reconcile } from '../../src/reconcile.ts'
import { ONE_LOOK } from '../../src/policy/standing.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { advise } from '../../src/remediation/recommend.ts'
import { shippedRules } from '../support/judge.ts'
import { recordedJson, RECORDINGS, storeOf } from '../support/recordings.ts'

/** What no API server would send in such a place. */
const ODD: readonly unknown[] = JSON.parse(
  `[null, true, 0, -1, 1e308, "", "NaN", [], {}, [null], [{}], "\\u001b[31m", "__proto__", "9999999999999999Ei",
    "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]`,
) as unknown[]

// Without these a dump is refused as a whole, and nothing is learnt.
const KEPT = new Set(['items', 'metadata', 'kind', 'apiVersion', 'name', 'annotations'])

/** JSON with some values below an item's top replaced by odd ones, and some left out. `chance` gives numbers from 0 to 1. */
function mutated(value: unknown, often: number, chance: () => number, depth = 0): unknown {
  if (depth > 2 && chance() < often) return ODD[Math.floor(chance() * ODD.length)]
  if (Array.isArray(value)) return value.map((item) => mutated(item, often, chance, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => KEPT.has(key) || chance() >= often)
  const fixed = (key: string): boolean =>
    depth < 4 && KEPT.has(key) && key !== 'items' && !(depth === 2 && key === 'metadata')
  return Object.fromEntries(
    kept.map(([key, item]) => [key, fixed(key) ? item : mutated(item, often, chance, depth + 1)]),
  )
}

function chances(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

function read(json: unknown): ObjectStore | undefined {
  try {
    return storeOf(readDump([{ name: 'dump', json }], { complete: false }))
  } catch (error) {
    assert.ok(error instanceof DumpError, String(error))
    return undefined
  }
}

test('whatever stands in an object, no rule fails, no action throws, and no prototype changes', async () => {
  const rules = await shippedRules()
  const { policy } = defaultConfig().config
  const before = Object.getOwnPropertyNames(Object.prototype)
  let looked = 0
  fc.assert(
    fc.property(fc.constantFrom(...RECORDINGS), fc.nat(), fc.constantFrom(0.002, 0.01, 0.05), (name, seed, often) => {
      const snapshot = read(mutated(recordedJson(name), often, chances(seed)))
      if (!snapshot) return
      looked++
      const now = snapshot.takenAt
      const { findings } = reconcile(snapshot, { rules, suppressions: [], clocks: new Map(), now, wanted: () => true })
      advise(findings, { snapshot, actions: ACTIONS, policy, capabilities: [], standing: ONE_LOOK, now })
      assert.deepEqual(rules.disabled(), [])
    }),
    { numRuns: 400 },
  )
  assert.ok(looked > 200, `${looked} dumps were looked at`)
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before)
})
