import { groupBy } from '../util/order.ts'
import type { Rule } from './rule.ts'

/** The way of a circle of `inhibits`, from a rule back to itself. */
export interface Circle {
  readonly rule: string
  readonly way: readonly string[]
}

/** The rules that close a circle of `inhibits`. Of the rules in a circle the last one is refused. */
export function circles(rules: readonly Rule[]): Circle[] {
  const accepted = new Map<string, Rule>()
  return nearCircles(rules).flatMap((rule) => {
    accepted.set(rule.id, rule)
    const way = wayBack(rule, accepted)
    if (way === undefined) return []
    accepted.delete(rule.id)
    return [{ rule: rule.id, way }]
  })
}

/** The rules that are in a circle or lead into one: what is left when all that inhibit nothing that is left are taken away. */
function nearCircles(rules: readonly Rule[]): Rule[] {
  const left = new Map(rules.map((rule) => [rule.id, rule]))
  const inhibitors = groupBy(
    rules.flatMap(({ id, inhibits }) => inhibits.map(({ rule }) => ({ id, rule }))),
    ({ rule }) => rule,
  )
  const leads = ({ inhibits }: Rule): boolean => inhibits.some(({ rule }) => left.has(rule))
  const open = [...rules]
  for (let rule = open.pop(); rule !== undefined; rule = open.pop()) {
    if (!left.has(rule.id) || leads(rule)) continue
    left.delete(rule.id)
    for (const { id } of inhibitors.get(rule.id) ?? []) {
      const inhibitor = left.get(id)
      if (inhibitor !== undefined) open.push(inhibitor)
    }
  }
  return [...left.values()]
}

function wayBack(start: Rule, rules: ReadonlyMap<string, Rule>): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const open = [start.id]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { rule: next } of rules.get(id)?.inhibits ?? []) {
      if (next === start.id) return [...trace(id, cameFrom), start.id]
      if (cameFrom.has(next)) continue
      cameFrom.set(next, id)
      open.push(next)
    }
  }
  return undefined
}

function trace(id: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const before = cameFrom.get(id)
  return before === undefined ? [id] : [...trace(before, cameFrom), id]
}
