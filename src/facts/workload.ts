import { fact, type Fact } from './fact.ts'
import { known, unknown, type Reading, type Unknown } from './reading.ts'
import type { Subject } from './subject.ts'
import { asWorkload, isDaemonSet, isDeployment, isStatefulSet, type Workload } from './workload-kind.ts'

const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const

/** How many pods of a workload there should be, and are. */
export interface Scale {
  readonly desired: number
  readonly existing: number
  readonly ready: number
  /** Of the newest revision. */
  readonly updated: number
}

// Kubernetes leaves a count of zero out.
const count = (value: number | undefined): number => value ?? 0

/** Of a workload whose controller has looked at it. A ReplicaSet has one revision, so all its pods are of the newest. */
export function scaleOf(workload: Workload): Scale {
  if (isDaemonSet(workload)) {
    const status = workload.status ?? {}
    return {
      desired: count(status.desiredNumberScheduled),
      existing: count(status.currentNumberScheduled),
      ready: count(status.numberReady),
      updated: count(status.updatedNumberScheduled),
    }
  }
  const existing = count(workload.status?.replicas)
  const updates = isDeployment(workload) || isStatefulSet(workload)
  return {
    desired: workload.spec?.replicas ?? 1,
    existing,
    ready: count(workload.status?.readyReplicas),
    updated: updates ? count(workload.status?.updatedReplicas) : existing,
  }
}

/** Why the status of a workload cannot be believed: its controller has not looked at the newest specification. */
export function unobserved({ metadata, status }: Workload): Unknown | undefined {
  const { generation } = metadata
  const seen = status?.observedGeneration
  if (generation === undefined || (seen !== undefined && seen >= generation)) return undefined
  return unknown(
    'not-recorded',
    `its controller has not looked at generation ${generation} yet (last at ${seen ?? 'none'})`,
  )
}

/** Reads a workload whose status can be believed. */
const observed =
  (read: (workload: Workload) => Reading) =>
  ({ object }: Subject<'workload'>): Reading => {
    const workload = asWorkload(object)
    return unobserved(workload) ?? read(workload)
  }

const pods = (name: string, description: string, of: keyof Scale): Fact =>
  fact({
    name,
    subjects: ['workload'],
    type: 'number',
    description,
    reads: [],
    read: observed((workload) => known(scaleOf(workload)[of])),
  })

/** How a workload stands, by its own numbers. */
export const WORKLOAD_FACTS: readonly Fact[] = [
  fact({
    name: 'workloadKind',
    subjects: ['workload'],
    type: 'string',
    values: WORKLOAD_KINDS,
    description: 'Deployment, StatefulSet, DaemonSet or a ReplicaSet of its own.',
    reads: [],
    read: ({ object }) => known(object.kind),
  }),
  pods('desiredPods', 'How many pods there should be; for a DaemonSet, the nodes it should run on.', 'desired'),
  pods('existingPods', 'How many pods there are, of any revision.', 'existing'),
  pods('readyPods', 'How many pods are ready, of any revision.', 'ready'),
  pods('updatedPods', 'How many pods are of the newest revision.', 'updated'),
  fact({
    name: 'rolloutPaused',
    subjects: ['workload'],
    type: 'boolean',
    description: 'Whether somebody paused the rollout of a Deployment; false for other kinds, which cannot be paused.',
    reads: [],
    read: ({ object }) => known(isDeployment(object) && object.spec?.paused === true),
  }),
]
