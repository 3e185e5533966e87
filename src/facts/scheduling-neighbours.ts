import type { ObjectOf } from '../cluster/kinds.ts'
import type { PodTerm } from '../cluster/projection/pod-spec.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { matchesSelector } from '../util/selector.ts'
import type { Hindrance } from './scheduling-obstacle.ts'
import { isOver } from './scheduling-resources.ts'
import { containersOf, type View } from './subject.ts'

type Pod = ObjectOf<'pods'>
type Node = ObjectOf<'nodes'>

/** What pods that are already placed do to a pod on a node. */
export type NeighbourCheck = (node: Node) => Hindrance | undefined

// The key under which the index keeps every pod with required anti-affinity.
const KEEPS_AWAY = 'all'

const isPlaced = (pod: Pod): boolean => pod.spec?.nodeName !== undefined && !isOver(pod)
const nameOf = (pod: Pod): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`

interface HostPort {
  readonly address: string
  readonly protocol: string
  readonly port: number
}

const EVERY_ADDRESS = '0.0.0.0'

const hostPortsOf = (pod: Pod): HostPort[] =>
  containersOf(pod)
    .filter(({ role }) => role !== 'init')
    .flatMap(({ spec }) => spec.ports ?? [])
    .flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ address: hostIP || EVERY_ADDRESS, protocol: protocol ?? 'TCP', port: hostPort }],
    )

const collide = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.address === b.address || a.address === EVERY_ADDRESS || b.address === EVERY_ADDRESS)

/** Whether a host port that the pod needs is taken on a node. */
export function portCheck(pod: Pod, { snapshot }: View): NeighbourCheck | undefined {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return undefined
  return (node) => {
    for (const other of snapshot.indexed('podsByNode', node.metadata.name).filter(isPlaced)) {
      const taken = wanted.find((port) => hostPortsOf(other).some((used) => collide(port, used)))
      if (taken)
        return { obstacle: 'port', words: `host port ${taken.port}/${taken.protocol} is taken by ${nameOf(other)}` }
    }
    return undefined
  }
}

const antiTerms = (pod: Pod): readonly PodTerm[] =>
  pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
const nearTerms = (pod: Pod): readonly PodTerm[] =>
  pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []

/** Whether a term of one pod is about another: its labels, in the namespaces that the term means. */
function isAbout(term: PodTerm, { from, other, snapshot }: { from: Pod; other: Pod; snapshot: Snapshot }): boolean {
  if (!matchesSelector(other.metadata.labels, term.labelSelector)) return false
  const { namespace } = other.metadata
  const named = term.namespaces ?? []
  if (named.length === 0 && term.namespaceSelector === undefined) return namespace === from.metadata.namespace
  if (namespace !== undefined && named.includes(namespace)) return true
  const home = namespace === undefined ? undefined : snapshot.get('namespaces', undefined, namespace)
  return matchesSelector(home?.metadata.labels, term.namespaceSelector)
}

const domainOf = (pod: Pod, topologyKey: string | undefined, snapshot: Snapshot): string | undefined => {
  const node = snapshot.get('nodes', undefined, pod.spec?.nodeName ?? '')
  return topologyKey === undefined ? undefined : node?.metadata.labels?.[topologyKey]
}

const isAtHome = ({ namespaces = [], namespaceSelector }: PodTerm): boolean =>
  namespaces.length === 0 && namespaceSelector === undefined

/** The pods with a node that a term may be about. */
const placedWhere = (term: PodTerm, from: Pod, snapshot: Snapshot): readonly Pod[] =>
  (isAtHome(term) ? snapshot.within('pods', from.metadata.namespace) : snapshot.all('pods')).filter(isPlaced)

/** Whether required anti-affinity, of the pod or of a pod that is placed, keeps it out of a node's domain. */
export function antiAffinityCheck(pod: Pod, view: View): NeighbourCheck | undefined {
  const { snapshot } = view
  const taken = new Map<string, Map<string, Hindrance>>()
  const take = (term: PodTerm, other: Pod, whose: string): void => {
    const value = domainOf(other, term.topologyKey, snapshot)
    if (value === undefined || term.topologyKey === undefined) return
    const words = `${whose} by ${term.topologyKey} keeps it away from ${nameOf(other)}`
    const domains = taken.get(term.topologyKey) ?? new Map<string, Hindrance>()
    taken.set(term.topologyKey, domains)
    if (!domains.has(value)) domains.set(value, { obstacle: 'anti-affinity', words })
  }
  for (const term of antiTerms(pod))
    for (const other of placedWhere(term, pod, snapshot))
      if (isAbout(term, { from: pod, other, snapshot })) take(term, other, 'its required anti-affinity')
  for (const other of snapshot.indexed('podsKeepingAway', KEEPS_AWAY).filter(isPlaced))
    for (const term of antiTerms(other))
      if (isAbout(term, { from: other, other: pod, snapshot }))
        take(term, other, `the anti-affinity of ${nameOf(other)}`)
  if (taken.size === 0) return undefined
  return (node) => {
    for (const [key, domains] of taken) {
      const value = node.metadata.labels?.[key]
      const found = value === undefined ? undefined : domains.get(value)
      if (found) return found
    }
    return undefined
  }
}

/**
 * Whether required pod affinity keeps a pod off a node: nothing that it wants to be near is there.
 * Not asked where pods of a namespace that a term means were not looked at: what is not seen may be what it wants.
 */
export function podAffinityCheck(pod: Pod, view: View): NeighbourCheck | undefined {
  const { snapshot } = view
  const terms = nearTerms(pod)
  if (terms.length === 0 || !terms.every((term) => wasLookedAt(term, pod, snapshot))) return undefined
  const [closest = {}] = terms.toSorted((a, b) => Number(isAtHome(b)) - Number(isAtHome(a)))
  const wanted = placedWhere(closest, pod, snapshot).filter((other) =>
    terms.every((term) => isAbout(term, { from: pod, other, snapshot })),
  )
  // The first of its kind may go anywhere, or nobody could ever start.
  const first = wanted.length === 0 && terms.every((term) => isAbout(term, { from: pod, other: pod, snapshot }))
  const isNear = (term: PodTerm, node: Node): boolean => {
    const here = node.metadata.labels?.[term.topologyKey ?? '']
    if (here === undefined) return false
    return first || wanted.some((other) => domainOf(other, term.topologyKey, snapshot) === here)
  }
  return (node) => {
    const missed = terms.find((term) => !isNear(term, node))
    return (
      missed && {
        obstacle: 'pod-affinity',
        words: `no pod that its affinity by ${missed.topologyKey ?? ''} asks for is there`,
      }
    )
  }
}

function wasLookedAt(term: PodTerm, pod: Pod, snapshot: Snapshot): boolean {
  if (term.namespaceSelector !== undefined) return snapshot.look('pods') === 'listed'
  const named = term.namespaces ?? []
  const where = named.length === 0 ? [pod.metadata.namespace ?? ''] : named
  return where.every((namespace) => snapshot.look('pods', namespace) === 'listed')
}
