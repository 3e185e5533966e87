import type { Change } from '../cluster/mirror.ts'
import type { ObjectOf } from '../cluster/kinds.ts'
import type { ContainerStatus, Terminated } from '../cluster/projection/pod.ts'
import { HOUR } from '../util/time.ts'
import { mergeRuns, ofOneCount, podStart, runsKey, runsOf, type Run } from './container-history.ts'

type Pod = ObjectOf<'pods'>

/** Runs of one container beyond which the oldest are forgotten, and of all containers beyond which no more are remembered. */
const MOST_RUNS = 50
const MOST_IN_ALL = 200_000

// What was there before a restart of dogwatch and is not seen again within this time is gone.
const MISSED_AFTER = HOUR

/** A time, in milliseconds, in which nobody watched, though everything was seen up to its beginning. */
interface Gap {
  readonly from: number
  readonly to: number
}

/** A container that a change tells something new of. */
interface Told {
  readonly key: string
  readonly pod: Pod
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

const countOf = ({ restartCount = 0 }: ContainerStatus): number => restartCount

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
  /** Pods of which any container has restarted. */
  readonly #restarted = new Set<string>()
  #count = 0
  #gap: Gap | undefined

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
    if (this.#gap && observedAt > this.#gap.to) this.#gap = undefined
    if (statusesOf(after).some((status) => countOf(status) > 0)) this.#restarted.add(after.metadata.uid)
    else this.#restarted.delete(after.metadata.uid)
    const old = statusesOf(before)
    return statusesOf(after).flatMap((status) => {
      const { name = '' } = status
      const told = { key: runsKey(after, name), pod: after, status, before: old.find((one) => one.name === name) }
      return this.#told(told, observedAt) ? told.key : []
    })
  }

  #told(told: Told, at: number): boolean {
    const { key, status } = told
    const known = this.#containers.get(key)
    if (countOf(status) === 0) return known !== undefined && this.#set(key, [])
    if (known && isQuiet(known, status)) return this.#drop(key)
    if (known) known.restoredAt = undefined
    const runs = this.#datedByGap(told, known?.runs ?? [])
    return isNew(told, runs) && this.#set(key, runsAfter(told, runs, at))
  }

  // Of many restarts in a gap the status tells the last two. That the others came after its beginning is known by the count of then.
  #datedByGap({ pod, status, before }: Told, known: readonly Run[]): readonly Run[] {
    const gap = this.#gap
    const then = before ? countOf(before) : (known[0]?.number ?? 0)
    return gap && then < countOf(status) && wasThere(pod, gap.from) ? seenUntil(gap.from, then, known) : known
  }

  /** Nobody watched for a while. `whole`: up to its beginning every container was seen, and what was remembered of them is all here. */
  gap(from: number, to: number, whole: boolean): void {
    const isWhole = whole && from < to && this.#count <= MOST_IN_ALL - MOST_RUNS
    // What was read back is of the time before a start; when that is over, nothing more was missed.
    if (from === to) this.#gap &&= { ...this.#gap, to }
    else this.#gap = isWhole ? { from, to } : undefined
  }

  #set(key: string, runs: readonly Run[]): boolean {
    const before = this.#containers.get(key)
    const after = runs.slice(0, MOST_RUNS)
    this.#count += after.length - (before?.runs.length ?? 0)
    if (after.length === 0) this.#containers.delete(key)
    else this.#containers.set(key, { runs: after, restoredAt: undefined })
    return this.#count <= MOST_IN_ALL || before !== undefined || this.#drop(key)
  }

  #drop(key: string): false {
    this.#count -= this.runs(key).length
    this.#containers.delete(key)
    return false
  }

  #forget(pod: Pod | undefined): string[] {
    this.#restarted.delete(pod?.metadata.uid ?? '')
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

  /**
   * What is remembered; and of the pods that `find` finds by their uid what a status alone tells of containers that restarted, for the
   * next look may not tell it any more.
   */
  *entries(find: (uid: string) => Pod | undefined): Iterable<readonly [key: string, runs: readonly Run[]]> {
    for (const [key, { runs }] of this.#containers) yield [key, runs]
    for (const uid of this.#restarted) yield* this.#quiet(find(uid))
  }

  *#quiet(pod: Pod | undefined): Iterable<readonly [key: string, runs: readonly Run[]]> {
    if (!pod) return
    for (const status of statusesOf(pod)) {
      const key = runsKey(pod, status.name ?? '')
      if (countOf(status) > 0 && !this.#containers.has(key)) yield [key, toldBy(status)]
    }
  }

  restore(key: string, runs: readonly Run[], now: number): void {
    if (this.#set(key, runs)) this.#containers.set(key, { runs: this.runs(key), restoredAt: now })
  }
}

function runsAfter({ status, before }: Told, remembered: readonly Run[], at: number): readonly Run[] {
  const restartCount = countOf(status)
  const earlier = mergeRuns(before ? runsOf(before) : [], remembered)
  const runs = mergeRuns(runsOf(status), ofOneCount(earlier, restartCount))
  return runs.map((run) => kept(run.number === restartCount ? seenAt(run, at) : run))
}

// One look alone tells what its status tells; only what the next one will not tell any more has to be remembered.
const isNew = ({ before, status }: Told, runs: readonly Run[]): boolean =>
  before ? !isSame(before, status) : runs.length > 0

const wasThere = (pod: Pod, at: number): boolean => (podStart(pod) ?? Infinity) <= at

/** The same runs, and that there were so many restarts and no more at a time. */
function seenUntil(at: number, restarts: number, runs: readonly Run[]): readonly Run[] {
  const last = runs.find(({ number }) => number === restarts) ?? unseen(restarts)
  const seen = last.seen ?? { first: at, last: at }
  return [
    { ...last, seen: { ...seen, last: Math.max(seen.last, at) } },
    ...runs.filter(({ number }) => number < restarts),
  ]
}

/** Whether what was read back is no more than a status told then, and tells still. */
function isQuiet({ runs, restoredAt }: Remembered, status: ContainerStatus): boolean {
  const now = runsOf(status)
  return restoredAt !== undefined && runs.every((run) => !run.seen && now.some(({ number }) => number === run.number))
}

/** What a status tells, and by its count in any case. */
function toldBy(status: ContainerStatus): readonly Run[] {
  const runs = runsOf(status).map(kept)
  return runs[0]?.number === countOf(status) ? runs : [unseen(countOf(status)), ...runs]
}

const unseen = (number: number): Run => ({ number, startedAt: undefined, finishedAt: undefined, ended: undefined })

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
