import type { AnyObject } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { plainText, truncate } from '../util/text.ts'
import { MINUTE, parseTime } from '../util/time.ts'
import { sightingsOf, type Sighting } from './events.ts'
import { isOfTerminatingNamespace, refusalCause, type RefusalCause } from './refusal-cause.ts'
import { isDaemonSet, isDeployment, isJob, isReplicaSet, isStatefulSet, trueCondition } from './workload-kind.ts'
import type { DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from './workload-kind.ts'

/** Why pods that are wanted cannot be made. Times are milliseconds. */
export interface Refusal {
  readonly cause: RefusalCause
  /** The quota, webhook, policy, service account (as `namespace/name`) or level that refused; empty where the API server names none. */
  readonly by: string
  readonly message: string
  readonly since: number | undefined
  /** When this is too long ago to be believed, unless it is seen again. */
  readonly until: number | undefined
}

// A controller that cannot make a pod tries again after at most 1000 s, the longest back-off of its queue. An Event that is older
// and was not repeated speaks of a time when it did not try, or succeeded.
const RETRY_MS = 20 * MINUTE
const MESSAGE_LENGTH = 400

const lacking = (desired: number | undefined, existing: number | undefined): number =>
  Math.max(0, (desired ?? 1) - (existing ?? 0))

const replicaSetsOf = (deployment: Deployment, snapshot: Snapshot): readonly ReplicaSet[] =>
  snapshot.indexed('replicaSetsByOwner', deployment.metadata.uid).filter(isReplicaSet)

const isOver = (job: Job): boolean =>
  ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'].some((type) => trueCondition(job, type))

function missingInJob(job: Job): number {
  if (isOver(job) || job.spec?.suspend === true) return 0
  const { parallelism = 1, completions = Infinity } = job.spec ?? {}
  return lacking(Math.min(parallelism, completions - (job.status?.succeeded ?? 0)), job.status?.active)
}

const missingInDaemonSet = ({ status }: DaemonSet): number =>
  lacking(status?.desiredNumberScheduled ?? 0, status?.currentNumberScheduled)

const missingInSet = ({ spec, status }: ReplicaSet | StatefulSet | Deployment): number =>
  lacking(spec?.replicas, status?.replicas)

// During a rollout all pods may be there and those of the new revision be missing: each ReplicaSet counts on its own.
function missingInDeployment(deployment: Deployment, snapshot: Snapshot): number {
  const sets = replicaSetsOf(deployment, snapshot)
  return sets.length === 0 ? missingInSet(deployment) : sets.reduce((sum, set) => sum + missingInSet(set), 0)
}

/** How many pods of a workload or Job are wanted now and do not exist; 0 for any other object, and for one that is being deleted. */
export function missingPods(object: AnyObject, snapshot: Snapshot): number {
  if (object.metadata.deletionTimestamp !== undefined) return 0
  if (isDeployment(object)) return missingInDeployment(object, snapshot)
  if (isDaemonSet(object)) return missingInDaemonSet(object)
  if (isJob(object)) return missingInJob(object)
  return isReplicaSet(object) || isStatefulSet(object) ? missingInSet(object) : 0
}

/** What makes the pods of an object and lacks some: the object, or those of its ReplicaSets that do. */
function makersOf(object: AnyObject, snapshot: Snapshot): readonly AnyObject[] {
  if (missingPods(object, snapshot) === 0) return []
  const sets = isDeployment(object) ? replicaSetsOf(object, snapshot).filter((set) => missingInSet(set) > 0) : []
  return sets.length > 0 ? sets : [object]
}

/** What a condition says of a refusal. StatefulSets, DaemonSets and Jobs have none. */
function toldByCondition(object: AnyObject): Told | undefined {
  if (!isDeployment(object) && !isReplicaSet(object)) return undefined
  const failure = trueCondition(object, 'ReplicaFailure')
  const creation = isDeployment(object) ? object.status?.conditions?.find(isCreateError) : undefined
  const found = failure?.reason === 'FailedCreate' ? failure : creation
  return found && { message: found.message ?? '', since: parseTime(found.lastTransitionTime), until: undefined }
}

const isCreateError = ({ type, reason }: { readonly type?: string; readonly reason?: string }): boolean =>
  type === 'Progressing' && reason === 'ReplicaSetCreateError'

/** Since when the sightings (the latest first) follow one another without a gap in which the controller must have succeeded. */
function unbroken(sightings: readonly Sighting[]): number | undefined {
  let since = sightings[0]?.first
  for (const { first, last } of sightings) {
    if (since === undefined || since - last > RETRY_MS) break
    since = Math.min(since, first)
  }
  return since
}

type Told = Pick<Refusal, 'message' | 'since' | 'until'>

function toldByEvents(maker: AnyObject, snapshot: Snapshot, now: number): Told | undefined {
  const sightings = sightingsOf(maker, snapshot).filter(({ reason }) => reason === 'FailedCreate')
  const [latest] = sightings
  if (!latest || now - latest.last >= RETRY_MS) return undefined
  return { message: latest.message, since: unbroken(sightings), until: latest.last + RETRY_MS }
}

function refusalOf(maker: AnyObject, snapshot: Snapshot, now: number): Refusal | undefined {
  const condition = toldByCondition(maker)
  const events = toldByEvents(maker, snapshot, now)
  // The condition keeps the time and the words of the first refusal; the latest Event has the words of now.
  const told =
    condition && events ? { ...condition, message: events.message, until: events.until } : (condition ?? events)
  if (!told || isOfTerminatingNamespace(told.message)) return undefined
  return { ...told, ...refusalCause(told.message), message: tidy(told.message) }
}

const PREFIXES = /^(?:\(combined from similar events\): |Error creating: )+/

const tidy = (message: string): string => truncate(plainText(message).replace(PREFIXES, ''), MESSAGE_LENGTH)

/** Why pods of a workload or Job that are wanted now cannot be made: one refusal for each controller that tries. `now` is in milliseconds. */
export function refusalsOf(object: AnyObject, snapshot: Snapshot, now: number): readonly Refusal[] {
  return makersOf(object, snapshot)
    .map((maker) => refusalOf(maker, snapshot, now))
    .filter((refusal) => refusal !== undefined)
}
