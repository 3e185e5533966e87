import type { ObjectOf } from '../cluster/kinds.ts'
import { MINUTE, parseTime } from '../util/time.ts'
import { conditionOf, conditionSince } from './condition.ts'
import { REMEMBERED_CONDITION, flipsKey } from './history-flips.ts'
import type { Flips } from './past.ts'
import { bounds, isBounds, isUnknown, known, unknown, type Known, type Reading } from './reading.ts'
import { leaves } from './restarts.ts'
import type { View } from './subject.ts'

type Node = ObjectOf<'nodes'>

// To notice that a kubelet or its runtime is gone takes 30 s to 50 s, and to report that it is back another 10 s.
const SHORTEST_FLAP = MINUTE

/** What the condition itself tells: its last change, and that it has not changed since. */
function toldBy(node: Node): Flips | undefined {
  const condition = conditionOf(node.status?.conditions, REMEMBERED_CONDITION)
  const at = conditionSince(condition)
  return condition?.status === undefined || at === undefined
    ? undefined
    : { since: at, changes: [{ at, status: condition.status }] }
}

interface Loss {
  /** When the node was last known to be ready, and when it was known not to be. */
  readonly after: number
  readonly at: number
}

const lossesIn = ({ changes }: Flips): Loss[] =>
  changes.flatMap(({ at, status }, place) => {
    const before = changes[place + 1]
    return status !== 'True' && before?.status === 'True' ? [{ after: before.at, at }] : []
  })

/** At most how often a node stopped being ready between two times, when all that is known is how it was at the end. */
const mostBetween = (from: number, to: number, status: string | undefined): number =>
  to <= from ? 0 : Math.floor((to - from) / SHORTEST_FLAP) + (status === 'True' ? 0 : 1)

/**
 * How often a node stopped being ready in the window before now. The condition names its last change alone; more are remembered once they
 * were seen. From `False` to `Unknown` is no new loss, so that one which ended a time without looks may be older than it says.
 * `until`: when the first of the dates leaves the window.
 */
export function readyLossesIn(node: Node, { past, now }: View, windowMs: number): Reading {
  const flips = past?.flips(flipsKey(node, REMEMBERED_CONDITION)) ?? toldBy(node)
  if (!flips) return unknown('not-recorded', 'nobody has reported on the node yet')
  const { since, changes } = flips
  const from = now - windowMs
  const losses = lossesIn(flips)
  const seen = losses.filter(({ at }) => at > since && at > from)
  const certain = losses.filter(({ at, after }) => at <= since && after > from)
  const began = Math.max(from, parseTime(node.metadata.creationTimestamp) ?? from)
  const most = mostBetween(began, since, changes.find(({ at }) => at === since)?.status)
  return known(bounds(seen.length + certain.length, seen.length + Math.max(certain.length, most)), {
    since: seen.length > 0 ? Math.max(...seen.map(({ at }) => at)) : undefined,
    until: leaves([since, ...changes.map(({ at }) => at)], windowMs, now),
  })
}

/** How many losses in how long (milliseconds) make a node one that comes and goes. */
const FLAPPING = { losses: 3, windowMs: 30 * MINUTE } as const

/** Whether it is proven that a node comes and goes: how often it stopped being ready, with its times; `undefined` otherwise. */
export function flapping(node: Node, view: View): (Known & { readonly losses: number }) | undefined {
  const reading = readyLossesIn(node, view, FLAPPING.windowMs)
  if (isUnknown(reading) || reading.value === null) return undefined
  const losses = isBounds(reading.value) ? reading.value.atLeast : Number(reading.value)
  return losses >= FLAPPING.losses ? { ...reading, losses } : undefined
}
