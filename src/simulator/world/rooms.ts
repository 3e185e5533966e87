import { perObject } from '../../util/per-object.ts'
import { parseQuantity } from '../../util/quantity.ts'
import type { Labels, Pod, PodSpec } from './objects.ts'
import type { Store } from './store.ts'

/** Whole numbers, so that sums come out the same in any order. */
export interface Amounts {
  readonly milliCores: number
  readonly bytes: number
}

export interface Taken extends Amounts {
  readonly pods: number
}

export const amountsOf = (list: Labels): Amounts => ({
  milliCores: Math.round((parseQuantity(list['cpu']) ?? 0) * 1000),
  bytes: Math.round(parseQuantity(list['memory']) ?? 0),
})

/** What the containers of a pod ask for together. */
export const wantedBy = ({ spec }: { readonly spec: PodSpec }): Amounts => WANTED(spec)

const WANTED = perObject(({ containers }: PodSpec): Amounts => {
  const all = containers.map(({ resources }) => amountsOf(resources?.requests ?? {}))
  return {
    milliCores: all.reduce((total, { milliCores }) => total + milliCores, 0),
    bytes: all.reduce((total, { bytes }) => total + bytes, 0),
  }
})

const NOTHING: Taken = { milliCores: 0, bytes: 0, pods: 0 }
const takes = (pod: Pod): boolean =>
  pod.spec.nodeName !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'

/** What the pods of each node have taken of it. */
export class Rooms {
  readonly #taken = new Map<string, Taken>()

  constructor(store: Store) {
    for (const pod of store.list('Pod')) this.#add(pod, 1)
    store.on(['Pod'], ({ before, after }) => {
      if (before) this.#add(before as Pod, -1)
      if (after) this.#add(after as Pod, 1)
    })
  }

  takenOn(node: string): Taken {
    return this.#taken.get(node) ?? NOTHING
  }

  #add(pod: Pod, sign: 1 | -1): void {
    if (!takes(pod)) return
    const node = pod.spec.nodeName ?? ''
    const { milliCores, bytes } = wantedBy(pod)
    const before = this.takenOn(node)
    this.#taken.set(node, {
      milliCores: before.milliCores + sign * milliCores,
      bytes: before.bytes + sign * bytes,
      pods: before.pods + sign,
    })
  }
}
