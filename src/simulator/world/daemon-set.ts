import type { Context } from './context.ts'
import { templateHash } from './deployment.ts'
import type { Node, Pod, Toleration } from './objects.ts'
import { toleratesAll } from './placement.ts'
import { createPod, deletePod, isActive, isFinished, isReady } from './pods.ts'
import { WorkQueue } from './queue.ts'
import { matchesLabels } from '../../util/selector.ts'
import type { DaemonSet } from './workload-objects.ts'

const COMPONENT = 'daemonset-controller'
const RETRY = 10_000
const HOST = 'kubernetes.io/hostname'

// The pods of a DaemonSet stay where a node is in trouble.
const STAYS: readonly Toleration[] = [
  ...['not-ready', 'unreachable'].map((key) => ({ key: `node.kubernetes.io/${key}`, effect: 'NoExecute' })),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    effect: 'NoSchedule',
  })),
].map((toleration) => ({ ...toleration, operator: 'Exists' }))

/** Keeps one pod of each DaemonSet on every node that it is for. */
export class DaemonSets {
  readonly #context: Context
  readonly #queue: WorkQueue<DaemonSet>

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<DaemonSet>({ engine, store, delay: 30, look: (set) => this.#look(set) })
    const addAll = (): void => {
      for (const set of store.list('DaemonSet')) this.#queue.add(set)
    }
    addAll()
    store.on(['DaemonSet'], ({ after }) => after && this.#queue.add(after as DaemonSet))
    store.on(['Node'], ({ before, after }) => {
      if (before === undefined || after === undefined || (before as Node).spec !== (after as Node).spec) addAll()
    })
    store.on(['Pod'], ({ before, after }) => {
      const pod = after ?? before
      const owner = pod?.metadata.ownerReferences?.find(({ kind }) => kind === 'DaemonSet')
      const found = owner && store.get('DaemonSet', pod?.metadata.namespace, owner.name)
      if (found) this.#queue.add(found)
    })
  }

  #look(set: DaemonSet): void {
    if (set.metadata.deletionTimestamp !== undefined) return
    const { store } = this.#context
    const nodes = store.list('Node').filter((node) => isFor(set, node))
    const pods = store.owned('Pod', set)
    for (const pod of pods.filter(isFinished)) deletePod(this.#context, pod)
    for (const { metadata } of nodes)
      if (!pods.some((pod) => isActive(pod) && pod.spec.nodeSelector?.[HOST] === metadata.name))
        this.#create(set, metadata.name)
    this.#say(set, nodes)
  }

  #create(set: DaemonSet, node: string): void {
    const { template } = set.spec
    const tolerations = [...(template.spec.tolerations ?? []), ...STAYS]
    const made = createPod(this.#context, {
      owner: set,
      template: { ...template, spec: { ...template.spec, tolerations } },
      labels: { 'controller-revision-hash': templateHash(template), 'pod-template-generation': '1' },
      nodeSelector: { [HOST]: node },
    })
    if (typeof made === 'string') return this.#queue.addAt(set, this.#context.engine.now() + RETRY)
    const message = `Created pod: ${made.metadata.name}`
    this.#context.events.record(set, { reason: 'SuccessfulCreate', message, component: COMPONENT })
  }

  #say(set: DaemonSet, nodes: readonly Node[]): void {
    const { store } = this.#context
    const pods = store.owned('Pod', set).filter(isActive)
    const ready = pods.filter(isReady).length
    const missing = nodes.length - ready
    const status = {
      currentNumberScheduled: pods.filter(isPlaced).length,
      numberMisscheduled: 0,
      desiredNumberScheduled: nodes.length,
      numberReady: ready,
      observedGeneration: set.metadata.generation ?? 1,
      updatedNumberScheduled: pods.length,
      ...(ready > 0 ? { numberAvailable: ready } : {}),
      ...(missing > 0 ? { numberUnavailable: missing } : {}),
    }
    store.change(set, (now) => ({ ...now, status }))
  }
}

const isPlaced = ({ spec }: Pod): boolean => spec.nodeName !== undefined

function isFor({ spec }: DaemonSet, node: Node): boolean {
  const pod = { spec: { ...spec.template.spec, tolerations: [...(spec.template.spec.tolerations ?? []), ...STAYS] } }
  return (
    matchesLabels(node.metadata.labels, spec.template.spec.nodeSelector ?? {}) &&
    toleratesAll(pod, node, ['NoSchedule', 'NoExecute'])
  )
}
