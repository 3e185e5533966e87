import { formatTime, SECOND } from '../../util/time.ts'
import { conditionOf, withCondition, withoutCondition } from './conditions.ts'
import type { Condition } from './objects.ts'
import type { Deployment, ReplicaSet } from './workload-objects.ts'

export interface Sets {
  readonly current: ReplicaSet
  /** Of earlier revisions, oldest first. */
  readonly old: readonly ReplicaSet[]
}

interface Situation {
  readonly sets: Sets
  /** How many pods may be missing. */
  readonly unavailable: number
  /** Milliseconds since 1970. */
  readonly now: number
}

type Status = NonNullable<Deployment['status']> & {
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
}

const sum = (
  sets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number => sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0)

/** The status of a Deployment, from its ReplicaSets. */
export function deploymentStatus(deployment: Deployment, situation: Situation): Status {
  const { sets } = situation
  const all = [...sets.old, sets.current]
  const { replicas: wanted = 1 } = deployment.spec
  const counts = {
    replicas: sum(all, 'replicas'),
    updatedReplicas: sum([sets.current], 'replicas'),
    readyReplicas: sum(all, 'readyReplicas'),
    availableReplicas: sum(all, 'availableReplicas'),
    unavailableReplicas: Math.max(0, Math.max(wanted, sum(all, 'replicas')) - sum(all, 'availableReplicas')),
  }
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    // The API server leaves out what is nought.
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    terminatingReplicas: sum(all, 'terminatingReplicas'),
    conditions: conditionsOf(deployment, situation, counts),
  } as Status
}

type Counts = Record<'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas', number>

function conditionsOf(deployment: Deployment, situation: Situation, counts: Counts): Condition[] {
  const { sets, unavailable, now } = situation
  const { replicas: wanted = 1 } = deployment.spec
  const enough = counts.availableReplicas >= wanted - unavailable
  const available = enough
    ? words('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : words('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')
  const said = stamped(deployment.status?.conditions, available, now)
  const refusal = conditionOf(sets.current.status?.conditions, 'ReplicaFailure')
  const refused = refusal
    ? stamped(said, words('ReplicaFailure', 'True', refusal.reason ?? '', refusal.message ?? ''), now)
    : withoutCondition(said, 'ReplicaFailure')
  return stamped(refused, progress(deployment, situation, counts), now)
}

function progress(deployment: Deployment, { sets, now }: Situation, counts: Counts): Condition {
  if (deployment.spec.paused === true)
    return words('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
  const name = `ReplicaSet "${sets.current.metadata.name}"`
  const same = saidOf(name, deployment)
  // Once complete it stays so until another revision comes, however the pods fare.
  if (isDone(deployment, counts) || same?.reason === 'NewReplicaSetAvailable')
    return words('Progressing', 'True', 'NewReplicaSetAvailable', `${name} has successfully progressed.`)
  if (same === undefined || movedOn(deployment, counts)) {
    const moved = words('Progressing', 'True', 'ReplicaSetUpdated', `${name} is progressing.`)
    return { ...moved, lastUpdateTime: formatTime(now) }
  }
  return isLate(deployment, same, now)
    ? words('Progressing', 'False', 'ProgressDeadlineExceeded', `${name} has timed out progressing.`)
    : same
}

/** What was said last of the progress of a ReplicaSet; nothing when that was of another. */
function saidOf(name: string, { status }: Deployment): Condition | undefined {
  const before = conditionOf(status?.conditions, 'Progressing')
  return before?.message?.startsWith(`${name} `) === true ? before : undefined
}

function isDone({ spec }: Deployment, { updatedReplicas, replicas, availableReplicas }: Counts): boolean {
  const { replicas: wanted = 1 } = spec
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted
}

function isLate({ spec }: Deployment, { reason, lastUpdateTime = '' }: Condition, now: number): boolean {
  const { progressDeadlineSeconds = 600 } = spec
  return reason === 'ProgressDeadlineExceeded' || now - Date.parse(lastUpdateTime) >= progressDeadlineSeconds * SECOND
}

const COUNTED = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const

function movedOn(deployment: Deployment, counts: Counts): boolean {
  const before = (deployment.status ?? {}) as Partial<Counts>
  const outdated = (of: Partial<Counts>): number => (of.replicas ?? 0) - (of.updatedReplicas ?? 0)
  return COUNTED.some((name) => counts[name] > (before[name] ?? 0)) || outdated(counts) < outdated(before)
}

const words = (type: string, status: string, reason: string, message: string): Condition => ({
  type,
  status,
  reason,
  message,
})

/** `lastUpdateTime` moves when anything but it changes. */
function stamped(conditions: readonly Condition[] | undefined, next: Condition, now: number): Condition[] {
  const before = conditionOf(conditions, next.type)
  const same = before?.status === next.status && before.reason === next.reason && before.message === next.message
  const lastUpdateTime = next.lastUpdateTime ?? (same ? before.lastUpdateTime : undefined) ?? formatTime(now)
  return withCondition(conditions, { ...next, lastUpdateTime }, now)
}
