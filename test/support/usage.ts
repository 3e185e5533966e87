import type { Snapshot } from '../../src/cluster/snapshot.ts'
import type { Memory } from '../../src/facts/memory.ts'
import type { MemoryEntry } from '../../src/facts/memory-entry.ts'
import type { ObjectStore } from '../../src/cluster/store.ts'
import { podMetrics, projected, snapshotOf, type Raw } from './build.ts'

/** What a memory gives to be kept, as it comes back from a file; of what is there, when all of it is seen. */
export const kept = (memory: Memory, there?: Snapshot): MemoryEntry[] =>
  [...memory.entries(there && ((uid) => there.byUid(uid)))].map(({ section, key, value }) => ({
    section,
    key,
    value: throughJson(value),
  }))

function throughJson(value: unknown): unknown {
  const read: unknown = JSON.parse(JSON.stringify(value))
  return read
}

/** What a container of a pod used at a time in milliseconds. */
export interface Use {
  readonly at: number
  readonly cpu: number | string
  readonly memory: number | string
  /** When dogwatch hears of it; default at once. */
  readonly heard?: number | undefined
}

/** Samples of one pod's container after one another, as the mirror would hand them on. */
export class Meter {
  readonly #memory: Memory
  readonly #snapshot: ObjectStore
  readonly #pod: { readonly name: string; readonly container: string }
  #before: ReturnType<typeof projected> | undefined

  constructor(memory: Memory, objects: readonly Raw[], pod = { name: 'cart-6d4f-x2x4z', container: 'app' }) {
    this.#memory = memory
    this.#snapshot = snapshotOf(objects)
    this.#pod = pod
  }

  /** @returns the keys that were touched. */
  take({ at, cpu, memory, heard = at }: Use): readonly string[] {
    const after = projected(
      podMetrics({
        name: this.#pod.name,
        timestamp: new Date(at).toISOString(),
        window: '15s',
        containers: [{ name: this.#pod.container, usage: { cpu: text(cpu, 'n', 1e9), memory: text(memory, '', 1) } }],
      }),
    )
    const touched = this.#memory.changed(
      { before: this.#before, after, witnessed: true, observedAt: heard },
      this.#snapshot,
    )
    this.#before = after
    return touched
  }

  /** Steady use from one time up to another, in so many milliseconds after one another. */
  steady(
    span: { readonly from: number; readonly to: number; readonly every: number },
    use: Pick<Use, 'cpu' | 'memory'>,
  ): void {
    for (let at = span.from; at <= span.to; at += span.every) this.take({ at, ...use })
  }
}

const text = (amount: number | string, suffix: string, factor: number): string =>
  typeof amount === 'string' ? amount : `${Math.round(amount * factor)}${suffix}`
