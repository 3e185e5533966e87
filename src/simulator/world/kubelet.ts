import { formatTime, MINUTE, SECOND } from '../../util/time.ts'
import type { Context } from './context.ts'
import type { Condition, KubeObject, Node, Pod } from './objects.ts'
import { PodLife } from './pod-life.ts'

const HEALTH: readonly (readonly [string, string, string])[] = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
]
const HEARTBEAT = 5 * MINUTE
/** How long a kubelet that is back does not tell of its node, in milliseconds. */
export const RETURN = 8 * SECOND

/** The kubelet of one node. */
export class Kubelet {
  readonly #context: Context
  readonly #name: string
  readonly #pods = new Map<string, PodLife>()
  readonly #images = new Set<string>()
  readonly #subnet: number
  #up = true
  #addresses = 0

  constructor(context: Context, node: Node, number: number) {
    this.#context = context
    this.#name = node.metadata.name
    this.#subnet = number
    context.engine.every(HEARTBEAT, () => this.heartbeat())
    for (const pod of context.store.onNode(this.#name)) this.#take(pod)
  }

  get up(): boolean {
    return this.#up
  }

  get pods(): Iterable<PodLife> {
    return this.#pods.values()
  }

  podLife(uid: string): PodLife | undefined {
    return this.#pods.get(uid)
  }

  /** The machine is cut off: its containers go on, and nobody hears of them. */
  fail(): void {
    this.#up = false
  }

  /** The machine is back: it ends what should long have ended, tells of its pods, and then of itself. */
  recover(): void {
    this.#up = true
    this.#context.engine.after(RETURN, () => this.heartbeat())
    for (const life of this.#pods.values()) {
      life.publish()
      if (life.pod.metadata.deletionTimestamp !== undefined) life.end()
    }
  }

  /** A pod of this node was made or changed. */
  changed(pod: Pod): void {
    const life = this.#pods.get(pod.metadata.uid ?? '')
    if (life) life.changed(pod)
    else this.#take(pod)
  }

  removed(pod: Pod): void {
    const { uid = '' } = pod.metadata
    this.#pods.get(uid)?.forget()
    this.#pods.delete(uid)
  }

  reconsider(workload: string): void {
    for (const life of this.#pods.values())
      if (this.#context.behaviours.nameOf(life.pod) === workload) life.reconsider()
  }

  /** Says that all is well, every five minutes while nothing changes. */
  heartbeat(): void {
    const { store, engine } = this.#context
    const node = store.get('Node', undefined, this.#name)
    if (node === undefined || !this.#up) return
    const now = formatTime(engine.now())
    const before = new Map(node.status?.conditions?.map((one) => [one.type, one]))
    const heard = (type: string, status: string, words: Pick<Condition, 'reason' | 'message'>): Condition => {
      const same = before.get(type)?.status === status
      const since = same ? (before.get(type)?.lastTransitionTime ?? now) : now
      return { type, status, lastHeartbeatTime: now, lastTransitionTime: since, ...words }
    }
    const conditions = [
      ...HEALTH.map(([type, reason, message]) => heard(type, 'False', { reason, message })),
      heard('Ready', 'True', { reason: 'KubeletReady', message: 'kubelet is posting ready status' }),
    ]
    store.update({ ...node, status: { ...node.status, conditions } })
  }

  #take(pod: Pod): void {
    const { engine } = this.#context
    const { uid = '', deletionTimestamp } = pod.metadata
    if (isOver(pod) && deletionTimestamp === undefined) return
    const life = new PodLife(this.#context, this.#placeOf(), pod)
    this.#pods.set(uid, life)
    engine.after(SECOND * (0.1 + 0.4 * engine.random()), () => {
      if (deletionTimestamp === undefined) life.begin()
      else life.end()
    })
  }

  #placeOf(): ConstructorParameters<typeof PodLife>[1] {
    const host = this.#addresses++
    return {
      hostIP: `10.0.${this.#subnet}.10`,
      podIP: `10.244.${(this.#subnet + 4 * Math.floor(host / 240)) % 256}.${(host % 240) + 10}`,
      up: () => this.#up,
      hasImage: (image) => {
        const had = this.#images.has(image)
        this.#images.add(image)
        return had
      },
    }
  }
}

const isOver = (object: KubeObject): boolean => {
  const { status } = object as Pod
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** The kubelets of all nodes, each told of the pods of its node. */
export class Kubelets {
  readonly #context: Context
  readonly #kubelets = new Map<string, Kubelet>()

  constructor(context: Context) {
    this.#context = context
    const { store, behaviours } = context
    for (const node of store.list('Node')) this.#join(node)
    store.on(['Node'], ({ before, after }) => {
      if (after) this.#join(after as Node)
      else if (before) this.#kubelets.delete(before.metadata.name)
    })
    store.on(['Pod'], ({ before, after }) => this.#podChanged(before as Pod | undefined, after as Pod | undefined))
    behaviours.onChange((workload) => {
      for (const kubelet of this.#kubelets.values()) kubelet.reconsider(workload)
    })
  }

  of(node: string | undefined): Kubelet | undefined {
    return node === undefined ? undefined : this.#kubelets.get(node)
  }

  #join(node: Node): void {
    const { name } = node.metadata
    if (this.#kubelets.has(name)) return
    // It is known before it first speaks.
    const { engine } = this.#context
    const number = this.#kubelets.size
    const kubelet = new Kubelet(this.#context, node, number)
    this.#kubelets.set(name, kubelet)
    engine.after(0, () => kubelet.heartbeat())
  }

  #podChanged(before: Pod | undefined, after: Pod | undefined): void {
    const kubelet = this.of((after ?? before)?.spec.nodeName)
    if (kubelet === undefined) return
    if (after) kubelet.changed(after)
    else if (before) kubelet.removed(before)
  }
}
