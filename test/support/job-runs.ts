import { Memory } from '../../src/facts/memory.ts'
import type { ObjectStore } from '../../src/cluster/store.ts'
import { formatTime, MINUTE } from '../../src/util/time.ts'
import { cronJob, job, pod, podMetrics, projected, snapshotOf, type Raw } from './build.ts'

/** A run of a CronJob, and how it is looked at. */
export interface MadeRunOfJob {
  /** When it begins, in milliseconds. */
  readonly at: number
  readonly minutes: number
  /** Milliseconds between two looks; default a minute. */
  readonly every?: number
  readonly cpu: number
  readonly memory: number
  readonly ends?: 'Complete' | 'Failed' | 'removed' | 'unnoticed'
  readonly resources?: object
}

const TOP = cronJob({ name: 'nightly', spec: { schedule: '0 3 * * *' } })
export const NIGHTLY = 'CronJob/shop/nightly/app'

/** Runs of the CronJob shop/nightly, one after another, as a memory hears of them. */
export class JobRuns {
  memory = new Memory()
  readonly #top: Raw | null
  #count = 0

  /** Without a CronJob each Job is its own. */
  constructor(top: Raw | null = TOP) {
    this.#top = top
  }

  /** @returns the snapshot once it is over, and what was touched by its end. */
  run(one: MadeRunOfJob): { snapshot: ObjectStore; touched: readonly string[]; pod: string } {
    const { at, minutes, every = MINUTE, ends = 'Complete' } = one
    const [name, end] = [`nightly-${this.#count++}`, at + minutes * MINUTE]
    const going = this.#objects(name, one)
    this.#change(undefined, going[0], going)
    for (let look = at + every; look < end; look += every) this.#sample(name, look, one, going)
    if (ends === 'unnoticed') return { snapshot: snapshotOf(going), touched: [], pod: `${name}-x` }
    const over = this.#objects(name, { ...one, ends }, end)
    const touched = this.#change(going[0], ends === 'removed' ? undefined : over[0], over, end)
    return { snapshot: snapshotOf(over), touched, pod: `${name}-x` }
  }

  /** A look at the use of the run that a snapshot holds. */
  late(at: number, { snapshot }: { snapshot: ObjectStore }, name: string): void {
    this.memory.changed(
      { before: undefined, after: metrics(name, at, { cpu: 9, memory: 9 }), witnessed: true, observedAt: at },
      snapshot,
    )
  }

  #objects(name: string, { at, resources, ends }: MadeRunOfJob, end?: number): Raw[] {
    const created = formatTime(at)
    const finishedAt = formatTime(end ?? at)
    const conditions = end === undefined ? [] : [{ type: ends, status: 'True', lastTransitionTime: finishedAt }]
    const made = job({
      name,
      created,
      ...(this.#top ? { owner: this.#top } : {}),
      status: { startTime: created, conditions },
    })
    const state = end === undefined ? { running: { startedAt: created } } : { terminated: { exitCode: 0, finishedAt } }
    const own = pod({
      name: `${name}-x`,
      created,
      owner: made,
      spec: { containers: [{ name: 'app', image: 'nightly:1', resources }] },
      status: {
        phase: end === undefined ? 'Running' : 'Succeeded',
        startTime: created,
        containerStatuses: [{ name: 'app', restartCount: 0, state }],
      },
    })
    return [made, own, ...(this.#top ? [this.#top] : [])]
  }

  #change(before: Raw | undefined, after: Raw | undefined, all: readonly Raw[], at = 0): readonly string[] {
    const of = (raw: Raw | undefined) => raw && projected(raw)
    return this.memory.changed(
      { before: of(before), after: of(after), witnessed: true, observedAt: at },
      snapshotOf(all),
    )
  }

  #sample(name: string, at: number, use: MadeRunOfJob, all: readonly Raw[]): void {
    const after = metrics(`${name}-x`, at, use)
    this.memory.changed({ before: undefined, after, witnessed: true, observedAt: at }, snapshotOf(all))
  }
}

const metrics = (name: string, at: number, { cpu, memory }: Pick<MadeRunOfJob, 'cpu' | 'memory'>) =>
  projected(
    podMetrics({
      name,
      timestamp: formatTime(at),
      window: '15s',
      containers: [{ name: 'app', usage: { cpu: `${Math.round(cpu * 1e9)}n`, memory: String(memory) } }],
    }),
  )
