import type { Behaviour } from './behaviour.ts'
import { serves } from './behaviour.ts'
import { idle } from './curve.ts'
import type { KubeObject, Pod } from './objects.ts'
import type { Store } from './store.ts'

/** The workload that a pod belongs to: the last owner of the chain that is there, the pod itself when nobody owns it. */
export function workloadOf(pod: KubeObject, store: Store): { readonly kind: string; readonly name: string } {
  let at: KubeObject = pod
  for (;;) {
    const owner = at.metadata.ownerReferences?.find(({ controller }) => controller === true)
    const found = owner && store.owner(owner, pod.metadata.namespace)
    if (!found) return owner ?? { kind: at.kind, name: at.metadata.name }
    at = found
  }
}

const ANY_IMAGE = ''
const DEFAULT: Behaviour = serves(idle(0.003, 16))

/** Who does what: the script of each workload, and of each image of it. A release that crashes is an image that crashes. */
export class Behaviours {
  readonly #store: Store
  readonly #scripts = new Map<string, Map<string, Behaviour>>()
  readonly #listeners: ((workload: string) => void)[] = []

  constructor(store: Store) {
    this.#store = store
  }

  /** `workload` is `namespace/name`; without an image, for every image that has no script of its own. From now on: what runs changes its ways. */
  set(workload: string, behaviour: Behaviour, image = ANY_IMAGE): void {
    const scripts = this.#scripts.get(workload)
    if (scripts) scripts.set(image, behaviour)
    else this.#scripts.set(workload, new Map([[image, behaviour]]))
    for (const listener of this.#listeners) listener(workload)
  }

  /** Tells which workload has another script. */
  onChange(listener: (workload: string) => void): void {
    this.#listeners.push(listener)
  }

  nameOf(pod: Pod): string {
    return `${pod.metadata.namespace ?? ''}/${workloadOf(pod, this.#store).name}`
  }

  of(pod: Pod, image: string): Behaviour {
    const scripts = this.#scripts.get(this.nameOf(pod))
    return scripts?.get(image) ?? scripts?.get(ANY_IMAGE) ?? DEFAULT
  }
}
