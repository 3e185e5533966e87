import { earliest, MINUTE, SECOND } from '../util/time.ts'
import { podStart, type History, type Run } from './container-history.ts'
import { sightingsOfContainer, type Sighting } from './events.ts'
import { bounds, known, type Reading } from './reading.ts'
import type { View } from './subject.ts'

/** That a run had begun, or had not begun yet, at a time in milliseconds. */
interface Sign {
  readonly number: number
  readonly at: number
}

// A kubelet reports up to ten seconds late: a run may have begun so long before the last look that knew nothing of it.
const REPORT_DELAY = 15 * SECOND

/** How far ahead of us a node's clock may be, in milliseconds: a time further in the future says nothing of when something was. */
const AHEAD = 2 * MINUTE

interface Window {
  readonly from: number
  readonly now: number
}

const isInside = (at: number, { from, now }: Window): boolean => at > from && at <= now + AHEAD

const sign = (number: number, at: number | undefined): Sign[] => (at === undefined ? [] : [{ number, at }])

/** Runs that began at a time or after it. */
const notBegunBefore = (runs: readonly Run[]): Sign[] =>
  runs.flatMap(({ number, startedAt, finishedAt, seen }) => [
    ...sign(number, startedAt),
    ...sign(number + 1, finishedAt),
    ...sign(number + 1, seen && seen.last - REPORT_DELAY),
  ])

/** Runs that had begun by a time. */
const begunBy = (runs: readonly Run[]): Sign[] =>
  runs.flatMap(({ number, startedAt, finishedAt, seen }) => [
    ...sign(number, startedAt),
    ...sign(number, finishedAt),
    ...sign(number, seen?.first),
  ])

/** The number of the latest run that had certainly begun by a time in milliseconds; 0 when none is dated so. */
export const latestBegunBy = (runs: readonly Run[], time: number): number =>
  Math.max(0, ...begunBy(runs).flatMap(({ number, at }) => (at <= time ? number : [])))

/** When one of the times that a count rests on leaves a window of this length, in milliseconds; `undefined` when none is in it. */
export function leaves(times: readonly (number | undefined)[], windowMs: number, now: number): number | undefined {
  return earliest(times.flatMap((at) => (at === undefined || at + windowMs <= now ? [] : at + windowMs)))
}

/** Every time that is known of runs. */
export const timesOf = (runs: readonly Run[]): number[] =>
  [...notBegunBefore(runs), ...begunBy(runs)].map(({ at }) => at)

// These are said once a container was made and could not be started: each is a run of its own. "Error: configmap not found" and the
// like come before there is a container, and are no restart.
const FAILED_START = /^Error: failed to (?:create containerd task|start container)\b/

const isStart = ({ reason, message }: Sighting): boolean =>
  reason === 'Started' || (reason === 'Failed' && FAILED_START.test(message))

/** How many of the occurrences certainly lie after `from`: all of a series that began after it, else only its last. */
const certainlyAfter = (seen: Sighting, window: Window): number =>
  isInside(seen.first, window) ? seen.count : isInside(seen.last, window) ? 1 : 0

// The first start of all is no restart, and may be among those seen.
const provenByEvents = (seen: readonly Sighting[], window: Window): number =>
  Math.max(0, seen.filter(isStart).reduce((sum, one) => sum + certainlyAfter(one, window), 0) - 1)

/** A dated restart in the window brings every later one with it. */
function provenByDates(runs: readonly Run[], total: number, window: Window): number {
  const inside = notBegunBefore(runs).filter(({ number, at }) => isInside(at, window) && number <= total)
  return total - Math.min(total, ...inside.map(({ number }) => Math.max(number, 1) - 1))
}

/** At least and at most how many restarts lie in a window. */
function countIn(window: Window, history: History, seen: readonly Sighting[]): [number, number] {
  const { pod, runs, restarts } = history
  const atMost = Math.max(0, restarts - latestBegunBy(runs, window.from))
  const all = isInside(podStart(pod) ?? 0, window) ? restarts : 0
  const atLeast = Math.max(all, provenByDates(runs, restarts, window), provenByEvents(seen, window))
  return [Math.min(atLeast, atMost), atMost]
}

/**
 * How often a container restarted in the window before now, as far as it is proven.
 *
 * At most: what is left of the kubelet's own count once a run is dated before the window. At least: the dated restarts in the window
 * and all after them, every one when the pod is younger than the window, and the starts that Events count in it. Runs are dated by the
 * status and by what is remembered: once every restart of a window was seen, both are the same.
 * `since`: the last restart; the count has been at least this since then. `until`: when the first of the dates leaves the window.
 */
export function restartsIn(history: History, view: View, windowMs: number): Reading {
  if (history.restarts === 0) return known(0)
  const { pod, container, runs } = history
  const from = view.now - windowMs
  const seen = sightingsOfContainer(pod, container.name, view.snapshot)
  const [atLeast, atMost] = countIn({ from, now: view.now }, history, seen)
  const last = begunBy(runs).flatMap(({ number, at }) => (number === history.restarts && at <= view.now ? at : []))
  const counted = seen.filter(isStart).flatMap(({ first, last: latest }) => [first, latest])
  return known(bounds(atLeast, atMost), {
    since: atMost > 0 ? earliest(last) : undefined,
    until: leaves([...timesOf(runs), podStart(pod), ...counted], windowMs, view.now),
  })
}
