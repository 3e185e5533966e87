import type { Snapshot } from '../cluster/snapshot.ts'
import { parseTime } from '../util/time.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { areDated, failureOf, isSuperseded, lastExit, runsOfCronJob, succeeded } from './job-run.ts'
import { bounds, known, recorded, unknown, type Reading } from './reading.ts'
import type { Subject, View } from './subject.ts'
import { isCronJob, type CronJob, type Job } from './workload-kind.ts'

const RUNS: readonly Read[] = [{ resource: 'jobs.batch', index: 'jobsByOwner' }]
const PODS: readonly Read[] = [{ resource: 'pods', index: 'podsByOwner', optional: true }]

// Kubernetes' own default for `failedJobsHistoryLimit`.
const KEPT_FAILURES = 1

/** The kept runs that failed and were not followed by a success, the newest first. */
const failuresInARow = (cronJob: CronJob, snapshot: Snapshot): readonly Job[] =>
  runsOfCronJob(cronJob, snapshot).filter((run) => failureOf(run) && !isSuperseded(run, cronJob, snapshot))

const deletesAfterAWhile = ({ spec }: CronJob): boolean =>
  spec?.jobTemplate?.spec?.ttlSecondsAfterFinished !== undefined

/** How many failed runs are kept at most. */
const kept = ({ spec }: CronJob): number => spec?.failedJobsHistoryLimit ?? KEPT_FAILURES

/** Whether nothing has been due since the last success. */
function idleSinceSuccess({ status }: CronJob): boolean {
  const [success, due] = [parseTime(status?.lastSuccessfulTime), parseTime(status?.lastScheduleTime)]
  return due === undefined || (success !== undefined && success >= due)
}

/** Whether no failed run can have been deleted that came after the last success. */
function areAllKept(cronJob: CronJob, newest: Job | undefined, snapshot: Snapshot): boolean {
  if (!newest && idleSinceSuccess(cronJob)) return true
  if (deletesAfterAWhile(cronJob)) return false
  // The newest failure is the last to be deleted: without one, all that is kept are failures from before a success.
  if (!newest) return kept(cronJob) > 0
  return runsOfCronJob(cronJob, snapshot).filter((run) => failureOf(run)).length < kept(cronJob)
}

function consecutiveFailures(cronJob: CronJob, snapshot: Snapshot): Reading {
  if (!areDated(cronJob, snapshot)) return unknown('not-recorded', 'when its runs began')
  const failures = failuresInARow(cronJob, snapshot)
  const [newest] = failures
  const most = areAllKept(cronJob, newest, snapshot) ? failures.length : Infinity
  return known(bounds(failures.length, most), { since: newest && failureOf(newest)?.at })
}

/** A CronJob that never succeeded has no `lastSuccessfulTime`; one whose success is only seen in a kept Job has it a moment later. */
const everSucceeded = (cronJob: CronJob, snapshot: Snapshot): boolean =>
  cronJob.status?.lastSuccessfulTime !== undefined || runsOfCronJob(cronJob, snapshot).some(succeeded)

function lastFailure(cronJob: CronJob, snapshot: Snapshot): string | null {
  const [newest] = failuresInARow(cronJob, snapshot)
  const failed = newest && failureOf(newest)
  if (!failed) return null
  const exit = lastExit(newest, snapshot)
  const words = exit ? `, container ${exit.container} exited with ${exit.exitCode} (${exit.reason || 'no reason'})` : ''
  return `Job ${newest.metadata.name}: ${failed.reason}${words}`
}

const on =
  (read: (cronJob: CronJob, snapshot: Snapshot) => Reading) =>
  ({ object }: Subject<'cronjob'>, { snapshot }: View): Reading =>
    isCronJob(object) ? read(object, snapshot) : known(null)

/** How the runs of a CronJob end. Whether one is overdue is not told: that needs its schedule to be computed. */
export const CRONJOB_FACTS: readonly Fact[] = [
  fact({
    name: 'consecutiveFailures',
    subjects: ['cronjob'],
    type: 'number',
    description:
      'How many runs in a row have failed, up to now; 0 when the last finished run succeeded. An end that is open where Kubernetes deleted older runs.',
    reads: RUNS,
    read: on(consecutiveFailures),
  }),
  fact({
    name: 'everSucceeded',
    subjects: ['cronjob'],
    type: 'boolean',
    description: 'Whether any run of the CronJob has ever succeeded.',
    reads: RUNS,
    read: on((cronJob, snapshot) => known(everSucceeded(cronJob, snapshot))),
  }),
  fact({
    name: 'suspended',
    subjects: ['cronjob'],
    type: 'boolean',
    description: 'Whether somebody suspended the CronJob: nothing is due then.',
    reads: [],
    read: on((cronJob) => known(cronJob.spec?.suspend === true)),
  }),
  fact({
    name: 'lastFailure',
    subjects: ['cronjob'],
    type: 'string',
    nullable: true,
    description: 'The newest run that failed with no success since, with its reason and exit; null when there is none.',
    reads: [...RUNS, ...PODS],
    read: on((cronJob, snapshot) => known(lastFailure(cronJob, snapshot))),
  }),
  fact({
    name: 'lastSuccess',
    subjects: ['cronjob'],
    type: 'string',
    nullable: true,
    description: 'When a run last succeeded, as Kubernetes writes it; null when none ever did.',
    reads: [],
    read: on((cronJob) =>
      known(
        parseTime(cronJob.status?.lastSuccessfulTime) === undefined
          ? null
          : (cronJob.status?.lastSuccessfulTime ?? null),
      ),
    ),
  }),
  fact({
    name: 'schedule',
    subjects: ['cronjob'],
    type: 'string',
    description: 'The schedule as written, in the five fields of cron.',
    reads: [],
    read: on((cronJob) => recorded(cronJob.spec?.schedule, 'the CronJob has no schedule')),
  }),
]
