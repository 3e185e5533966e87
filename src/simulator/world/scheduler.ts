import { MINUTE } from '../../util/time.ts'
import { claimNeeds } from './claims.ts'
import { withCondition } from './conditions.ts'
import type { Context } from './context.ts'
import type { Node, Pod } from './objects.ts'
import { fullness, objectionOf, refusalWords, type Objection } from './placement.ts'
import { isDeleting } from './pods.ts'
import { WorkQueue } from './queue.ts'
import { Rooms } from './rooms.ts'

const SIBLING = 0.5
const COMPONENT = 'default-scheduler'

/** Binds pods to nodes, and says of each that no node takes why. */
export class Scheduler {
  readonly #context: Context
  readonly #queue: WorkQueue<Pod>
  readonly #rooms: Rooms
  readonly #refused = new Map<string, Pod>()

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#rooms = new Rooms(store)
    this.#queue = new WorkQueue<Pod>({ engine, store, delay: 10, look: (pod) => this.#place(pod) })
    for (const pod of store.list('Pod')) this.#add(pod)
    store.on(['Pod'], ({ before, after }) => {
      if (after && before === undefined) this.#add(after as Pod)
      if (after && before && (before as Pod).spec.schedulingGates !== undefined) this.#add(after as Pod)
      if (after === undefined && before) this.#gone(before as Pod)
    })
    store.on(['Node', 'PersistentVolumeClaim', 'StorageClass'], ({ before, after }) => {
      if (before === undefined || after === undefined || roomMayHaveChanged(before as Node, after as Node))
        this.#retry()
    })
    engine.every(5 * MINUTE, () => this.#retry())
  }

  #add(pod: Pod): void {
    if (pod.spec.nodeName !== undefined) return
    this.#queue.add(pod)
  }

  #gone(pod: Pod): void {
    this.#refused.delete(pod.metadata.uid ?? '')
    if (pod.spec.nodeName !== undefined) this.#retry()
  }

  #retry(): void {
    for (const pod of this.#refused.values()) this.#queue.add(pod)
  }

  #place(pod: Pod): void {
    const { store } = this.#context
    if (pod.spec.nodeName !== undefined || isDeleting(pod)) return
    if ((pod.spec.schedulingGates ?? []).length > 0) return this.#gate(pod)
    const nodes = store.list('Node').toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    const needs = claimNeeds(pod, store)
    if (needs.refusal !== undefined) return this.#refuse(pod, `0/${nodes.length} nodes are available: ${needs.refusal}`)
    const { best, objections } = this.#choose(pod, nodes)
    if (best === undefined) this.#refuse(pod, refusalWords(objections))
    else this.#bind(pod, best.metadata.name)
  }

  #choose(pod: Pod, nodes: readonly Node[]): { readonly best: Node | undefined; readonly objections: Objection[] } {
    const objections: Objection[] = []
    let best: { readonly node: Node; readonly full: number } | undefined
    for (const node of nodes) {
      const objection = objectionOf(pod, node, this.#rooms)
      if (objection) {
        objections.push(objection)
        continue
      }
      const full = fullness(pod, node, this.#rooms) + SIBLING * this.#siblings(pod, node)
      if (best === undefined || full < best.full) best = { node, full }
    }
    return { best: best?.node, objections }
  }

  // Pods of one owner are spread, and only then the emptier node is taken.
  #siblings(pod: Pod, { metadata }: Node): number {
    const owner = pod.metadata.ownerReferences?.[0]?.uid
    const there = this.#context.store.onNode(metadata.name)
    return there.filter((one) => one.metadata.ownerReferences?.[0]?.uid === owner).length
  }

  #bind(pod: Pod, nodeName: string): void {
    const { store, engine, events } = this.#context
    this.#refused.delete(pod.metadata.uid ?? '')
    const scheduled = { type: 'PodScheduled', status: 'True', observedGeneration: 1, lastProbeTime: null }
    const conditions = withCondition(pod.status?.conditions, scheduled, engine.now())
    const bound = store.update({
      ...pod,
      spec: { ...pod.spec, nodeName },
      status: { ...pod.status, phase: 'Pending', conditions },
      metadata: { ...pod.metadata, generation: 1 },
    })
    const message = `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${nodeName}`
    events.record(bound, { reason: 'Scheduled', message, component: COMPONENT })
  }

  #refuse(pod: Pod, message: string): void {
    this.#refused.set(pod.metadata.uid ?? '', pod)
    this.#unscheduled(pod, 'Unschedulable', message)
    this.#context.events.record(pod, { reason: 'FailedScheduling', message, type: 'Warning', component: COMPONENT })
  }

  #gate(pod: Pod): void {
    this.#unscheduled(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates')
  }

  #unscheduled(pod: Pod, reason: string, message: string): void {
    const { store, engine } = this.#context
    const said = { type: 'PodScheduled', status: 'False', observedGeneration: 1, lastProbeTime: null, reason, message }
    store.change(pod, (now) => ({
      ...now,
      status: {
        ...now.status,
        phase: 'Pending',
        conditions: withCondition(now.status?.conditions, said, engine.now()),
      },
    }))
  }
}

// A heartbeat changes no room.
const roomMayHaveChanged = (before: Node, after: Node): boolean =>
  before.spec !== after.spec ||
  before.status?.allocatable !== after.status?.allocatable ||
  before.metadata.labels !== after.metadata.labels
