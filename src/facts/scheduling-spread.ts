import type { ObjectOf } from '../cluster/kinds.ts'
import type { LabelSelector } from '../cluster/projection/meta.ts'
import type { PodSpec } from '../cluster/projection/pod-spec.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { matchesSelector } from '../util/selector.ts'
import type { NeighbourCheck } from './scheduling-neighbours.ts'
import { matchesNodeAffinity, matchesNodeSelector, taintsAgainst } from './scheduling-placement.ts'
import { isOver } from './scheduling-resources.ts'
import type { View } from './subject.ts'

type Pod = ObjectOf<'pods'>
type Node = ObjectOf<'nodes'>
type Constraint = NonNullable<PodSpec['topologySpreadConstraints']>[number]

/** Whether a topology spread constraint that must hold keeps a pod off a node. */
export function spreadCheck(pod: Pod, { snapshot }: View): NeighbourCheck | undefined {
  const constraints = (pod.spec?.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable = 'DoNotSchedule' }) => whenUnsatisfiable === 'DoNotSchedule',
  )
  if (constraints.length === 0) return undefined
  const keys = constraints.map(({ topologyKey }) => topologyKey ?? '')
  const nodes = snapshot.all('nodes').filter((node) => keys.every((key) => labelOf(node, key) !== undefined))
  const checks = constraints.map((constraint) => checkOf(constraint, pod, { snapshot, nodes }))
  return (node) => checks.map((check) => check(node)).find((hindrance) => hindrance !== undefined)
}

const labelOf = (node: Node, key: string): string | undefined => node.metadata.labels?.[key]

function checkOf(
  constraint: Constraint,
  pod: Pod,
  { snapshot, nodes }: { readonly snapshot: Snapshot; readonly nodes: readonly Node[] },
): NeighbourCheck {
  const { topologyKey = '', maxSkew = 1, minDomains = 1 } = constraint
  const selector = selectorOf(constraint, pod)
  const counts = new Map<string, number>()
  for (const node of nodes.filter((candidate) => countsFor(constraint, pod.spec, candidate))) {
    const domain = labelOf(node, topologyKey) ?? ''
    const here = snapshot.indexed('podsByNode', node.metadata.name).filter((other) => isCounted(other, pod, selector))
    counts.set(domain, (counts.get(domain) ?? 0) + here.length)
  }
  const least = counts.size < minDomains ? 0 : Math.min(...counts.values())
  const itself = matchesSelector(pod.metadata.labels, selector) ? 1 : 0
  return (node) => {
    const domain = labelOf(node, topologyKey)
    if (domain === undefined) return { obstacle: 'topology-spread', words: `has no label ${topologyKey} to spread by` }
    const count = counts.get(domain) ?? 0
    if (count + itself - least <= maxSkew) return undefined
    const words = `${topologyKey} ${domain} already has ${count} of such pods, the emptiest domain has ${least} and ${maxSkew} apart is allowed`
    return { obstacle: 'topology-spread', words }
  }
}

// Such as `pod-template-hash`: the spread is then counted within one revision.
function selectorOf({ labelSelector, matchLabelKeys = [] }: Constraint, pod: Pod): LabelSelector | undefined {
  const own = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata.labels?.[key]
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }]
  })
  return labelSelector && { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] }
}

function countsFor(
  { nodeAffinityPolicy, nodeTaintsPolicy }: Constraint,
  spec: PodSpec | undefined,
  node: Node,
): boolean {
  const placed = nodeAffinityPolicy === 'Ignore' || (matchesNodeSelector(spec, node) && matchesNodeAffinity(spec, node))
  return placed && (nodeTaintsPolicy !== 'Honor' || taintsAgainst(spec, node).length === 0)
}

const isCounted = (other: Pod, pod: Pod, selector: LabelSelector | undefined): boolean =>
  !isOver(other) &&
  other.metadata.deletionTimestamp === undefined &&
  other.metadata.namespace === pod.metadata.namespace &&
  matchesSelector(other.metadata.labels, selector)
