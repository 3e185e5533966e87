import type { ObjectOf } from '../cluster/kinds.ts'
import type { ContainerStatus, Terminated } from '../cluster/projection/pod.ts'
import { MINUTE, parseTime } from '../util/time.ts'
import type { Parameters } from './fact.ts'
import { unknown, type Reading } from './reading.ts'
import type { ContainerView, Subject, View } from './subject.ts'

/** One run of a container, as far as its status still tells. Times are milliseconds. */
export interface Run {
  /** How many restarts came before it: the first run is 0. */
  readonly number: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /** How it ended; `undefined` while it runs. */
  readonly ended: Terminated | undefined
}

/** A container of a pod and what its status tells of its runs. */
export interface History {
  readonly pod: ObjectOf<'pods'>
  readonly container: ContainerView
  readonly restarts: number
  /** The latest first: at most the present run and the one before. */
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

function runsOf(status: ContainerStatus): readonly Run[] {
  const { restartCount = 0, state = {}, lastState = {} } = status
  const present = presentRun(restartCount, state)
  // While the container waits, its last state is the run that the count already holds.
  const before = lastState.terminated && endedRun(present ? restartCount - 1 : restartCount, lastState.terminated)
  return [present, before].filter((run) => run !== undefined)
}

function tell(pod: ObjectOf<'pods'>, container: ContainerView, status: ContainerStatus): History {
  const runs = runsOf(status)
  const { reason = '', message = '' } = status.state?.waiting ?? {}
  return {
    pod,
    container,
    runs,
    restarts: status.restartCount ?? 0,
    running: runs.find((run) => !run.ended),
    lastEnded: runs.find((run) => run.ended),
    waiting: { reason, message },
  }
}

/** What the status of a container tells; `undefined` when there is none of a pod that has come further than Pending. */
function historyOf({ object: pod, container }: Subject<'container'>): History | undefined {
  const status = container?.status ?? (pod.status?.phase === 'Pending' ? {} : undefined)
  return container && status && tell(pod, container, status)
}

/** A reader of facts that needs the status of a container. */
export const ofHistory =
  (read: (history: History, view: View, parameters: Parameters) => Reading) =>
  (subject: Subject<'container'>, view: View, parameters: Parameters): Reading => {
    const history = historyOf(subject)
    return history
      ? read(history, view, parameters)
      : unknown('not-recorded', 'the kubelet says nothing of this container')
  }

/** When the pod came to its node, or was made, in milliseconds. */
export const podStart = (pod: ObjectOf<'pods'>): number | undefined =>
  parseTime(pod.status?.startTime) ?? parseTime(pod.metadata.creationTimestamp)
