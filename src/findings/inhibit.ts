import type { Snapshot } from '../cluster/snapshot.ts'
import { gravityOf } from '../engine/gravity.ts'
import { byKeys, groupBy } from '../util/order.ts'
import type { Match } from './match.ts'
import { RELATIONS } from './relations.ts'
import type { RollUp } from './roll-up.ts'

/** From a finding that is explained to the finding that explains it and is itself explained by none. */
export type Causes = ReadonlyMap<string, string>

// Of several findings that would explain the same one, the gravest is named.
const gravest = byKeys(({ finding, matches: [first] }: RollUp) => [
  String(gravityOf(first.evaluation.severity)),
  finding,
])

/**
 * Says which findings are explained by others. `held` are the findings that may explain and be explained: pending or firing and not suppressed.
 * A finding is explained when every one of its subjects is: three pods that crash for one reason and a fourth that does not start stay visible.
 */
export function inhibit(held: readonly RollUp[], at: { readonly snapshot: Snapshot; readonly now: number }): Causes {
  const byRule = groupBy(held, ({ matches: [first] }) => first.rule.id)
  const causesOf = new Map<Match, RollUp[]>()
  for (const cause of held.toSorted(gravest)) explain(cause, byRule, { ...at, causesOf })
  const direct = new Map<string, string>()
  for (const { finding, matches } of held) {
    const [first] = matches.map((match) => causesOf.get(match)?.[0])
    if (first && matches.every((match) => causesOf.has(match))) direct.set(finding, first.finding)
  }
  return new Map([...direct.keys()].map((finding) => [finding, rootOf(finding, direct)]))
}

interface Ledger {
  readonly snapshot: Snapshot
  readonly now: number
  readonly causesOf: Map<Match, RollUp[]>
}

function explain(cause: RollUp, byRule: ReadonlyMap<string, readonly RollUp[]>, { causesOf, ...at }: Ledger): void {
  for (const { rule, via } of cause.matches[0].rule.inhibits) {
    const relation = RELATIONS[via]
    const effects = (byRule.get(rule) ?? []).filter((effect) => effect.finding !== cause.finding)
    if (!relation || effects.length === 0) continue
    const keys = new Set(cause.matches.flatMap((match) => relation.cause(match, at)))
    const explained = effects
      .flatMap((effect) => effect.matches)
      .filter((match) => relation.effect(match, at).some((key) => keys.has(key)))
    for (const match of explained) causesOf.set(match, [...(causesOf.get(match) ?? []), cause])
  }
}

// The rules' relations have no cycle (the loader refuses one), so the walk ends.
function rootOf(finding: string, direct: ReadonlyMap<string, string>): string {
  let root = finding
  for (let next = direct.get(root); next !== undefined; next = direct.get(root)) root = next
  return root
}
