import { formatTime, MINUTE, SECOND } from '../../util/time.ts'
import { isTrue, withCondition } from './conditions.ts'
import type { Context } from './context.ts'
import { RETURN, type Kubelets } from './kubelet.ts'
import type { Condition, Node, Pod, Taint, Toleration } from './objects.ts'
import { deletePod, isFinished } from './pods.ts'

const GRACE = 40 * SECOND
const LOOK = 5 * SECOND
const KEY = 'node.kubernetes.io/unreachable'
const CORDON = 'node.kubernetes.io/unschedulable'
const LOST: Pick<Condition, 'status' | 'reason' | 'message'> = {
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
}
// What a node says of itself; the cloud says the rest.
const OWN = new Set(['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'])

/** Notices nodes that no longer speak, marks their pods, and evicts what does not tolerate it for long. */
export class NodeLifecycle {
  readonly #context: Context
  readonly #kubelets: Kubelets
  readonly #failed = new Map<string, () => void>()

  constructor(context: Context, kubelets: Kubelets) {
    this.#context = context
    this.#kubelets = kubelets
    const { store, engine } = context
    store.on(['Node'], ({ after }) => {
      if (after) engine.after(50, () => this.#cordon(after as Node))
    })
  }

  /** A node falls silent. */
  fail(name: string): void {
    const kubelet = this.#kubelets.of(name)
    if (!kubelet?.up) return
    kubelet.fail()
    const { engine } = this.#context
    const off = engine.after(GRACE + LOOK * engine.random(), () => this.#lose(name))
    this.#failed.set(name, off)
  }

  /** It speaks again. */
  recover(name: string): void {
    this.#failed.get(name)?.()
    this.#failed.delete(name)
    this.#kubelets.of(name)?.recover()
    const { engine } = this.#context
    engine.after(RETURN + LOOK * engine.random(), () => this.#welcome(name))
  }

  #node(name: string): Node | undefined {
    return this.#context.store.get('Node', undefined, name)
  }

  #lose(name: string): void {
    const { store, engine, events } = this.#context
    const node = this.#node(name)
    if (node === undefined) return
    const conditions = (node.status?.conditions ?? []).map((one) =>
      OWN.has(one.type) ? { ...one, ...LOST, lastTransitionTime: formatTime(engine.now()) } : one,
    )
    const lost = this.#taint({ ...node, status: { ...node.status, conditions } }, ['NoSchedule', 'NoExecute'])
    const message = `Node ${name} status is now: NodeNotReady`
    events.record(lost, { reason: 'NodeNotReady', message, component: 'node-controller' })
    for (const pod of store.onNode(name)) this.#strand(pod)
  }

  #taint(node: Node, effects: readonly string[]): Node {
    const timeAdded = formatTime(this.#context.engine.now())
    const others = (node.spec.taints ?? []).filter(({ key }) => key !== KEY)
    const taints: Taint[] = [...others, ...effects.map((effect) => ({ key: KEY, effect, timeAdded }))]
    const { taints: _, ...spec } = node.spec
    return this.#context.store.update({ ...node, spec: taints.length > 0 ? { ...spec, taints } : spec })
  }

  #strand(pod: Pod): void {
    const { store, engine, events } = this.#context
    if (isFinished(pod)) return
    if (isTrue(pod.status?.conditions, 'Ready')) {
      const conditions = withCondition(pod.status?.conditions, { type: 'Ready', status: 'False' }, engine.now())
      store.change(pod, (now) => ({ ...now, status: { phase: 'Running', ...now.status, conditions } }))
      events.record(pod, {
        reason: 'NodeNotReady',
        type: 'Warning',
        message: 'Node is not ready',
        component: 'node-controller',
      })
    }
    const tolerated = toleratedFor(pod)
    if (tolerated !== undefined) engine.after(tolerated * SECOND, () => this.#evict(pod))
  }

  #evict(pod: Pod): void {
    const { engine, events, store } = this.#context
    const node = this.#node(pod.spec.nodeName ?? '')
    const now = store.fresh(pod)
    if (
      now === undefined ||
      !(node?.spec.taints ?? []).some(({ key, effect }) => key === KEY && effect === 'NoExecute')
    )
      return
    const message = `Marking for deletion Pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
    events.record(now, { reason: 'TaintManagerEviction', message, component: 'taint-eviction-controller' })
    deletePod(this.#context, now, {
      type: 'DisruptionTarget',
      observedGeneration: 1,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: formatTime(engine.now()),
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    })
  }

  #welcome(name: string): void {
    const node = this.#node(name)
    if (node === undefined || !this.#kubelets.of(name)?.up) return
    const back = this.#taint(node, [])
    const message = `Node ${name} status is now: NodeReady`
    this.#context.events.record(back, { reason: 'NodeReady', message, component: 'kubelet', host: name })
  }

  // A cordon shows as a taint too.
  #cordon(node: Node): void {
    const now = this.#context.store.fresh(node)
    if (now === undefined) return
    const tainted = (now.spec.taints ?? []).some(({ key }) => key === CORDON)
    if (tainted === (now.spec.unschedulable === true)) return
    const others = (now.spec.taints ?? []).filter(({ key }) => key !== CORDON)
    const timeAdded = formatTime(this.#context.engine.now())
    const taints = tainted ? others : [...others, { key: CORDON, effect: 'NoSchedule', timeAdded }]
    const { taints: _, ...spec } = now.spec
    this.#context.store.update({ ...now, spec: taints.length > 0 ? { ...spec, taints } : spec })
  }
}

/** Seconds for which a pod stays on a node that is unreachable; nothing when it stays for good. */
function toleratedFor({ spec }: Pod): number | undefined {
  const matching = (spec.tolerations ?? []).filter(
    ({ key, effect }: Toleration) =>
      (key === KEY || key === undefined) && (effect === 'NoExecute' || effect === undefined),
  )
  if (matching.length === 0) return 0
  const seconds = matching.map(({ tolerationSeconds }) => tolerationSeconds).filter((found) => found !== undefined)
  return seconds.length === 0 ? undefined : Math.min(...seconds, 30 * MINUTE)
}
