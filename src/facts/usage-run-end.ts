import type { AnyObject } from '../cluster/kinds.ts'
import type { Change } from '../cluster/mirror.ts'
import { parseTime } from '../util/time.ts'
import { isJob, trueCondition, type Job } from './workload-kind.ts'

/** The run of a Job that a sample belongs to. */
export interface RunOfJob {
  readonly job: string
  /** When its pod came to its node, in milliseconds. */
  readonly startedAt: number
}

/** A run of a Job that is over. Times are milliseconds since 1970. */
export interface EndedRun {
  readonly job: string
  readonly madeAt: number
  readonly at: number
  readonly succeeded: boolean
}

/** How a Job ended and when, in milliseconds; `undefined` while it has not. */
function endOf(job: Job): { readonly at: number | undefined; readonly succeeded: boolean } | undefined {
  const complete = trueCondition(job, 'Complete')
  const condition = complete ?? trueCondition(job, 'Failed')
  if (!condition) return undefined
  const at = parseTime(job.status?.completionTime) ?? parseTime(condition.lastTransitionTime)
  return { at, succeeded: complete !== undefined }
}

/** Whether a Job is over. */
export const isOver = (job: Job): boolean => endOf(job) !== undefined

const asJob = (object: AnyObject | undefined): Job | undefined => (object && isJob(object) ? object : undefined)

/** The run that is over with a change of a Job: it ended, or was taken away before it did. */
export function runEndedBy({ before, after, observedAt }: Change): EndedRun | undefined {
  const [then, now] = [asJob(before), asJob(after)]
  const job = now ?? then
  if (!job || (then && isOver(then))) return undefined
  const end = now ? endOf(now) : { at: observedAt, succeeded: false }
  if (!end) return undefined
  const { uid, creationTimestamp } = job.metadata
  return {
    job: uid,
    madeAt: parseTime(creationTimestamp) ?? 0,
    at: Math.min(end.at ?? observedAt, observedAt),
    succeeded: end.succeeded,
  }
}
