import type { Change } from '../cluster/mirror.ts'
import type { ObjectOf } from '../cluster/kinds.ts'
import type { ContainerStatus, Terminated } from '../cluster/projection/pod.ts'
import { HOUR } from '../util/time.ts'
import { mergeRuns, ofOneCount, runsKey, runsOf, type Run } from './container-history.ts'

type Pod = ObjectOf<'pods'>

/** Runs of one container beyond which the oldest are forgotten, and of all containers beyond which no more are remembered. */
const MOST_RUNS = 50
const MOST_IN_ALL = 200_000

// What was there before a restart of dogwatch and is not seen again within this time is gone.
const MISSED_AFTER = HOUR

/** A container that a change tells something new of. */
interface Told {
  readonly key: string
  readonly status: ContainerStatus
  readonly before: ContainerStatus | undefined
}

interface Remembered {
  readonly runs: readonly Run[]
  /** When it was read back and has not been seen since; `undefined` once it was. */
  restoredAt: number | undefined
}

const statusesOf = (pod: Pod | undefined): readonly ContainerStatus[] => [
  ...(pod?.status?.initContainerStatuses ?? []),
  ...(pod?.status?.containerStatuses ?? []),
]

const tells = ({ restartCount, state, lastState }: ContainerStatus): readonly unknown[] => [
  restartCount,
  state?.waiting?.reason,
  state?.running?.startedAt,
  state?.terminated?.finishedAt,
  lastState?.terminated?.finishedAt,
]

function isSame(a: ContainerStatus, b: ContainerStatus): boolean {
  const other = tells(b)
  return tells(a).every((value, at) => value === other[at])
}

/** The runs of containers that restarted, by pod and container. */
export class RunHistory {
  readonly #containers = new Map<string, Remembered>()
  #count = 0

  runs(key: string): readonly Run[] {
    return this.#containers.get(key)?.runs ?? []
  }

  /** Runs that are remembered in all. */
  get size(): number {
    return this.#count
  }

  /** @returns the keys of containers of which something new is remembered. */
  changed(before: Pod | undefined, after: Pod | undefined, observedAt: Change['observedAt']): string[] {
    if (!after) return this.#forget(before)
    const old = statusesOf(before)
    return statusesOf(after).flatMap((status) => {
      const { name = '' } = status
      const told = { key: runsKey(after, name), status, before: old.find((one) => one.name === name) }
      return this.#told(told, observedAt) ? told.key : []
    })
  }

  #told({ key, status, before }: Told, at: number): boolean {
    const known = this.#containers.get(key)
    if (known) known.restoredAt = undefined
    const { restartCount = 0 } = status
    if (restartCount === 0) return known !== undefined && this.#set(key, [])
    // One look alone tells what its status tells; only what the next one will not tell any more has to be remembered.
    const isNew = before ? !isSame(before, status) : known !== undefined
    return isNew && this.#set(key, runsAfter({ key, status, before }, known?.runs ?? [], at))
  }

  #set(key: string, runs: readonly Run[]): boolean {
    const before = this.#containers.get(key)
    const after = runs.slice(0, MOST_RUNS)
    this.#count += after.length - (before?.runs.length ?? 0)
    if (after.length === 0) this.#containers.delete(key)
    else this.#containers.set(key, { runs: after, restoredAt: undefined })
    if (this.#count <= MOST_IN_ALL || before) return true
    this.#drop(key)
    return false
  }

  #drop(key: string): void {
    this.#count -= this.runs(key).length
    this.#containers.delete(key)
  }

  #forget(pod: Pod | undefined): string[] {
    const keys = pod ? statusesOf(pod).map(({ name = '' }) => runsKey(pod, name)) : []
    const held = keys.filter((key) => this.#containers.has(key))
    for (const key of held) this.#drop(key)
    return held
  }

  /** Drops what was read back and never seen again. */
  sweep(now: number): string[] {
    const gone = [...this.#containers].flatMap(([key, { restoredAt = now }]) =>
      now - restoredAt > MISSED_AFTER ? key : [],
    )
    for (const key of gone) this.#drop(key)
    return gone
  }

  *entries(): Iterable<readonly [key: string, runs: readonly Run[]]> {
    for (const [key, { runs }] of this.#containers) yield [key, runs]
  }

  restore(key: string, runs: readonly Run[], now: number): void {
    if (this.#set(key, runs)) this.#containers.set(key, { runs: this.runs(key), restoredAt: now })
  }
}

function runsAfter({ status, before }: Told, remembered: readonly Run[], at: number): readonly Run[] {
  const { restartCount = 0 } = status
  const earlier = mergeRuns(before ? runsOf(before) : [], remembered)
  const runs = mergeRuns(runsOf(status), ofOneCount(earlier, restartCount))
  return runs.map((run) => kept(run.number === restartCount ? seenAt(run, at) : run))
}

const seenAt = (run: Run, at: number): Run => ({ ...run, seen: { first: run.seen?.first ?? at, last: at } })

// The message of a program is its own words and may hold secrets; that of a start that failed is the runtime's, and the status has the last.
function kept(run: Run): Run {
  if (!run.ended) return run
  const { exitCode, signal, reason } = run.ended
  const end: Terminated = {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(reason === undefined ? {} : { reason }),
  }
  return { ...run, ended: end }
}
