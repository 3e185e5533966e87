import { ofHistory, type History } from './container-history.ts'
import { crashesInRow } from './crash-row.ts'
import { fact, type Fact } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'
import { restartsIn } from './restarts.ts'
import { lastEnd } from './termination-words.ts'
import { TERMINATION_CAUSES, startFailure, terminationCause } from './termination.ts'

const EVENTS = [{ resource: 'events', index: 'eventsByObject', optional: true }] as const

/** What the last ended run says, with the time it ended; `null` while none has. */
const ofLastRun =
  (tell: (history: History) => Reading) =>
  (history: History): Reading =>
    history.lastEnded ? tell(history) : known(null)

const since = ({ lastEnded }: History): { since: number | undefined } => ({ since: lastEnded?.finishedAt })

const exitCode = ofLastRun((history) => {
  const code = history.lastEnded?.ended?.exitCode
  return code === undefined ? unknown('not-recorded', 'the exit code') : known(code, since(history))
})

const runSeconds = ofLastRun((history) => {
  const { startedAt, finishedAt } = history.lastEnded ?? {}
  if (startedAt === undefined || finishedAt === undefined)
    return unknown('not-recorded', 'when the last run began or ended')
  return known(Math.max(0, finishedAt - startedAt) / 1000, since(history))
})

const windowed = {
  window: { type: 'duration', description: 'The time before now that is looked at.' },
} as const

/** How a container restarts and ends. */
export const CONTAINER_CRASH_FACTS: readonly Fact[] = [
  fact({
    name: 'restartCount',
    subjects: ['container'],
    type: 'number',
    description: 'How often the container restarted since its pod came to its node.',
    reads: [],
    read: ofHistory(({ restarts, runs: [latest] }) => known(restarts, { since: latest?.startedAt })),
  }),
  fact({
    name: 'restartsIn',
    subjects: ['container'],
    type: 'number',
    description:
      'How often the container restarted in the window before now: bounds where one look cannot tell exactly.',
    parameters: windowed,
    reads: EVENTS,
    read: ofHistory((history, view, { window }) => restartsIn(history, view, Number(window))),
  }),
  fact({
    name: 'crashesInRow',
    subjects: ['container'],
    type: 'number',
    description:
      'How many runs in a row, up to the last one that ended, ended within ten minutes of their start; 0 once the present run has lasted that long.',
    reads: [...EVENTS, { resource: 'nodes', optional: true }],
    read: ofHistory(crashesInRow),
  }),
  fact({
    name: 'lastExitCode',
    subjects: ['container'],
    type: 'number',
    nullable: true,
    description: 'The exit code of the last run that ended; null when none has.',
    reads: [],
    read: ofHistory(exitCode),
  }),
  fact({
    name: 'lastTerminationReason',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    description:
      'The reason that Kubernetes gives for the end of the last run, such as Error, OOMKilled or StartError.',
    reads: [],
    read: ofHistory((history) => known(history.lastEnded?.ended?.reason ?? null, since(history))),
  }),
  fact({
    name: 'lastTerminationCause',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    values: TERMINATION_CAUSES,
    description:
      'Why the last run ended: a failed probe, missing memory, a program that cannot be started, … `killed` and `terminated` are signals of which nobody knows the sender.',
    reads: EVENTS,
    read: ofHistory((history, view) => known(terminationCause(history, view), since(history))),
  }),
  fact({
    name: 'lastRunSeconds',
    subjects: ['container'],
    type: 'number',
    nullable: true,
    description: 'How long the last run that ended lasted, in seconds.',
    reads: [],
    read: ofHistory(runSeconds),
  }),
  fact({
    name: 'lastEnd',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    description: 'How the last run ended, in words: its exit code, who or what ended it, how long it had run.',
    reads: EVENTS,
    read: ofHistory((history, view) => known(lastEnd(history, view), since(history))),
  }),
  fact({
    name: 'startFailure',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    description: 'What the runtime says of a program that it could not start; null when the last run was started.',
    reads: [],
    read: ofHistory((history) => known(startFailure(history), since(history))),
  }),
]
