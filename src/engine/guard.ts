import type { Issue } from '../util/issues.ts'
import { FALSE, TRUE } from './logic.ts'
import { OPERATORS } from './operators.ts'
import type { Condition, Conditions, Leaf } from './conditions.ts'
import type { Slot } from './slots.ts'

/**
 * The comparisons that `null` would make true by the back door: below an odd number of `not`s, an order is false of `null`, and so its
 * opposite true. Beside it something must rule `null` out, such as `notEqual` `null`.
 */
export function unguarded({ root, definitions }: Conditions): Issue[] {
  const found = new Map<Leaf, Issue>()
  const walk = (condition: Condition, negated: boolean, guarded: ReadonlySet<Slot>): void => {
    if (condition.kind === 'leaf') {
      const open = negated && OPERATORS[condition.operator].falseOfNull ? slotsOf(condition) : []
      const slot = open.find((one) => one.nullable && !guarded.has(one))
      if (slot !== undefined) found.set(condition, issueOf(condition, slot))
    } else if (condition.kind === 'not') walk(condition.of, !negated, guarded)
    else if (condition.kind === 'named') walk(definitionOf(condition.name, definitions), negated, guarded)
    else {
      const together = (condition.kind === 'all') !== negated
      const beside = together ? condition.of.flatMap((child) => rulesOutNull(child, negated, definitions)) : []
      for (const child of condition.of) walk(child, negated, new Set([...guarded, ...beside]))
    }
  }
  walk(root, false, new Set())
  return [...found.values()]
}

const issueOf = ({ operator, path }: Leaf, { key }: Slot): Issue => ({
  path,
  key: false,
  message: `under "not", a ${key} of null makes this true: put { "fact": …, "operator": "notEqual", "value": null } beside the "not" of ${operator}`,
})

/** The slots that cannot be `null` where a condition is true (or, negated, false). */
function rulesOutNull(condition: Condition, negated: boolean, definitions: Conditions['definitions']): readonly Slot[] {
  if (condition.kind === 'not') return rulesOutNull(condition.of, !negated, definitions)
  if (condition.kind === 'named') return rulesOutNull(definitionOf(condition.name, definitions), negated, definitions)
  if (condition.kind === 'leaf') return onNull(condition) === (negated ? TRUE : FALSE) ? slotsOf(condition) : []
  const together = (condition.kind === 'all') !== negated
  return together ? condition.of.flatMap((child) => rulesOutNull(child, negated, definitions)) : []
}

function onNull({ operator, operand }: Leaf): number | undefined {
  const { falseOfNull, compare } = OPERATORS[operator]
  if (falseOfNull) return FALSE
  return 'value' in operand ? compare?.(null, operand.value) : undefined
}

const slotsOf = ({ slot, operand }: Leaf): Slot[] => ('slot' in operand ? [slot, operand.slot] : [slot])

function definitionOf(name: string, definitions: Conditions['definitions']): Condition {
  const definition = definitions.get(name)
  if (definition === undefined) throw new TypeError(`no definition ${name}`)
  return definition
}
