import type { Snapshot } from '../cluster/snapshot.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { areDated, cronJobOf, failureOf, isSuperseded, lastExit } from './job-run.ts'
import { known, recorded, unknown, type Reading } from './reading.ts'
import type { Subject, View } from './subject.ts'
import { isJob, type Job } from './workload-kind.ts'

type OnJob = Subject<'job'>

const PODS: readonly Read[] = [{ resource: 'pods', index: 'podsByOwner', optional: true }]
const RUNS: readonly Read[] = [
  { resource: 'cronjobs.batch', optional: true },
  { resource: 'jobs.batch', index: 'jobsByOwner' },
]

/** Why a Job failed and that still matters; `null` for any other. */
function failure(job: Job, snapshot: Snapshot): ReturnType<typeof failureOf> | null {
  const failed = job.metadata.deletionTimestamp === undefined ? failureOf(job) : undefined
  if (!failed) return null
  const cronJob = cronJobOf(job, snapshot)
  const history = cronJob && (cronJob.spec?.suspend === true || isSuperseded(job, cronJob, snapshot))
  return history === true ? null : failed
}

/** What exit of a container says, in words. */
const exitText = (job: Job, snapshot: Snapshot): string => {
  const exit = lastExit(job, snapshot)
  if (!exit) return ''
  return `; container ${exit.container} last exited with ${exit.exitCode}${exit.reason === '' ? '' : ` (${exit.reason})`}`
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** What each way to fail means, with the numbers of the Job. */
const WORDS: Readonly<Record<string, (job: Job, message: string) => string>> = {
  BackoffLimitExceeded: ({ spec, status }) =>
    `used up its backoff limit of ${spec?.backoffLimit ?? 6} with ${plural(status?.failed ?? 0, 'failed pod')}`,
  DeadlineExceeded: ({ spec }) => `ran longer than its deadline of ${spec?.activeDeadlineSeconds ?? 'none'} s`,
  PodFailurePolicy: (_, message) => `was ended by its pod failure policy: ${message}`,
  FailedIndexes: (_, message) => `has failed indexes: ${message}`,
  MaxFailedIndexesExceeded: (_, message) => `has more failed indexes than it allows: ${message}`,
}

function detail(job: Job, snapshot: Snapshot): string | null {
  const failed = failure(job, snapshot)
  if (!failed) return null
  const words = Object.hasOwn(WORDS, failed.reason) ? WORDS[failed.reason] : undefined
  const text = words ? words(job, failed.message) : `failed: ${failed.reason}: ${failed.message}`
  return `${text}${exitText(job, snapshot)}`
}

const on =
  (read: (job: Job, snapshot: Snapshot) => Reading) =>
  ({ object }: OnJob, { snapshot }: View): Reading =>
    isJob(object) ? read(object, snapshot) : known(null)

/** How a Job ended. */
export const JOB_FACTS: readonly Fact[] = [
  fact({
    name: 'jobFailure',
    subjects: ['job'],
    type: 'string',
    nullable: true,
    description:
      'Why the Job failed for good (the reason of its condition Failed); null while it runs or retries, when it succeeded, and when it is a run of a CronJob that is suspended or has succeeded since.',
    reads: RUNS,
    read: on((job, snapshot) => {
      const cronJob = cronJobOf(job, snapshot)
      if (cronJob && !areDated(cronJob, snapshot)) return unknown('not-recorded', 'when its runs began')
      const failed = failure(job, snapshot)
      return failed ? known(failed.reason, { since: failed.at }) : known(null)
    }),
  }),
  fact({
    name: 'jobFailureDetail',
    subjects: ['job'],
    type: 'string',
    nullable: true,
    description:
      'Why the Job failed, in words, with its limits and the exit of its last failed container; null as `jobFailure`.',
    reads: [...RUNS, ...PODS],
    read: on((job, snapshot) => known(detail(job, snapshot))),
  }),
  fact({
    name: 'failedPods',
    subjects: ['job'],
    type: 'number',
    description: 'How many pods of the Job failed.',
    reads: [],
    read: on((job) => known(job.status?.failed ?? 0)),
  }),
  fact({
    name: 'backoffLimit',
    subjects: ['job'],
    type: 'number',
    description: 'How many failures the Job allows before it gives up.',
    reads: [],
    read: on((job) => recorded(job.spec?.backoffLimit, 'the Job has no backoffLimit')),
  }),
  fact({
    name: 'deadlineSeconds',
    subjects: ['job'],
    type: 'number',
    nullable: true,
    description: 'How long the Job may run in all; null without a limit.',
    reads: [],
    read: on((job) => known(job.spec?.activeDeadlineSeconds ?? null)),
  }),
  fact({
    name: 'lastFailedExitCode',
    subjects: ['job'],
    type: 'number',
    nullable: true,
    description: 'The exit code of the container of the Job that failed last; null when no pod of it tells.',
    reads: [{ resource: 'pods', index: 'podsByOwner' }],
    read: on((job, snapshot) => known(lastExit(job, snapshot)?.exitCode ?? null)),
  }),
]
