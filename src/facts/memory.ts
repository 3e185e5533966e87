import type * as z from 'zod'
import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Change } from '../cluster/mirror.ts'
import type { MeasuredUsage } from '../cluster/prometheus.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import type { Run } from './container-history.ts'
import { FlipHistory } from './history-flips.ts'
import { killsIn } from './history-kills.ts'
import { OwnerHistory } from './history-owners.ts'
import { RunHistory } from './history-runs.ts'
import { FLIPS, OWNERS, RUNS, WHOLE, type MemoryEntry } from './memory-entry.ts'
import type { Flips, OwnerPast, Past } from './past.ts'
import { usageOf } from './usage-measured.ts'
import { runEndedBy } from './usage-run-end.ts'
import { Sampling, type SampleOutcome } from './usage-sampling.ts'
import { isJob, type Job } from './workload-kind.ts'

/** How much is remembered. */
export interface MemorySize {
  readonly runs: number
  readonly flips: number
  readonly owners: number
}

/** What came of reading back what was kept. */
export interface Restored {
  readonly memory: Memory
  /** Entries that could not be read: malformed, of another version. */
  readonly dropped: number
}

const isPod = (object: AnyObject | undefined): object is ObjectOf<'pods'> =>
  object?.kind === 'Pod' && object.apiVersion === 'v1'
const isNode = (object: AnyObject | undefined): object is ObjectOf<'nodes'> =>
  object?.kind === 'Node' && object.apiVersion === 'v1'

/**
 * What dogwatch remembers of a cluster: the runs of containers that restarted, kills for memory and usage by root owner and container,
 * the flips of conditions. Every stored change goes through `changed`, in the order it is stored. What comes back from `changed`, `learn`
 * and `sweep` are the keys that now read otherwise, as `runs/KEY`, `owner/KEY`, `flips/KEY`, with the keys of `Past`.
 */
export class Memory implements Past {
  readonly #runs = new RunHistory()
  readonly #flips = new FlipHistory()
  readonly #owners = new OwnerHistory()
  readonly #sampling = new Sampling(this.#owners)
  #restored = 0
  #isWhole = false

  /** Remembers a change of an object; `snapshot` holds it already. A change of a `PodMetrics` is a sample. */
  changed(change: Change, snapshot: Snapshot): readonly string[] {
    const { before, after } = change
    // Of a name that was used again, the one object is gone and the other new.
    if (before && after && before.metadata.uid !== after.metadata.uid)
      return [
        { ...change, after: undefined },
        { ...change, before: undefined },
      ].flatMap((one) => this.changed(one, snapshot))
    const object = after ?? before
    return object ? this.#take(change, object, snapshot) : []
  }

  #take(change: Change, object: AnyObject, snapshot: Snapshot): readonly string[] {
    const { after, observedAt } = change
    if (object.kind === 'PodMetrics') return named('owner', this.#sampling.sampled(change, snapshot))
    this.#owners.seen(object.metadata.uid, after ? undefined : observedAt)
    if (isPod(object)) return this.#pod(change, snapshot)
    if (isJob(object)) return this.#job(change, object, snapshot)
    return isNode(object) ? this.#node(change) : []
  }

  #node({ before, after, observedAt }: Change): readonly string[] {
    const [then, now] = [isNode(before) ? before : undefined, isNode(after) ? after : undefined]
    return named('flips', this.#flips.changed(then, now, observedAt))
  }

  #job(change: Change, job: Job, snapshot: Snapshot): readonly string[] {
    const run = runEndedBy(change)
    return run ? named('owner', this.#owners.ended(snapshot.owners(job).chain.at(-1) ?? job, run)) : []
  }

  #pod({ before, after, observedAt }: Change, snapshot: Snapshot): readonly string[] {
    const [then, now] = [isPod(before) ? before : undefined, isPod(after) ? after : undefined]
    const runs = named('runs', this.#runs.changed(then, now, observedAt))
    const kills = now ? killsIn(then, now) : []
    if (!now || kills.length === 0) return runs
    const root = snapshot.owners(now).chain.at(-1) ?? now
    const keys = kills.map(({ container, ...kill }) => this.#owners.killed(root, container, kill))
    return [
      ...runs,
      ...named(
        'owner',
        keys.filter((key) => key !== undefined),
      ),
    ]
  }

  /**
   * Nothing was seen between two times (milliseconds): the program was not running, or could not hear. `whole`: up to the first of them
   * every pod was seen.
   */
  gap(from: number, to: number, whole: boolean): void {
    this.#flips.gap(to)
    this.#runs.gap(from, to, whole)
  }

  /** Usage that somebody else has measured over a long time: the same as so many samples of our own. */
  learn(measured: readonly MeasuredUsage[], snapshot: Snapshot): readonly string[] {
    const keys = usageOf(measured, snapshot).map(({ root, container, usage }) =>
      this.#owners.learnt(root, container, usage),
    )
    return named(
      'owner',
      keys.filter((key) => key !== undefined),
    )
  }

  /** Drops what is gone or too old; meant to be called every few minutes. */
  sweep(now: number): readonly string[] {
    return [
      ...named('runs', this.#runs.sweep(now)),
      ...named('flips', this.#flips.sweep(now)),
      ...named('owner', this.#owners.sweep(now)),
    ]
  }

  runs(key: string): readonly Run[] {
    return this.#runs.runs(key)
  }

  owner(key: string): OwnerPast | undefined {
    return this.#owners.owner(key)
  }

  flips(key: string): Flips | undefined {
    return this.#flips.flips(key)
  }

  get size(): MemorySize {
    return { runs: this.#runs.size, flips: this.#flips.size, owners: this.#owners.size }
  }

  /** What became of the samples since the start. */
  get samples(): ReadonlyMap<SampleOutcome, number> {
    return this.#sampling.outcomes
  }

  /**
   * Everything that is remembered, one by one: reading may be interrupted, and what changes meanwhile is there as it was or as it is.
   * `find` finds what is there by its uid, when every pod is seen.
   */
  *entries(find?: (uid: string) => AnyObject | undefined): Iterable<MemoryEntry> {
    for (const [key, value] of this.#owners.entries()) yield { section: OWNERS.section, key, value }
    let runs = 0
    const podBy = (uid: string): ObjectOf<'pods'> | undefined => {
      const object = find?.(uid)
      return isPod(object) ? object : undefined
    }
    for (const [key, value] of this.#runs.entries(podBy)) {
      yield { section: RUNS.section, key, value }
      runs++
    }
    if (find) yield { section: WHOLE.section, key: '', value: runs }
    for (const [key, value] of this.#flips.entries()) yield { section: FLIPS.section, key, value }
  }

  /** Reads back one entry at a time in milliseconds; `false` when it cannot be read, or is none of the memory's. */
  read({ section, key, value }: MemoryEntry, now: number): boolean {
    if (section === OWNERS.section)
      return accept(OWNERS.schema, value, (owner) => this.#owners.restore(key, owner, now))
    if (section === RUNS.section) return accept(RUNS.schema, value, (runs) => this.#restore(key, runs, now))
    if (section === WHOLE.section)
      return accept(WHOLE.schema, value, (count) => (this.#isWhole = count === this.#restored))
    if (section === FLIPS.section) return accept(FLIPS.schema, value, (flips) => this.#flips.restore(key, flips, now))
    return false
  }

  #restore(key: string, runs: readonly Run[], now: number): void {
    this.#runs.restore(key, runs, now)
    this.#restored++
  }

  /** Whether what was read back tells of every container that had restarted when it was written. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** What `entries` gave, read back at a time in milliseconds. What cannot be read is left out and counted. */
  static restore(entries: Iterable<MemoryEntry>, now: number): Restored {
    const memory = new Memory()
    let dropped = 0
    for (const entry of entries) if (!memory.read(entry, now)) dropped++
    return { memory, dropped }
  }
}

const named = (kind: string, keys: readonly string[]): string[] => keys.map((key) => `${kind}/${key}`)

function accept<T>(schema: z.ZodType<T>, value: unknown, take: (value: T) => void): boolean {
  const parsed = schema.safeParse(value)
  if (parsed.success) take(parsed.data)
  return parsed.success
}
