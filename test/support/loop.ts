import type { Memory } from '../../src/facts/memory.ts'
import type { ObjectStore } from '../../src/cluster/store.ts'
import { projected, snapshotOf, type Raw } from './build.ts'
import { cart } from './containers.ts'

/** One run of a made container, in milliseconds since 1970; `end` is left out while it goes on. */
export interface MadeRun {
  readonly start: number
  readonly end?: number | undefined
  readonly reason?: string | undefined
}

const iso = (at: number): string => new Date(Math.floor(at / 1000) * 1000).toISOString()

const terminated = ({ start, end = start, reason = 'Error' }: MadeRun): object => ({
  terminated: {
    exitCode: reason === 'OOMKilled' ? 137 : 1,
    reason,
    message: 'its own words',
    startedAt: iso(start),
    finishedAt: iso(end),
  },
})

/** What the kubelet says at a time of a container that ran so, as one that reports at once would: the present run and the one before. */
export function statusAt(runs: readonly MadeRun[], at: number): Record<string, unknown> {
  const begun = runs.filter(({ start }) => start <= at)
  const last = begun.at(-1)
  const before = begun.at(-2)
  if (!last) return { restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }
  const lastState = before ? { lastState: terminated(before) } : {}
  if (last.end === undefined || last.end > at)
    return { restartCount: begun.length - 1, state: { running: { startedAt: iso(last.start) } }, ...lastState }
  return {
    restartCount: begun.length - 1,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: terminated(last),
  }
}

/** Deployment shop/cart with its one pod at a time, made when its first run began. */
export const loopAt = (runs: readonly MadeRun[], at: number, made: number): Raw[] =>
  cart([{ status: statusAt(runs, at) }], { created: iso(made), status: { startTime: iso(made) } }).all

/** A cluster that is seen at single moments: each look is remembered as the change from the one before. */
export class Looks {
  #before: ObjectStore | undefined
  memory: Memory

  constructor(memory: Memory) {
    this.memory = memory
  }

  /** Goes on with what was kept: nothing was seen before. */
  restart(memory: Memory): void {
    this.memory = memory
    this.#before = undefined
  }

  /** Looks at these objects at a time in milliseconds; @returns the snapshot, and the keys that were touched. */
  look(objects: readonly Raw[], now: number): { snapshot: ObjectStore; touched: string[] } {
    const snapshot = snapshotOf(objects, { now })
    const touched = objects.map(projected).flatMap((after) => {
      const before = this.#before?.byUid(after.metadata.uid)
      return this.memory.changed({ before, after, witnessed: true, observedAt: now }, snapshot)
    })
    this.#before = snapshot
    return { snapshot, touched }
  }
}
