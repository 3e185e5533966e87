import { parseQuantity } from '../../util/quantity.ts'
import { matchesLabels } from '../../util/selector.ts'
import type { Node, Pod, Taint, Toleration } from './objects.ts'
import { amountsOf, wantedBy, type Rooms } from './rooms.ts'

const tolerates = ({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean => {
  if (effect !== undefined && effect !== taint.effect) return false
  if (key === undefined) return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}

export const toleratesAll = (pod: Pick<Pod, 'spec'>, { spec }: Node, effects: readonly string[]): boolean =>
  (spec.taints ?? [])
    .filter(({ effect }) => effects.includes(effect))
    .every((taint) => (pod.spec.tolerations ?? []).some((one) => tolerates(one, taint)))

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Why a node does not take a pod, and whether it would if others went. */
export interface Objection {
  readonly reason: string
  readonly curable: boolean
}

const objection = (reason: string, curable = false): Objection => ({ reason, curable })

/** The first objection of a node to a pod, in the scheduler's order; nothing when the node takes it. */
export function objectionOf(pod: Pod, node: Node, rooms: Rooms): Objection | undefined {
  const cordoned = node.spec.unschedulable === true
  if (cordoned && !(pod.spec.tolerations ?? []).some((one) => tolerates(one, UNSCHEDULABLE)))
    return objection('node(s) were unschedulable')
  if (!toleratesAll(pod, node, ['NoSchedule', 'NoExecute'])) return objection('node(s) had untolerated taint(s)')
  if (!matchesLabels(node.metadata.labels, pod.spec.nodeSelector ?? {}))
    return objection("node(s) didn't match Pod's node affinity/selector")
  return shortOf(pod, node, rooms)
}

function shortOf(pod: Pod, node: Node, rooms: Rooms): Objection | undefined {
  const { allocatable = {} } = node.status ?? {}
  const taken = rooms.takenOn(node.metadata.name)
  const most = parseQuantity(allocatable['pods'])
  if (most !== undefined && taken.pods >= most) return objection('Too many pods', true)
  const room = amountsOf(allocatable)
  const wanted = wantedBy(pod)
  if (wanted.milliCores > 0 && taken.milliCores + wanted.milliCores > room.milliCores)
    return objection('Insufficient cpu', wanted.milliCores <= room.milliCores)
  if (wanted.bytes > 0 && taken.bytes + wanted.bytes > room.bytes)
    return objection('Insufficient memory', wanted.bytes <= room.bytes)
  return undefined
}

/** How full a node would be, from 0 to 1: the emptier, the better. */
export function fullness(pod: Pod, node: Node, rooms: Rooms): number {
  const taken = rooms.takenOn(node.metadata.name)
  const room = amountsOf(node.status?.allocatable ?? {})
  const wanted = wantedBy(pod)
  return (taken.milliCores + wanted.milliCores) / room.milliCores / 2 + (taken.bytes + wanted.bytes) / room.bytes / 2
}

/** What the scheduler says when no node takes a pod. */
export function refusalWords(objections: readonly Objection[]): string {
  const total = objections.length
  const counted = new Map<string, number>()
  for (const { reason } of objections) counted.set(reason, (counted.get(reason) ?? 0) + 1)
  const reasons = [...counted].map(([reason, count]) => `${count} ${reason}`).toSorted()
  const curable = objections.filter((one) => one.curable).length
  const preemption = [
    ...(curable > 0 ? [`${curable} No preemption victims found for incoming pod`] : []),
    ...(total > curable ? [`${total - curable} Preemption is not helpful for scheduling`] : []),
  ]
  return `0/${total} nodes are available: ${reasons.join(', ')}. no new claims to deallocate, preemption: 0/${total} nodes are available: ${preemption.join(', ')}.`
}
