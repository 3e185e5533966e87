import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FALSE, TRUE, UNKNOWN, type Truth } from '../../src/engine/logic.ts'
import { OPERATORS, type OperatorName } from '../../src/engine/operators.ts'
import type { Value } from '../../src/facts/reading.ts'

const from = (atLeast: number, atMost = Infinity) => ({ atLeast, atMost })

const CASES: [actual: Value, operator: OperatorName, expected: Value, truth: Truth][] = [
  [3, 'equal', 3, TRUE],
  [3, 'equal', 4, FALSE],
  [3, 'notEqual', 4, TRUE],
  ['a', 'equal', 'a', TRUE],
  [true, 'notEqual', true, FALSE],
  [3, 'lessThan', 3, FALSE],
  [3, 'lessThanInclusive', 3, TRUE],
  [3, 'greaterThan', 3, FALSE],
  [3, 'greaterThanInclusive', 3, TRUE],

  [null, 'equal', null, TRUE],
  [null, 'notEqual', null, FALSE],
  [0, 'equal', null, FALSE],
  [null, 'notEqual', 5, TRUE],
  [null, 'lessThan', 5, FALSE],
  [null, 'lessThanInclusive', 0, FALSE],
  [null, 'greaterThan', -5, FALSE],
  [null, 'greaterThanInclusive', 0, FALSE],
  [-5, 'lessThan', null, FALSE],
  [from(1, 2), 'equal', null, FALSE],
  [from(1, 2), 'greaterThan', null, FALSE],
  [null, 'in', ['a'], FALSE],
  [null, 'notIn', ['a'], TRUE],
  [null, 'contains', 'a', FALSE],
  [null, 'doesNotContain', 'a', FALSE],

  [from(2), 'greaterThanInclusive', 2, TRUE],
  [from(2), 'greaterThanInclusive', 3, UNKNOWN],
  [from(2), 'greaterThan', 2, UNKNOWN],
  [from(2), 'lessThan', 2, FALSE],
  [from(2), 'lessThanInclusive', 2, UNKNOWN],
  [from(2, 5), 'lessThan', 6, TRUE],
  [from(2, 5), 'lessThan', 5, UNKNOWN],
  [from(2, 5), 'lessThanInclusive', 5, TRUE],
  [from(2, 5), 'equal', 6, FALSE],
  [from(2, 5), 'equal', 1, FALSE],
  [from(2, 5), 'equal', 3, UNKNOWN],
  [from(2, 5), 'notEqual', 3, UNKNOWN],
  [from(2, 5), 'notEqual', 7, TRUE],
  [from(4, 4), 'equal', 4, TRUE],
  [from(2, 5), 'lessThan', from(6, 9), TRUE],
  [from(2, 5), 'lessThan', from(5, 9), UNKNOWN],
  [from(2, 5), 'equal', from(6, 9), FALSE],
  [from(2, 5), 'equal', from(4, 9), UNKNOWN],
  [from(4, 4), 'notEqual', from(4, 4), FALSE],
  [5, 'greaterThan', from(2, 4), TRUE],

  ['a', 'in', ['b', 'a'], TRUE],
  ['a', 'notIn', ['b', 'a'], FALSE],
  [['a', 'b'], 'contains', 'b', TRUE],
  [['a', 'b'], 'doesNotContain', 'c', TRUE],
  [[], 'contains', 'c', FALSE],
]

for (const [actual, operator, expected, truth] of CASES) {
  test(`${JSON.stringify(actual)} ${operator} ${JSON.stringify(expected)}`, () =>
    assert.equal(OPERATORS[operator].compare?.(actual, expected), truth))
}
