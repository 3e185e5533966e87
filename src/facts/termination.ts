import type { Terminated } from '../cluster/projection/pod.ts'
import { plainText, truncate } from '../util/text.ts'
import { MINUTE, SECOND } from '../util/time.ts'
import { neverStarted, wasLost, type History } from './container-history.ts'
import { sightingsOfContainer, type Sighting } from './events.ts'
import type { View } from './subject.ts'

/** How a run of a container ended. */
export const TERMINATION_CAUSES = [
  'oom-killed',
  'start-error',
  'evicted',
  'lost',
  'liveness-probe',
  'startup-probe',
  'post-start-hook',
  'completed',
  'killed',
  'terminated',
  'error',
] as const
export type TerminationCause = (typeof TERMINATION_CAUSES)[number]

interface Ending {
  readonly history: History
  readonly ended: Terminated
  readonly startedAt: number
  readonly finishedAt: number
}

// Once a pod has had 25 Events the kubelet writes one in 5 min, so the failures that led to this end may be written down only for an
// earlier one.
const REMEMBERED = 15 * MINUTE
// In a loop that one Event is the back-off's: failures from before it then count for as long as the back-off goes on.
const BACK_OFF = 'BackOff'
const SIGKILL = 137
const SIGTERM = 143

/** What the kubelet ends a container for, and how that is told by Events. */
interface Kill {
  readonly cause: TerminationCause
  /** What the container must have for that; a hook is not kept of it. */
  readonly needs?: 'livenessProbe' | 'startupProbe'
  readonly reason: string
  readonly failed: RegExp
  readonly killed: RegExp
}

const KILLS: readonly Kill[] = [
  {
    cause: 'liveness-probe',
    needs: 'livenessProbe',
    reason: 'Unhealthy',
    failed: /^Liveness probe (?:failed|errored)/,
    killed: /failed liveness probe/,
  },
  {
    cause: 'startup-probe',
    needs: 'startupProbe',
    reason: 'Unhealthy',
    failed: /^Startup probe (?:failed|errored)/,
    killed: /failed startup probe/,
  },
  { cause: 'post-start-hook', reason: 'FailedPostStartHook', failed: /./, killed: /^FailedPostStartHook$/ },
]

/** Whether the kubelet ended the run for this: it says so outright, or the run ended by a signal after that had failed. */
function killedBy({ needs, reason, ...kill }: Kill, ending: Ending, seen: readonly Sighting[]): boolean {
  const { history, ended, startedAt, finishedAt } = ending
  if (needs !== undefined && !history.container.spec[needs]) return false
  const before = (one: Sighting, from: number): boolean => one.last >= from && one.first <= finishedAt + SECOND
  const said = seen.some((one) => one.reason === 'Killing' && kill.killed.test(one.message) && before(one, startedAt))
  const bySignal = ended.exitCode === SIGKILL || ended.exitCode === SIGTERM
  const failed = (one: Sighting): boolean => one.reason === reason && kill.failed.test(one.message)
  const since = Math.min(startedAt - REMEMBERED, ...backOffStarts(seen, startedAt))
  return said || (bySignal && seen.some((one) => failed(one) && before(one, since)))
}

const backOffStarts = (seen: readonly Sighting[], startedAt: number): number[] =>
  seen.filter(({ reason, last }) => reason === BACK_OFF && last >= startedAt - REMEMBERED).map(({ first }) => first)

const byExitCode = (exitCode: number | undefined): TerminationCause =>
  exitCode === 0 ? 'completed' : exitCode === SIGKILL ? 'killed' : exitCode === SIGTERM ? 'terminated' : 'error'

/** What Kubernetes itself says of the end, without looking further. */
function statedCause(ended: Terminated, podReason: string | undefined): TerminationCause | undefined {
  if (ended.reason === 'OOMKilled') return 'oom-killed'
  if (neverStarted(ended)) return 'start-error'
  if (wasLost(ended)) return 'lost'
  return podReason === 'Evicted' ? 'evicted' : undefined
}

/**
 * Why the last run ended; `null` when none has. `killed` and `terminated` are the two signals (137 and 143) with nobody known to have sent
 * them: a 137 alone is no proof of missing memory.
 */
export function terminationCause(history: History, view: View): TerminationCause | null {
  const { lastEnded, pod } = history
  const ended = lastEnded?.ended
  if (!ended) return null
  const stated = statedCause(ended, pod.status?.reason)
  if (stated) return stated
  const { startedAt = 0, finishedAt = view.now } = lastEnded
  const seen = sightingsOfContainer(pod, history.container.name, view.snapshot)
  const kill = KILLS.find((one) => killedBy(one, { history, ended, startedAt, finishedAt }, seen))
  return kill?.cause ?? byExitCode(ended.exitCode)
}

const EXECUTABLE = /exec: \\?"([^"\\\s]{1,200})/
const PROBLEMS = [
  'executable file not found in $PATH',
  'no such file or directory',
  'permission denied',
  'exec format error',
  'is a directory',
]
const WRAPPING = /^.*(?:unable to start container process|runc create failed|failed to create shim task): /

/** The program and what is wrong with it. A command is cut at its first blank: arguments are where secrets stand. */
function programProblem(message: string): string | undefined {
  const program = EXECUTABLE.exec(message)?.[1]
  const problem = PROBLEMS.find((words) => message.includes(words))
  return program === undefined ? undefined : `"${program}": ${problem ?? 'cannot be started'}`
}

/**
 * What the runtime says of a program that it could not start; `null` when it was started. Of a program that was started, the message is the
 * program's own words, which may hold secrets or orders: it is never shown.
 */
export function startFailure({ lastEnded }: History): string | null {
  const ended = lastEnded?.ended
  if (!ended || !neverStarted(ended)) return null
  const message = plainText(ended.message ?? 'the runtime does not say why')
  return programProblem(message) ?? truncate(message.replace(WRAPPING, ''), 200)
}
