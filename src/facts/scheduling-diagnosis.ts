import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { plainText, truncate } from '../util/text.ts'
import { conditionOf } from './condition.ts'
import { perView } from './per-view.ts'
import { lackOf } from './scheduling-capacity.ts'
import { claimsOfPod, type ClaimsOfPod } from './scheduling-claims.ts'
import { nodeNames, type Diagnosis, type SchedulingObstacle } from './scheduling-obstacle.ts'
import { formatAmount, requestsOf } from './scheduling-resources.ts'
import { narrow } from './scheduling-stages.ts'
import type { View } from './subject.ts'

type Pod = ObjectOf<'pods'>
type Node = ObjectOf<'nodes'>

const DEFAULT_SCHEDULER = 'default-scheduler'
const DIAGNOSES = perView(() => new Map<string, Diagnosis>())

/**
 * Why a pod has no node, computed from nodes, claims and other pods. Nodes are sifted in a fixed order, from what no node can change
 * to what the nodes lack at present; the sieve that stops the last of them is the cause. So a node that the pod cannot use anyway
 * never changes the answer.
 */
export function diagnose(pod: Pod, view: View): Diagnosis {
  const known = DIAGNOSES(view)
  let diagnosis = known.get(pod.metadata.uid)
  if (!diagnosis) known.set(pod.metadata.uid, (diagnosis = examine(pod, view)))
  return diagnosis
}

function examine(pod: Pod, view: View): Diagnosis {
  const claims = claimsOfPod(pod, view.snapshot)
  if (claims.trouble) return { ...claims.trouble, nodes: [] }
  const look = view.snapshot.look('nodes')
  const nodes = view.snapshot.all('nodes')
  if (typeof look === 'object') return unexplained(pod, [], { claims, view, blind: look.detail })
  if (nodes.length === 0 && look === 'listed')
    return { obstacle: 'no-nodes', words: 'the cluster has no nodes', nodes: [] }
  if (nodes.length === 0) return unexplained(pod, [], { claims, view, blind: 'no node was looked at' })
  const nominated = pod.status?.nominatedNodeName
  if (nominated)
    return {
      obstacle: 'preemption',
      words: `it waits for pods of lower priority to leave ${nominated}`,
      nodes: [nominated],
    }
  const { stopped, left } = narrow(pod, nodes, claims)
  return stopped ?? lackOf(pod, left, view) ?? unexplained(pod, left, { claims, view })
}

const IS_NODE_STATE: ReadonlySet<SchedulingObstacle> = new Set(['node-not-ready', 'node-pressure'])

/** The nodes that would take a pod but for their own state (lost, or short of something); empty when something else keeps it waiting. */
export function nodesWaitedFor(pod: Pod, snapshot: Snapshot): readonly string[] {
  const claims = claimsOfPod(pod, snapshot)
  if (claims.trouble || pod.spec?.nodeName !== undefined) return []
  const { stopped } = narrow(pod, snapshot.all('nodes'), claims)
  return stopped && IS_NODE_STATE.has(stopped.obstacle) ? stopped.nodes : []
}

interface Seen {
  readonly claims: ClaimsOfPod
  readonly view: View
  readonly blind?: string
}

/** The scheduler's own words of a pod, made safe to show. */
function schedulerWords(pod: Pod): string | undefined {
  const condition = conditionOf(pod.status?.conditions, 'PodScheduled')
  const text = plainText(condition?.message ?? '').trim()
  return condition?.status === 'False' && text !== '' ? truncate(text, 300) : undefined
}

function unexplained(pod: Pod, left: readonly Node[], seen: Seen): Diagnosis {
  const words = schedulerWords(pod)
  const nodes = nodeNames(left)
  const [node] = nodes
  if (node === undefined) return { obstacle: 'unexplained', words: gaps(pod, words, [seen.blind ?? ''], seen), nodes }
  if (words === undefined)
    return { obstacle: 'no-scheduler', words: `${schedulerOf(pod)}, which it names, has not looked at it`, nodes }
  const confirmed = crowded(pod, words, seen)
  if (confirmed) return { ...confirmed, nodes }
  return {
    obstacle: 'unexplained',
    words: gaps(pod, words, [`${node} would take it by all that dogwatch computes`], seen),
    nodes,
  }
}

const schedulerOf = (pod: Pod): string => `scheduler ${pod.spec?.schedulerName ?? DEFAULT_SCHEDULER}`

// Words of the scheduler's own, in every version since 1.0.
const CROWDED: readonly (readonly [string, SchedulingObstacle])[] = [
  ['Insufficient cpu', 'cpu'],
  ['Insufficient memory', 'memory'],
  ['Insufficient ephemeral-storage', 'ephemeral-storage'],
  ['Too many pods', 'pods'],
]

/** Where pods of other namespaces were not looked at, what they use up is left to the scheduler to say. */
function crowded(pod: Pod, words: string, { view }: Seen): Omit<Diagnosis, 'nodes'> | undefined {
  if (view.snapshot.look('pods') === 'listed') return undefined
  const obstacle = CROWDED.find(([text]) => words.includes(text))?.[1]
  if (obstacle === undefined) return undefined
  const asked = formatAmount(obstacle, requestsOf(pod).get(obstacle) ?? 0)
  return {
    obstacle,
    words: `it asks for ${asked}, and pods of namespaces that were not looked at use what the nodes have (${words})`,
  }
}

/** What is known, what may matter and is not computed, and what the scheduler says. */
function gaps(pod: Pod, said: string | undefined, known: readonly string[], { claims, view }: Seen): string {
  const uncomputed: readonly [boolean, string][] = [
    [schedulerOf(pod) !== `scheduler ${DEFAULT_SCHEDULER}`, `${schedulerOf(pod)} has rules of its own`],
    [(pod.spec?.resourceClaims ?? []).length > 0, 'resource claims are not computed'],
    [claims.unseen.length > 0, `${claims.unseen.join(', ')} could not be looked at`],
    [view.snapshot.look('pods') !== 'listed', 'pods of other namespaces were not looked at'],
  ]
  const missing = uncomputed.filter(([there]) => there).map(([, words]) => words)
  return [
    ...known,
    ...missing,
    said === undefined ? 'the scheduler says nothing' : `the scheduler says: "${said}"`,
  ].join('; ')
}
