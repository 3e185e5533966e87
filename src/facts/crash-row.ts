import { parseDuration } from '../util/duration.ts'
import { MINUTE, SECOND } from '../util/time.ts'
import { trueSince } from './condition.ts'
import { STEADY_MS, neverStarted, wasLost, type History, type Run } from './container-history.ts'
import { sightingsOfContainer } from './events.ts'
import { bounds, known, type Reading } from './reading.ts'
import type { View } from './subject.ts'

const FIRST_BACK_OFF = 10 * SECOND
const LAST_BACK_OFF = 5 * MINUTE

/**
 * How many runs in a row at least were too short, given that the kubelet held the container back for at least so long (milliseconds).
 * It waits 10 s after the first crash, then twice as long each time, at most 5 min; a run of 10 min makes it begin again.
 * A cluster may be told to wait less, never more, so a wait proves this many crashes or more.
 */
export function crashesForBackOff(heldBackMs: number): number {
  if (heldBackMs <= 0) return 0
  const rungs = Math.log2(Math.min(heldBackMs, LAST_BACK_OFF) / FIRST_BACK_OFF)
  return 1 + Math.max(0, Math.ceil(rungs))
}

const WAITS = /^back-off (\S{1,16}) restarting failed/
const HELD_BACK = /^Back-off restarting failed/

/** The wait that the kubelet itself states, in milliseconds. */
const statedWait = ({ waiting }: History): number => parseDuration(WAITS.exec(waiting.message)?.[1] ?? '') ?? 0

// Times are written in whole seconds: what looks like 11 s may have been 10.
const ROUNDING = SECOND

/** The longest wait that an Event proves, in milliseconds: the container was still held back so long after it had ended. */
function seenWait({ pod, container, running }: History, ended: number, { snapshot }: View): number {
  const until = running ? (running.startedAt ?? ended) : Infinity
  const times = sightingsOfContainer(pod, container.name, snapshot)
    .filter(({ reason, message }) => reason === 'BackOff' && HELD_BACK.test(message))
    .flatMap(({ first, last }) => [first, last])
  return Math.max(0, ...times.filter((at) => at > ended && at <= until).map((at) => at - ended - ROUNDING))
}

// What else than back-off can lie between a death and the next start, at most: the kubelet looks again up to 90 s late, and a kubelet
// that stops for less than 50 s is not noticed.
const OTHER_DELAYS = 140 * SECOND

/** Whether nothing but back-off can have kept a container from starting since a time: its image was there, its sandbox and its node were up. */
function undisturbedSince({ pod, container }: History, at: number, { snapshot }: View): boolean {
  const node = snapshot.get('nodes', undefined, pod.spec?.nodeName ?? '')
  return (
    container.spec.imagePullPolicy === 'IfNotPresent' &&
    trueSince(pod.status?.conditions, 'PodReadyToStartContainers', at) &&
    trueSince(node?.status?.conditions, 'Ready', at)
  )
}

/** The wait that a gap between two runs proves without any Event, in milliseconds. */
function gapWait(history: History, ended: number, view: View): number {
  const restarted = history.running?.startedAt ?? ended
  return undisturbedSince(history, ended, view) ? Math.max(0, restarted - ended - OTHER_DELAYS) : 0
}

/** `true`: part of the row. `false`: it ends the row. `undefined`: the status does not tell. */
function tooShort({ ended, startedAt, finishedAt }: Run): boolean | undefined {
  if (ended && neverStarted(ended)) return true
  if (!ended || wasLost(ended) || startedAt === undefined || finishedAt === undefined) return undefined
  return finishedAt - startedAt < STEADY_MS
}

/** How many of the dated runs form a row, and whether the row is known to begin there. A run that nobody saw leaves that open. */
function datedRow(ended: readonly Run[]): { count: number; complete: boolean } {
  const last = ended[0]?.number ?? 0
  for (const [count, run] of ended.entries()) {
    const short = run.number === last - count ? tooShort(run) : undefined
    if (short !== true) return { count, complete: short === false }
  }
  return { count: ended.length, complete: ended.length > last }
}

function provenRow(history: History, view: View): number | { atLeast: number; atMost: number } {
  const { runs, running, restarts, lastEnded } = history
  const { count, complete } = datedRow(runs.filter((run) => run.ended && run.number <= (lastEnded?.number ?? -1)))
  if (complete) return count
  const ended = lastEnded?.finishedAt
  const waits = ended === undefined ? [] : [seenWait(history, ended, view), gapWait(history, ended, view)]
  const atMost = running || !lastEnded ? restarts : restarts + 1
  const atLeast = Math.max(count, crashesForBackOff(Math.max(statedWait(history), ...waits)))
  return bounds(Math.min(atLeast, atMost), atMost)
}

/**
 * How many runs in a row, up to the last one that ended, ended within ten minutes of their start, as far as one look proves it: by the
 * two deaths that are dated, by the wait that the kubelet states, by the Events of being held back, by a gap that has no other reason.
 * 0 once the present run has lasted ten minutes. `since`: the last death. `until`: when the present run will have lasted that long.
 */
export function crashesInRow(history: History, view: View): Reading {
  const steady = history.running?.startedAt === undefined ? undefined : history.running.startedAt + STEADY_MS
  if (steady !== undefined && steady <= view.now) return known(0, { since: steady })
  return known(provenRow(history, view), { since: history.lastEnded?.finishedAt, until: steady })
}
