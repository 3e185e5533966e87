import { podStart, type History, type Run } from './container-history.ts'
import { sightingsOfContainer, type Sighting } from './events.ts'
import { bounds, known, type Reading } from './reading.ts'
import type { View } from './subject.ts'

/** When the restart that began a run happened, in milliseconds, as far as that is dated. */
interface Start {
  readonly number: number
  readonly notBefore: number | undefined
  readonly notAfter: number | undefined
}

const startsOf = (runs: readonly Run[]): Start[] =>
  runs.map(({ number, startedAt, finishedAt }, i) => ({
    number,
    notBefore: startedAt ?? runs[i + 1]?.finishedAt,
    notAfter: startedAt ?? finishedAt,
  }))

// These are said once a container was made and could not be started: each is a run of its own. "Error: configmap not found" and the
// like come before there is a container, and are no restart.
const FAILED_START = /^Error: failed to (?:create containerd task|start container)\b/

const isStart = ({ reason, message }: Sighting): boolean =>
  reason === 'Started' || (reason === 'Failed' && FAILED_START.test(message))

/** How many of the occurrences certainly lie after `from`: all of a series that began after it, else only its last. */
const certainlyAfter = (seen: Sighting, from: number): number =>
  seen.first > from ? seen.count : seen.last > from ? 1 : 0

// The first start of all is no restart, and may be among those seen.
const provenByEvents = (seen: readonly Sighting[], from: number): number =>
  Math.max(0, seen.filter(isStart).reduce((sum, one) => sum + certainlyAfter(one, from), 0) - 1)

/** A dated restart in the window brings every later one with it. */
function provenByDates(starts: readonly Start[], total: number, from: number): number {
  const numbers = starts.filter((start) => (start.notBefore ?? 0) > from).map((start) => start.number)
  return total - Math.min(total, ...numbers.map((number) => Math.max(number, 1) - 1))
}

/** At least and at most how many restarts lie after `from`, in milliseconds. */
export function countAfter(from: number, { pod, container, runs, restarts }: History, view: View): [number, number] {
  const starts = startsOf(runs)
  const before = starts.filter((start) => (start.notAfter ?? Infinity) <= from).map((start) => start.number)
  const atMost = restarts - Math.max(0, ...before)
  const all = (podStart(pod) ?? 0) > from ? restarts : 0
  const seen = sightingsOfContainer(pod, container.name, view.snapshot)
  const atLeast = Math.max(all, provenByDates(starts, restarts, from), provenByEvents(seen, from))
  return [Math.min(atLeast, atMost), atMost]
}

/**
 * How often a container restarted in the window before now, as far as one look proves it.
 *
 * At most: what is left of the kubelet's own count once a run is dated before the window. At least: the dated restarts in the window
 * and all after them, every one when the pod is younger than the window, and the starts that Events count in it.
 * `since`: the last restart that is counted; the count has been at least this since then. `until`: when the first of them leaves the window.
 */
export function restartsIn(history: History, view: View, windowMs: number): Reading {
  if (history.restarts === 0) return known(0)
  const from = view.now - windowMs
  const [atLeast, atMost] = countAfter(from, history, view)
  if (atMost === 0) return known(0)
  const dated = startsOf(history.runs)
    .map((start) => start.notBefore ?? 0)
    .filter((at) => at > from && at <= view.now)
  const leaving = [...dated, podStart(history.pod) ?? 0].map((at) => at + windowMs).filter((at) => at > view.now)
  return known(bounds(atLeast, atMost), {
    since: dated.length > 0 ? Math.max(...dated) : undefined,
    until: leaving.length > 0 ? Math.min(...leaving) : undefined,
  })
}
