import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import { ObjectStore } from '../../src/cluster/store.ts'
import { reconcile } from '../../src/reconcile.ts'
import { formatTime, HOUR, parseTime } from '../../src/util/time.ts'
import { shippedRules } from '../support/judge.ts'
import { RECORDINGS, recording } from '../support/recordings.ts'

const RULES = await shippedRules()
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/

/** The same value with every time in it replaced; `undefined` takes it out. */
function retimed(value: unknown, change: (at: number) => string | undefined): unknown {
  if (typeof value === 'string' && TIME.test(value)) return change(parseTime(value) ?? 0)
  if (Array.isArray(value)) return value.map((one) => retimed(one, change))
  if (typeof value !== 'object' || value === null) return value
  const fields: Readonly<Record<string, unknown>> = { ...value }
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, one]) => {
      // That something is being deleted is said by there being a time at all.
      const next = key === 'deletionTimestamp' ? one : retimed(one, change)
      return next === undefined && one !== undefined ? [] : [[key, next]]
    }),
  )
}

/** The findings in one look that are in one of these states. */
function found(states: readonly string[], objects: readonly AnyObject[], { takenAt, looks }: ObjectStore): string[] {
  const snapshot = new ObjectStore({ takenAt, looks, cluster: 'test' })
  for (const object of objects) snapshot.put(object)
  const judgement = { rules: RULES, suppressions: [], clocks: new Map(), now: takenAt, wanted: () => true }
  return reconcile(snapshot, judgement)
    .findings.filter(({ state }) => states.includes(state))
    .map(({ id }) => id)
}

const YEARS = 10 * 365 * 24 * HOUR
const CHANGES: Readonly<Record<string, (at: number) => string | undefined>> = {
  'no times at all': () => undefined,
  'all times ten years from now': (at) => formatTime(at + YEARS),
  'all times an hour from now': (at) => formatTime(at + HOUR),
}

for (const [words, change] of Object.entries(CHANGES))
  test(`fault 51, objects with ${words}: unknown age is never old, nothing fires that did not`, () => {
    let [fired, left] = [0, 0]
    for (const name of RECORDINGS) {
      const recorded = recording(name)
      const objects = [...recorded.every()]
      const before = new Set(found(['firing', 'inhibited'], objects, recorded))
      const after = found(
        ['firing'],
        objects.map((object) => retimed(object, change) as AnyObject),
        recorded,
      )
      assert.deepEqual(
        after.filter((id) => !before.has(id)),
        [],
        name,
      )
      fired += before.size
      left += after.length
    }
    assert.ok(fired > 30 && left < fired, `${left} of ${fired}`)
  })
