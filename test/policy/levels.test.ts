import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LEVELS, TIERS, answerAt, effective, readLevel, type Level, type Tier } from '../../src/policy/levels.ts'

const TABLE: Record<Tier, string> = {
  mark: '– ask act act act',
  heal: '– ask act act act',
  change: '– ask ask act act',
  outage: '– ask ask ask act',
  destroy: '– ask ask ask ask',
}
const WORDS = { hold: '–', ask: 'ask', pass: 'act' }

for (const tier of TIERS) {
  test(`${tier}: what L0 to L4 answer is the design's table`, () => {
    assert.equal(LEVELS.map((level) => WORDS[answerAt(level, tier)]).join(' '), TABLE[tier])
  })
}

test('an unknown tier is held at every level', () => {
  for (const tier of ['', 'Heal', '__proto__', 'constructor', 'toString']) {
    for (const level of LEVELS) assert.equal(answerAt(level, tier), 'hold')
  }
})

test('only the five words are levels; everything else is L0', () => {
  for (const level of LEVELS) assert.equal(readLevel(level), level)
  fc.assert(fc.property(fc.anything(), (garbage) => isLevel(garbage) || readLevel(garbage) === 'L0'))
  for (const near of ['l4', 'L5', ' L4', 'L4 ', 'L04', '4', 4, null, undefined, ['L4'], { level: 'L4' }])
    assert.equal(readLevel(near), 'L0')
})

const isLevel = (value: unknown): value is Level => LEVELS.some((level) => level === value)
const rank = (level: Level): number => LEVELS.indexOf(level)
const level = fc.constantFrom(...LEVELS)

test('the effective level over all 5^5 combinations is the lowest limit of the highest raise', () => {
  const combinations = LEVELS.flatMap((a) =>
    LEVELS.flatMap((b) => LEVELS.flatMap((c) => LEVELS.flatMap((d) => LEVELS.map((e) => [a, b, c, d, e] as const)))),
  )
  assert.equal(combinations.length, 3125)
  for (const [byDefault, grant, ceiling, cap, own] of combinations) {
    const reached = effective([at(byDefault), at(grant)], [at(ceiling), at(cap), at(own)])
    const expected = Math.min(rank(ceiling), rank(cap), rank(own), Math.max(rank(byDefault), rank(grant)))
    assert.equal(rank(reached.level), expected)
  }
})

const at = (one: Level) => ({ level: one, because: one })

test('raising any input never lowers the level, and what is allowed grows with it', () => {
  const STRICT = ['pass', 'ask', 'hold']
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 5 }), fc.nat(4), level, (levels, which, other) => {
      const [first = 'L0', ...limits] = levels
      const higher = levels.map((one, i) => (i === which && rank(other) > rank(one) ? other : one))
      const [firstHigher = 'L0', ...limitsHigher] = higher
      const before = effective([at(first)], limits.map(at)).level
      const after = effective([at(firstHigher)], limitsHigher.map(at)).level
      assert.ok(rank(after) >= rank(before))
      for (const tier of TIERS)
        assert.ok(STRICT.indexOf(answerAt(after, tier)) <= STRICT.indexOf(answerAt(before, tier)))
    }),
  )
})
