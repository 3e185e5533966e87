import type { ObjectOf } from '../cluster/kinds.ts'
import { compareText } from '../util/order.ts'
import type { ClaimsOfPod } from './scheduling-claims.ts'
import { listed, nodeNames, type Diagnosis, type SchedulingObstacle } from './scheduling-obstacle.ts'
import {
  formatTaint,
  formatTerms,
  matchesNodeAffinity,
  matchesNodeSelector,
  meaningOf,
  requiredTerms,
  taintsAgainst,
  type TaintMeaning,
} from './scheduling-placement.ts'
import { amountsOf, formatAmount, isExtended, requestsOf, type Amounts } from './scheduling-resources.ts'

type Pod = ObjectOf<'pods'>
type Node = ObjectOf<'nodes'>

interface Asked {
  readonly pod: Pod
  readonly claims: ClaimsOfPod
  /** What it asks for that only some nodes offer. */
  readonly extended: Amounts
}

/** One sieve: which nodes pass it, and what is said when none of those that came so far does. */
interface Stage {
  readonly obstacle: SchedulingObstacle
  readonly passes: (node: Node, asked: Asked) => boolean
  readonly words: (nodes: readonly Node[], asked: Asked) => string
}

const stage = (obstacle: SchedulingObstacle, passes: Stage['passes'], words: Stage['words']): Stage => ({
  obstacle,
  passes,
  words,
})

const isFreeOf =
  (meaning: TaintMeaning): Stage['passes'] =>
  (node, { pod }) =>
    !taintsAgainst(pod.spec, node).some((taint) => meaningOf(taint) === meaning)

// What no change of a node mends comes first; then what its owner wants; then what is broken; then what was done on purpose and for a while.
const STAGES: readonly Stage[] = [
  stage('selector', (node, { pod }) => matchesNodeSelector(pod.spec, node), selectorWords),
  stage(
    'affinity',
    (node, { pod }) => matchesNodeAffinity(pod.spec, node),
    (nodes, { pod }) =>
      `${noneOf(nodes)} satisfies its required node affinity: ${formatTerms(requiredTerms(pod.spec) ?? [])}`,
  ),
  stage(
    'volume-zone',
    (node, { claims }) => claims.checks.every((check) => check(node) === undefined),
    (nodes, { claims }) => {
      const found = nodes.flatMap((node) => claims.checks.map((check) => check(node)?.words))
      return `${found.find((words) => words !== undefined) ?? ''}, and ${noneOf(nodes)} is there`
    },
  ),
  stage('extended-resource', (node, { extended }) => missingResource(extended, node) === undefined, resourceWords),
  stage('taint', isFreeOf('reserved'), taintWords),
  stage('node-not-ready', isFreeOf('not-ready'), (nodes, asked) => `${allOf(nodes)} not ready${because(nodes, asked)}`),
  stage(
    'node-pressure',
    isFreeOf('pressure'),
    (nodes, asked) => `${allOf(nodes)} short of resources${because(nodes, asked)}`,
  ),
  stage('cordon', isFreeOf('cordon'), (nodes) => `${allOf(nodes)} cordoned (unschedulable)`),
]

/** Sifts the nodes for a pod: what is left, or what stopped the last of them. */
export function narrow(
  pod: Pod,
  nodes: readonly Node[],
  claims: ClaimsOfPod,
): { readonly stopped?: Diagnosis; readonly left: readonly Node[] } {
  const extended = new Map([...requestsOf(pod)].filter(([name, amount]) => isExtended(name) && amount > 0))
  const asked = { pod, claims, extended }
  let left = nodes
  for (const { obstacle, passes, words } of STAGES) {
    const next = left.filter((node) => passes(node, asked))
    if (next.length === 0)
      return { stopped: { obstacle, words: words(left, asked), nodes: nodeNames(left) }, left: next }
    left = next
  }
  return { left }
}

const noneOf = (nodes: readonly Node[]): string =>
  nodes.length === 1 ? `not even ${nodes[0]?.metadata.name ?? ''}` : `none of ${nodes.length} nodes`

const allOf = (nodes: readonly Node[]): string =>
  nodes.length === 1
    ? `the only node that it may use, ${nodes[0]?.metadata.name ?? ''}, is`
    : `all ${nodes.length} nodes that it may use are, ${listed(nodeNames(nodes))},`

function because(nodes: readonly Node[], { pod }: Asked): string {
  const first = nodes[0] && taintsAgainst(pod.spec, nodes[0]).find((taint) => meaningOf(taint) !== 'cordon')
  return first ? ` (taint ${formatTaint(first)})` : ''
}

function selectorWords(nodes: readonly Node[], { pod }: Asked): string {
  const pairs = Object.entries(pod.spec?.nodeSelector ?? {}).toSorted(([a], [b]) => compareText(a, b))
  const first = pairs.find(([key, value]) => nodes.every((node) => node.metadata.labels?.[key] !== value))
  if (!first) return `no node has all labels of its node selector: ${pairs.map((pair) => pair.join('=')).join(', ')}`
  const [key, value] = first
  const there = new Set(nodes.map((node) => node.metadata.labels?.[key]).filter((label) => label !== undefined))
  const others =
    there.size > 0 ? `nodes have ${key}=${listed([...there].toSorted(compareText))}` : `no node has a label ${key}`
  return `no node has the label ${key}=${value} of its node selector; ${others}`
}

function missingResource(extended: Amounts, node: Node): string | undefined {
  if (extended.size === 0) return undefined
  const offered = amountsOf(node.status?.allocatable)
  return [...extended.keys()].find((resource) => (offered.get(resource) ?? 0) === 0)
}

function resourceWords(nodes: readonly Node[], { extended }: Asked): string {
  const resource = (nodes[0] && missingResource(extended, nodes[0])) ?? ''
  const asked = formatAmount(resource, extended.get(resource) ?? 0)
  return `it asks for ${asked}; ${noneOf(nodes)} that it may use offers any`
}

function taintWords(nodes: readonly Node[], { pod }: Asked): string {
  const taints = new Map<string, Node[]>()
  for (const node of nodes) {
    const taint = taintsAgainst(pod.spec, node).find((one) => meaningOf(one) === 'reserved')
    if (taint) taints.set(formatTaint(taint), [...(taints.get(formatTaint(taint)) ?? []), node])
  }
  const each = [...taints].toSorted(([a], [b]) => compareText(a, b))
  return `it does not tolerate ${each.map(([taint, tainted]) => `taint ${taint} of ${listed(nodeNames(tainted))}`).join(', ')}`
}
