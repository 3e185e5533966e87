import { didYouMean, quote, type Issue } from '../util/issues.ts'
import type { Path } from '../util/json.ts'
import type { Condition, Conditions, Leaf } from './conditions.ts'
import { isFault, resolveOperand, typeName, type OperandNames } from './operand.ts'
import { OPERATORS, operatorsFor } from './operators.ts'
import type { RawCondition, RawLeaf, RawRule } from './schema.ts'
import { tooLarge } from './size.ts'
import { isRefused, type SlotTable } from './slots.ts'

interface Names extends OperandNames {
  readonly report: (issue: Issue) => void
}

/** Looks up every name in the conditions of a rule; what is wrong is reported and leaves a hole. */
export function resolveConditions(rule: RawRule, slots: SlotTable): { conditions?: Conditions; issues: Issue[] } {
  const issues: Issue[] = []
  const names: Names = { rule, slots, report: (issue) => void issues.push(issue), used: new Set() }
  const definitions = new Map<string, Condition>()
  for (const [name, raw] of Object.entries(rule.definitions ?? {})) {
    const resolved = resolve(raw, ['definitions', name], names)
    if (resolved !== undefined) definitions.set(name, resolved)
  }
  const root = resolve(rule.conditions, ['conditions'], names)
  issues.push(...unusedNames(names))
  if (root === undefined || issues.length > 0) return { issues }
  const fault = tooLarge(root, definitions)
  if (fault !== undefined) return { issues: [{ path: ['conditions'], key: true, message: fault }] }
  return { conditions: { root, definitions, thresholds: rule.thresholds ?? {} }, issues }
}

function resolve(raw: RawCondition, path: Path, names: Names): Condition | undefined {
  if ('all' in raw) return resolveList('all', raw.all, { path, names })
  if ('any' in raw) return resolveList('any', raw.any, { path, names })
  if ('not' in raw) {
    const of = resolve(raw.not, [...path, 'not'], names)
    return of && { kind: 'not', of }
  }
  if ('condition' in raw) return resolveName(raw.condition, [...path, 'condition'], names)
  return resolveLeaf(raw, path, names)
}

function resolveList(
  kind: 'all' | 'any',
  list: readonly RawCondition[],
  { path, names }: { path: Path; names: Names },
): Condition {
  const of = list.flatMap((child, index) => resolve(child, [...path, kind, index], names) ?? [])
  return { kind, of }
}

function resolveName(name: string, path: Path, { rule, report, used }: Names): Condition | undefined {
  const definitions = rule.definitions ?? {}
  used.add(`definitions/${name}`)
  if (Object.hasOwn(definitions, name)) return { kind: 'named', name }
  report({
    path,
    key: false,
    message: `no definition is named ${quote(name)}${didYouMean(name, Object.keys(definitions))}`,
  })
  return undefined
}

function resolveLeaf(raw: RawLeaf, path: Path, names: Names): Leaf | undefined {
  const slot = names.slots.slot(raw.fact, raw.params)
  if (isRefused(slot)) {
    names.report({ path: [...path, slot.part], key: false, message: slot.refused })
    return undefined
  }
  const operator = OPERATORS[raw.operator]
  if (!operator.types.includes(slot.type)) {
    const fitting = operatorsFor(slot.type).join(', ')
    const message = `the operator "${raw.operator}" does not fit ${slot.name}, which is a ${typeName(slot)}; it takes ${fitting}`
    names.report({ path: [...path, 'operator'], key: false, message })
    return undefined
  }
  const operand = resolveOperand(raw, slot, names)
  if (!isFault(operand)) return { kind: 'leaf', slot, operator: raw.operator, operand, path }
  names.report({ path: [...path, 'value'], key: false, message: operand.fault })
  return undefined
}

function unusedNames({ rule, used }: Names): Issue[] {
  return (['definitions', 'thresholds'] as const).flatMap((group) =>
    Object.keys(rule[group] ?? {})
      .filter((name) => !used.has(`${group}/${name}`))
      .map((name) => ({ path: [group, name], key: true, message: `nothing in this rule uses ${quote(name)}` })),
  )
}
