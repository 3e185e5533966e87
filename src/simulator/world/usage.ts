import { MINUTE, SECOND } from '../../util/time.ts'
import type { MetricsProvider } from '../metrics.ts'
import type { Draft } from '../object.ts'
import type { Context } from './context.ts'
import { noise, seedOf, type Usage } from './curve.ts'
import type { Kubelets } from './kubelet.ts'
import type { KubeObject, Node, Pod } from './objects.ts'

const WINDOW = MINUTE
// The kubelet, the runtime and the system.
const OWN_USE: Usage = { cpuCores: 0.09, memoryBytes: 780 * 2 ** 20 }

const nanos = (cores: number): string => `${Math.max(0, Math.round(cores * 1e9))}n`
const kibis = (bytes: number): string => `${Math.round(bytes / 1024)}Ki`

/** What metrics.k8s.io answers: one sample a minute of each container that runs, from what its script says that it uses. */
export class Metrics implements MetricsProvider {
  readonly #context: Context
  readonly #kubelets: Kubelets

  constructor(context: Context, kubelets: Kubelets) {
    this.#context = context
    this.#kubelets = kubelets
  }

  /** What a pod uses by its last sample; nothing while there is none. */
  ofPod(pod: Pod): Usage | undefined {
    const containers = this.#containers(pod, this.#sampled(pod.metadata.uid))
    return containers.length === 0 ? undefined : sumOf(containers.map(({ usage }) => usage))
  }

  /** What there is of a kind, by namespace and name. */
  list(kind: 'PodMetrics' | 'NodeMetrics'): Draft[] {
    const { store } = this.#context
    const all =
      kind === 'PodMetrics'
        ? store.list('Pod').map((pod) => this.#podMetrics(pod))
        : store.list('Node').map((node) => this.#nodeMetrics(node))
    return all
      .filter((found) => found !== undefined)
      .toSorted(byName)
      .map((one) => ({ ...one, metadata: { ...one.metadata } }))
  }

  #podMetrics(pod: Pod): KubeObject | undefined {
    const at = this.#sampled(pod.metadata.uid)
    const containers = this.#containers(pod, at)
    if (containers.length === 0) return undefined
    const { name, namespace, labels = {} } = pod.metadata
    const said = containers.map((one) => ({ name: one.name, usage: written(one.usage) }))
    return {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata: { name, ...(namespace === undefined ? {} : { namespace }), creationTimestamp: this.#now(), labels },
      timestamp: seconds(at),
      window: windowOf(at),
      containers: said,
    }
  }

  #nodeMetrics({ metadata }: Node): KubeObject | undefined {
    const { name, labels = {}, uid } = metadata
    if (this.#kubelets.of(name)?.up !== true) return undefined
    const at = this.#sampled(uid)
    const used = this.#context.store.onNode(name).flatMap((pod) => this.#containers(pod, at))
    return {
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'NodeMetrics',
      metadata: { name, creationTimestamp: this.#now(), labels },
      timestamp: seconds(at),
      window: windowOf(at),
      usage: written(sumOf([OWN_USE, ...used.map(({ usage }) => usage)])),
    }
  }

  // A container counts from its second sample on.
  #containers(pod: Pod, at: number): { readonly name: string; readonly usage: Usage }[] {
    const kubelet = this.#kubelets.of(pod.spec.nodeName)
    const life = kubelet?.up === true ? kubelet.podLife(pod.metadata.uid ?? '') : undefined
    const seed = seedOf(pod.metadata.uid ?? '')
    return (life?.lives ?? []).flatMap(({ spec, run, startedAt, since }) =>
      run === undefined || at - startedAt < 15 * SECOND
        ? []
        : [{ name: spec.name, usage: run.curve(at, { since, seed }) }],
    )
  }

  // Nodes are asked one after another.
  #sampled(uid = ''): number {
    const offset = Math.floor((noise(seedOf(uid)) * WINDOW) / SECOND) * SECOND
    return Math.floor((this.#context.engine.now() - offset) / WINDOW) * WINDOW + offset
  }

  #now(): string {
    return seconds(this.#context.engine.now())
  }
}

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`
const windowOf = (at: number): string => `${(10 + 10 * noise(at)).toFixed(3)}s`
const written = ({ cpuCores, memoryBytes }: Usage): object => ({ cpu: nanos(cpuCores), memory: kibis(memoryBytes) })
const sumOf = (all: readonly Usage[]): Usage => ({
  cpuCores: all.reduce((sum, { cpuCores }) => sum + cpuCores, 0),
  memoryBytes: all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
})
const byName = (a: KubeObject, b: KubeObject): number => {
  const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}
