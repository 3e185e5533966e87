import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compile } from '../../src/engine/compile.ts'
import { FALSE, TRUE, UNKNOWN, type Truth } from '../../src/engine/logic.ts'
import { referenceTruths } from '../../src/engine/reference.ts'
import { Run } from '../../src/engine/run.ts'
import { rawConditions, readings, resolved, sourceOf } from './arbitrary.ts'

const RUNS = 10_000

test(`compiled rules say what json-rules-engine says, on ${RUNS} random rules`, async () => {
  const said = new Map<Truth, number>()
  await fc.assert(
    fc.asyncProperty(rawConditions({ whatIsKnown: true }), readings, async (raw, given) => {
      const conditions = resolved(raw)
      const program = compile(conditions)
      const truth = program.truth(new Run(sourceOf(given), 100_000))
      const nothing = program.truth(new Run(sourceOf({}), 100_000))
      said.set(truth, (said.get(truth) ?? 0) + 1)
      assert.deepEqual(await referenceTruths(conditions, [sourceOf(given), sourceOf({})]), [truth, nothing])
    }),
    { numRuns: RUNS },
  )
  for (const truth of [TRUE, FALSE, UNKNOWN] as const) {
    const share: number = (said.get(truth) ?? 0) / RUNS
    assert.ok(share >= 0.1, `${truth} is the answer of ${share}`)
  }
})
