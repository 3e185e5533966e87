import type { ObjectOf } from '../cluster/kinds.ts'
import { groupBy } from '../util/order.ts'
import { antiAffinityCheck, podAffinityCheck, portCheck, type NeighbourCheck } from './scheduling-neighbours.ts'
import {
  listed,
  nodeNames,
  SCHEDULING_OBSTACLES,
  type Diagnosis,
  type SchedulingObstacle,
} from './scheduling-obstacle.ts'
import {
  formatAmount,
  formatQuantity,
  requestsOf,
  shortagesOn,
  type Amounts,
  type Shortage,
} from './scheduling-resources.ts'
import { spreadCheck } from './scheduling-spread.ts'
import type { View } from './subject.ts'

type Pod = ObjectOf<'pods'>
type Node = ObjectOf<'nodes'>

/** One thing that a node lacks for a pod: a resource, or room beside the pods that are there. */
interface Lack {
  readonly node: Node
  readonly obstacle: SchedulingObstacle
  readonly words: string
  readonly shortage?: Shortage
}

const RESOURCES = new Set<string>(['cpu', 'memory', 'ephemeral-storage', 'pods'] satisfies SchedulingObstacle[])
const isObstacle = (resource: string): resource is SchedulingObstacle => RESOURCES.has(resource)

const NEIGHBOURS = [portCheck, antiAffinityCheck, podAffinityCheck, spreadCheck]

/** What nodes that would take a pod lack for it at present; those nodes that lack least decide. `undefined` when one of them lacks nothing. */
export function lackOf(pod: Pod, nodes: readonly Node[], view: View): Diagnosis | undefined {
  const asked = requestsOf(pod)
  const checks = NEIGHBOURS.map((check) => check(pod, view)).filter((check) => check !== undefined)
  const lacks: Lack[][] = []
  for (const node of nodes) {
    const list = lacksOf(node, { asked, checks, view })
    // A pod that is new has not been placed yet: the first node that has room tells that, and thousands need not be looked at.
    if (list.length === 0) return undefined
    lacks.push(list)
  }
  const least = Math.min(...lacks.map((list) => list.length))
  const nearest = lacks.filter((list) => list.length === least)
  const groups = [...groupBy(nearest.flat(), ({ obstacle }) => obstacle)].toSorted(
    ([a, first], [b, second]) => second.length - first.length || rank(a) - rank(b),
  )
  const [main] = groups
  if (!main) return undefined
  const words = groups.map(([, group]) => wordsOf(group, { nodes, view }))
  return { obstacle: main[0], words: words.slice(0, 3).join('; '), nodes: nodeNames(main[1].map(({ node }) => node)) }
}

const rank = (obstacle: SchedulingObstacle): number => SCHEDULING_OBSTACLES.indexOf(obstacle)

interface Wanted {
  readonly asked: Amounts
  readonly checks: readonly NeighbourCheck[]
  readonly view: View
}

function lacksOf(node: Node, { asked, checks, view }: Wanted): Lack[] {
  const shortages = shortagesOn(node, asked, view).map((shortage) => ({
    node,
    shortage,
    obstacle: isObstacle(shortage.resource) ? shortage.resource : ('extended-resource' as const),
    words: '',
  }))
  const crowded = checks.flatMap((check) => {
    const hindrance = check(node)
    return hindrance ? [{ node, ...hindrance }] : []
  })
  return [...shortages, ...crowded]
}

interface Seen {
  /** All nodes that would take the pod. */
  readonly nodes: readonly Node[]
  readonly view: View
}

function wordsOf(group: readonly Lack[], seen: Seen): string {
  const shortages = group.flatMap(({ node, shortage }) => (shortage ? [{ node, ...shortage }] : []))
  const largest = shortages.toSorted(byRoom)[0]
  if (largest) return shortageWords(largest, seen)
  const [first] = group
  const where = listed(nodeNames(group.map(({ node }) => node)))
  return `on ${where} ${first?.words ?? ''}`
}

type NodeShortage = Shortage & { readonly node: Node }

// Where it could fit into an empty node, the one with most room; else the largest. Sorting keeps the order of names among equals.
function byRoom(a: NodeShortage, b: NodeShortage): number {
  const [fits, other] = [a, b].map(({ asked, allocatable }) => asked <= allocatable)
  if (fits !== other) return fits ? -1 : 1
  return fits ? b.free - a.free : b.allocatable - a.allocatable || b.free - a.free
}

function shortageWords(short: NodeShortage, seen: Seen): string {
  const { node, resource, asked } = short
  const which = `${node.metadata.name}, ${whichOf(short, seen)},`
  const bound = seen.view.snapshot.look('pods') === 'listed' ? '' : 'at most '
  const [most = '', rest = ''] = [short.allocatable, short.free].map((amount) => formatQuantity(resource, amount))
  if (resource === 'pods') return `${which} has room for ${bound}${rest} more of its ${most} pods`
  return `it asks for ${formatAmount(resource, asked)}; ${which} has ${most} allocatable and ${bound}${rest} free`
}

function whichOf({ asked, allocatable }: Shortage, { nodes, view }: Seen): string {
  const all = view.snapshot.all('nodes').length
  if (all === 1) return 'the only node'
  if (nodes.length === 1) return `the only one of ${all} nodes that it may use`
  const size = asked > allocatable ? 'largest' : 'emptiest'
  return nodes.length === all
    ? `the ${size} of ${all} nodes`
    : `the ${size} of the ${nodes.length} that it may use of ${all} nodes`
}
