import type { ObjectOf } from '../cluster/kinds.ts'
import type { ContainerStatus, Terminated } from '../cluster/projection/pod.ts'
import { latest } from '../util/latest.ts'
import { MINUTE, parseTime } from '../util/time.ts'
import type { Parameters } from './fact.ts'
import { unknown, type Reading } from './reading.ts'
import type { ContainerView, Subject, View } from './subject.ts'

type Pod = ObjectOf<'pods'>

/** One run of a container, as far as its status still tells. Times are milliseconds. */
export interface Run {
  /** How many restarts came before it: the first run is 0. */
  readonly number: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /** How it ended; `undefined` while it runs, and when nobody saw it end. */
  readonly ended: Terminated | undefined
  /** The first and the last time that its container was seen to have restarted so often, where that is remembered. */
  readonly seen?: Seen | undefined
}

interface Seen {
  readonly first: number
  readonly last: number
}

/** A container of a pod and what is known of its runs: by its status, and by what is remembered. */
export interface History {
  readonly pod: Pod
  readonly container: ContainerView
  readonly restarts: number
  /** The latest first. The status tells of the present run and the one before; runs that nobody saw are missing. */
  readonly runs: readonly Run[]
  /** The run that goes on now. */
  readonly running: Run | undefined
  /** The latest run that ended. */
  readonly lastEnded: Run | undefined
  /** Why the container waits; both empty while it does not. */
  readonly waiting: { readonly reason: string; readonly message: string }
}

/** The kubelet forgets its back-off once a container has run this long, in milliseconds: such a run is no part of a row of crashes. */
export const STEADY_MS = 10 * MINUTE

const START_FAILURES: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun'])

/** Whether the runtime could not start the program at all. */
export const neverStarted = (ended: Terminated): boolean => START_FAILURES.has(ended.reason ?? '')

/** Whether the kubelet lost sight of the run (the node or the runtime restarted): its exit is no crash. */
export const wasLost = ({ reason, exitCode }: Terminated): boolean =>
  reason === 'ContainerStatusUnknown' || (exitCode === 255 && reason === 'Unknown')

function endedRun(number: number, ended: Terminated): Run {
  const startedAt = parseTime(ended.startedAt)
  const finishedAt = parseTime(ended.finishedAt)
  // A start that failed took no time worth telling: its end is its start.
  return { number, ended, finishedAt, startedAt: neverStarted(ended) ? (startedAt ?? finishedAt) : startedAt }
}

type State = NonNullable<ContainerStatus['state']>

function presentRun(number: number, { running, terminated }: State): Run | undefined {
  if (terminated) return endedRun(number, terminated)
  return running && { number, ended: undefined, startedAt: parseTime(running.startedAt), finishedAt: undefined }
}

/** The runs that a status tells of, the latest first. */
export function runsOf(status: ContainerStatus): readonly Run[] {
  const { restartCount = 0, state = {}, lastState = {} } = status
  const present = presentRun(restartCount, state)
  // While the container waits, its last state is the run that the count already holds.
  const before = lastState.terminated && endedRun(present ? restartCount - 1 : restartCount, lastState.terminated)
  // One death may be told twice; the second telling is of no run before it.
  const isTwice = before?.ended !== undefined && before.finishedAt === present?.finishedAt
  return [present, isTwice ? undefined : before].filter((run) => run !== undefined)
}

/** Two tellings of the same runs as one, the latest first; `told` goes before `remembered` where both know something. */
export function mergeRuns(told: readonly Run[], remembered: readonly Run[]): readonly Run[] {
  if (remembered.length === 0) return told
  const byNumber = new Map(remembered.map((run) => [run.number, run]))
  for (const run of told) byNumber.set(run.number, mergeRun(run, byNumber.get(run.number)))
  return [...byNumber.values()].toSorted((a, b) => b.number - a.number)
}

function mergeRun(told: Run, remembered: Run | undefined): Run {
  if (remembered === undefined || isOther(told, remembered)) return told
  return {
    number: told.number,
    startedAt: told.startedAt ?? remembered.startedAt,
    finishedAt: told.finishedAt ?? remembered.finishedAt,
    ended: told.ended ?? remembered.ended,
    seen: remembered.seen ?? told.seen,
  }
}

const isOther = (told: Run, remembered: Run): boolean =>
  (!told.ended && remembered.ended !== undefined) ||
  (told.startedAt !== undefined && remembered.startedAt !== undefined && told.startedAt !== remembered.startedAt)

/** Runs as far as they belong to a count that is now at `restarts`: a kubelet that lost its containers begins to count anew. */
export const ofOneCount = (runs: readonly Run[], restarts: number): readonly Run[] =>
  runs.every(({ number }) => number <= restarts) ? runs : []

/** What is remembered of a container under this key is read from `Past.runs`. */
export const runsKey = (pod: Pod, container: string): string => `${pod.metadata.uid}/${container}`

function tell(pod: Pod, container: ContainerView, remembered: readonly Run[] | undefined): History {
  const { status = UNTOLD } = container
  const told = runsOf(status)
  const restarts = status.restartCount ?? 0
  const running = told.find((run) => !run.ended)
  const runs = mergeRuns(told, ofOneCount(remembered ?? [], restarts))
  const { reason = '', message = '' } = status.state?.waiting ?? {}
  return {
    pod,
    container,
    runs,
    restarts,
    running,
    lastEnded: told.find((run) => run.ended) ?? runs.find((run) => run.ended && run.number === restarts - 1),
    waiting: { reason, message },
  }
}

const UNTOLD: ContainerStatus = {}

// A dozen facts of one container are read one after the other.
const tellOnce = latest(tell)
const keyOf = latest((pod: Pod, { name }: ContainerView) => runsKey(pod, name))

/** What is known of a container; `undefined` when its pod has come further than Pending and the kubelet says nothing of it. */
export function historyOf({ object: pod, container }: Subject<'container'>, { past }: View): History | undefined {
  if (!container || (!container.status && pod.status?.phase !== 'Pending')) return undefined
  return tellOnce(pod, container, past?.runs(keyOf(pod, container)))
}

/** A reader of facts that needs the status of a container. */
export const ofHistory =
  (read: (history: History, view: View, parameters: Parameters) => Reading) =>
  (subject: Subject<'container'>, view: View, parameters: Parameters): Reading => {
    const history = historyOf(subject, view)
    return history
      ? read(history, view, parameters)
      : unknown('not-recorded', 'the kubelet says nothing of this container')
  }

/** When the pod came to its node, or was made, in milliseconds. */
export const podStart = (pod: Pod): number | undefined =>
  parseTime(pod.status?.startTime) ?? parseTime(pod.metadata.creationTimestamp)
