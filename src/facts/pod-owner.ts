import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import { parseTime } from '../util/time.ts'
import { conditionOf } from './condition.ts'
import { known, unknown, type Reading, type Unknown } from './reading.ts'
import type { View } from './subject.ts'

type Pod = ObjectOf<'pods'>
type Job = ObjectOf<'jobs.batch'>

const isJob = (object: AnyObject | undefined): object is Job =>
  object?.kind === 'Job' && object.apiVersion === 'batch/v1'

/** The Job that controls a pod; `undefined` when none does. */
function jobOf(pod: Pod, { snapshot }: View): Job | Unknown | undefined {
  const { chain, missing } = snapshot.owners(pod)
  const [, owner] = chain
  if (isJob(owner)) return owner
  const look = snapshot.look('jobs.batch', pod.metadata.namespace)
  // A Job that is named and not held is gone where Jobs were looked at, and anybody's guess where they were not.
  return missing?.kind === 'Job' && typeof look === 'object' ? unknown(look.unknown, look.detail) : undefined
}

const isUnread = (job: Job | Unknown | undefined): job is Unknown => job !== undefined && 'unknown' in job

/** Whether a Job made the pod: its failures are counted and retried by the Job. */
export function ownedByJob(pod: Pod, view: View): Reading {
  const job = jobOf(pod, view)
  return isUnread(job) ? job : known(job !== undefined, { since: parseTime(pod.metadata.creationTimestamp) })
}

const isComplete = (job: Job): boolean => conditionOf(job.status?.conditions, 'Complete')?.status === 'True'

/** When the CronJob above a Job last succeeded, in milliseconds. */
function lastSuccessOf(job: Job, { snapshot }: View): number | undefined {
  const [, above] = snapshot.owners(job).chain
  const cronJob =
    above?.kind === 'CronJob'
      ? snapshot.get('cronjobs.batch', above.metadata.namespace, above.metadata.name)
      : undefined
  return parseTime(cronJob?.status?.lastSuccessfulTime)
}

/** Whether the work of a pod was done after all: its Job completed, or the CronJob above has succeeded since the pod was made. */
export function jobRecovered(pod: Pod, view: View): Reading {
  const job = jobOf(pod, view)
  if (isUnread(job)) return job
  const now = job && view.snapshot.byUid(job.metadata.uid)
  const created = parseTime(pod.metadata.creationTimestamp)
  const recovered = isJob(now) && (isComplete(now) || (lastSuccessOf(now, view) ?? 0) > (created ?? Infinity))
  return recovered ? known(true) : known(false, { since: created })
}

/** The kind of the controller that the pod names, whether or not it is held; `null` for a bare pod. */
export const controllerKind = (pod: Pod): string | null =>
  pod.metadata.ownerReferences?.find((owner) => owner.controller === true)?.kind ?? null
