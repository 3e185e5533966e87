import { formatAge } from '../util/duration.ts'
import type { History } from './container-history.ts'
import { startFailure, terminationCause, type TerminationCause } from './termination.ts'
import type { View } from './subject.ts'

/** What ended a run, in words; `code` stands for its exit code. */
const WORDS: Readonly<Record<TerminationCause, string>> = {
  'oom-killed': 'killed for memory (OOMKilled, exit code {code})',
  'start-error': 'could not be started',
  evicted: 'ended with its evicted pod (exit code {code})',
  lost: 'lost with its node or runtime (exit code {code})',
  'liveness-probe': 'ended by the kubelet because its liveness probe failed (exit code {code})',
  'startup-probe': 'ended by the kubelet because its startup probe failed (exit code {code})',
  'post-start-hook': 'ended by the kubelet because its postStart hook failed (exit code {code})',
  completed: 'exited with 0, as if its work were done',
  killed: 'killed, nothing says by whom (exit code {code}, SIGKILL)',
  terminated: 'ended, nothing says by whom (exit code {code}, SIGTERM)',
  error: 'exited with {code}',
}

/** How the last run of a container ended, in words; `null` when none has. */
export function lastEnd(history: History, view: View): string | null {
  const cause = terminationCause(history, view)
  if (cause === null) return null
  const failure = startFailure(history)
  if (failure !== null) return `${WORDS[cause]}: ${failure}`
  const { ended, startedAt, finishedAt } = history.lastEnded ?? {}
  const words = WORDS[cause].replace('{code}', String(ended?.exitCode ?? 'unknown'))
  if (startedAt === undefined || finishedAt === undefined) return words
  return `${words} after ${formatAge(finishedAt - startedAt)}`
}
