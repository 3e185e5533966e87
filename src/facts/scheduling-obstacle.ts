import type { ObjectOf } from '../cluster/kinds.ts'

/**
 * What keeps a pod off the nodes, in the order they are told: what is wrong with the pod whatever the node, what no node has,
 * what keeps the pod off nodes that it could run on, what those nodes lack at present, and what cannot be computed.
 */
export const SCHEDULING_OBSTACLES = [
  'claim-missing',
  'claim-deleting',
  'claim-class',
  'claim-unbound',
  'claim-in-use',
  'no-nodes',
  'selector',
  'affinity',
  'volume-zone',
  'extended-resource',
  'taint',
  'node-not-ready',
  'node-pressure',
  'cordon',
  'cpu',
  'memory',
  'ephemeral-storage',
  'pods',
  'port',
  'anti-affinity',
  'pod-affinity',
  'topology-spread',
  'preemption',
  'no-scheduler',
  'unexplained',
] as const
export type SchedulingObstacle = (typeof SCHEDULING_OBSTACLES)[number]

/** What keeps a pod off one node, in words that go on with the node: `has 2 allocatable and 250m free`. */
export interface Hindrance {
  readonly obstacle: SchedulingObstacle
  readonly words: string
}

/** Why a pod has no node. */
export interface Diagnosis {
  readonly obstacle: SchedulingObstacle
  /** One sentence with names and numbers, not yet made safe for a terminal. */
  readonly words: string
  /** The nodes that decide: they would take the pod but for the obstacle. */
  readonly nodes: readonly string[]
}

const NAMED = 3

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, names.length === NAMED + 1 ? NAMED + 1 : NAMED)
  const rest = names.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown
  return parts.length < 2 ? (parts[0] ?? 'none') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

export const nodeNames = (nodes: readonly ObjectOf<'nodes'>[]): string[] => nodes.map((node) => node.metadata.name)
