import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { CATEGORIES, SEVERITIES, type Category, type Severity } from '../../src/engine/rule.ts'
import { score } from '../../src/findings/score.ts'

interface Scored {
  readonly category: Category
  readonly severity: Severity
  readonly state: 'firing' | 'pending'
}

const finding: fc.Arbitrary<Scored> = fc.record({
  category: fc.constantFrom(...CATEGORIES),
  severity: fc.constantFrom(...SEVERITIES),
  state: fc.constantFrom('firing' as const, 'pending' as const),
})
const unknown = fc.record({ category: fc.constantFrom(...CATEGORIES) })

test('100 only with no finding and nothing unknown in the category', () => {
  fc.assert(
    fc.property(fc.array(finding), fc.array(unknown), (findings, unknowns) => {
      const scores = score(findings, unknowns)
      for (const category of CATEGORIES) {
        const touched = [...findings, ...unknowns].some((one) => one.category === category)
        assert.equal(scores[category] === 100, !touched)
        assert.ok(scores[category] >= 0 && scores[category] <= 100)
      }
    }),
  )
})

test('one finding more lowers its category, strictly while above 0, and no other', () => {
  fc.assert(
    fc.property(fc.array(finding), finding, (findings, one) => {
      const [before, after] = [score(findings, []), score([...findings, one], [])]
      for (const category of CATEGORIES) {
        if (category !== one.category) assert.equal(after[category], before[category])
        else assert.ok(before[category] === 0 ? after[category] === 0 : after[category] < before[category])
      }
    }),
  )
})

test('a graver severity lowers the score, strictly while above 0', () => {
  fc.assert(
    fc.property(fc.array(finding), finding, (others, one) => {
      const at = SEVERITIES.indexOf(one.severity)
      const graver = SEVERITIES[at - 1]
      if (graver === undefined) return
      const before = score([...others, one], [])[one.category]
      const after = score([...others, { ...one, severity: graver }], [])[one.category]
      assert.ok(before === 0 ? after === 0 : after < before)
    }),
  )
})

test('what is inhibited, suppressed or resolved costs nothing', () => {
  const states = ['inhibited', 'suppressed', 'resolved'] as const
  const hidden = states.map((state) => ({ category: 'health' as const, severity: 'critical' as const, state }))
  assert.equal(score(hidden, []).health, 100)
})
