import type { AnyObject } from '../cluster/kinds.ts'
import type { Terminated } from '../cluster/projection/pod.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { byKeys } from '../util/order.ts'
import { plainText, truncate } from '../util/text.ts'
import { parseTime } from '../util/time.ts'
import { containersOf, type ContainerView } from './subject.ts'
import { isCronJob, isJob, trueCondition, type CronJob, type Job } from './workload-kind.ts'

/** How a container of a Job ended when it failed. */
export interface Exit {
  readonly container: string
  readonly exitCode: number
  readonly reason: string
}

const MESSAGE_LENGTH = 300

const lastEnd = ({ status }: ContainerView): Terminated | undefined =>
  status?.state?.terminated ?? status?.lastState?.terminated

function failedExit(container: ContainerView): (Exit & { readonly at: string }) | undefined {
  const { exitCode = 0, reason = '', finishedAt = '' } = lastEnd(container) ?? {}
  return exitCode === 0 ? undefined : { container: container.name, exitCode, reason, at: finishedAt }
}

/** How the last failed container of a Job ended; `undefined` when none of its pods tells any more. */
export function lastExit(job: AnyObject, snapshot: Snapshot): Exit | undefined {
  const exits = snapshot.indexed('podsByOwner', job.metadata.uid).flatMap((pod) => containersOf(pod).map(failedExit))
  return exits
    .filter((exit) => exit !== undefined)
    .toSorted(byKeys(({ at, container }) => [at, container]))
    .at(-1)
}

/** The CronJob that made a Job, where it is held. */
export function cronJobOf(job: AnyObject, snapshot: Snapshot): CronJob | undefined {
  const [, owner] = snapshot.owners(job).chain
  const found = owner && snapshot.byUid(owner.metadata.uid)
  return found && isCronJob(found) ? found : undefined
}

/** When a Job failed, in milliseconds, and why; `undefined` for one that did not. */
export function failureOf(
  job: Job,
): { readonly reason: string; readonly message: string; readonly at: number | undefined } | undefined {
  const failed = trueCondition(job, 'Failed')
  if (!failed) return undefined
  const message = truncate(plainText(failed.message ?? ''), MESSAGE_LENGTH)
  return { reason: failed.reason ?? 'Failed', message, at: parseTime(failed.lastTransitionTime) }
}

export const succeeded = (job: Job): boolean => trueCondition(job, 'Complete') !== undefined

/** When a run began, in milliseconds. */
const startOf = ({ metadata, status }: Job): number =>
  parseTime(status?.startTime) ?? parseTime(metadata.creationTimestamp) ?? 0

/** The runs of a CronJob that are kept, the newest first. */
export const runsOfCronJob = (cronJob: AnyObject, snapshot: Snapshot): readonly Job[] =>
  snapshot
    .indexed('jobsByOwner', cronJob.metadata.uid)
    .filter((job) => isJob(job))
    .toSorted((a, b) => startOf(b) - startOf(a))

/** Whether it is known of every kept run of a CronJob when it began: else nobody knows which came last. */
export const areDated = (cronJob: AnyObject, snapshot: Snapshot): boolean =>
  runsOfCronJob(cronJob, snapshot).every((run) => startOf(run) > 0)

/** Whether a run that began later, or that ended after this one failed, was a success: what failed is history then. */
export function isSuperseded(job: Job, cronJob: CronJob, snapshot: Snapshot): boolean {
  const later = runsOfCronJob(cronJob, snapshot).filter((run) => startOf(run) > startOf(job))
  if (later.some(succeeded)) return true
  const [success, failure] = [parseTime(cronJob.status?.lastSuccessfulTime), failureOf(job)?.at]
  return success !== undefined && failure !== undefined && success >= failure
}
