import type { Snapshot } from '../cluster/snapshot.ts'
import { parseTime } from '../util/time.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'
import { blindToRevisions, imagesOf, revisionsOf, type Revision } from './revision.ts'
import type { Subject, View } from './subject.ts'
import { asWorkload, conditionOf, isDaemonSet, isDeployment, isReplicaSet } from './workload-kind.ts'
import type { DaemonSet, Deployment, StatefulSet, Workload } from './workload-kind.ts'
import { scaleOf, unobserved } from './workload.ts'

// Each kind of workload needs its own; see `blindToRevisions`.
const READS: readonly Read[] = [
  { resource: 'replicasets.apps', index: 'replicaSetsByOwner', optional: true },
  { resource: 'controllerrevisions.apps', index: 'revisionsByOwner', optional: true },
  { resource: 'pods', index: 'podsByOwner', optional: true },
]

const on =
  (read: (workload: Workload, snapshot: Snapshot) => Reading) =>
  ({ object }: Subject<'workload'>, { snapshot }: View): Reading =>
    read(asWorkload(object), snapshot)

/** Reads the revisions of a workload, the newest first, where they were looked at. */
const ofRevisions = (read: (revisions: readonly Revision[], workload: Workload) => Reading) =>
  on((workload, snapshot) => blindToRevisions(workload, snapshot) ?? read(revisionsOf(workload, snapshot), workload))

// The controller compares with the deadline that the author of the Deployment set; it takes the word back as soon as anything moves.
function deploymentStalled(deployment: Deployment): Reading {
  if (deployment.spec?.paused === true || deployment.spec?.replicas === 0) return known(false)
  const progressing = conditionOf(deployment, 'Progressing')
  const exceeded = progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded'
  return exceeded ? known(true, { since: parseTime(progressing.lastTransitionTime) }) : known(false)
}

const partition = ({ spec }: StatefulSet): number => spec?.updateStrategy?.rollingUpdate?.partition ?? 0

// One that is only being scaled has one revision.
const isUpdating = ({ status }: StatefulSet): boolean =>
  status?.updateRevision !== undefined && status.currentRevision !== status.updateRevision

/** How many pods of an older revision are still to be replaced. */
function outdated(workload: StatefulSet | DaemonSet): number {
  if (workload.spec?.updateStrategy?.type === 'OnDelete') return 0
  const { existing, updated } = scaleOf(workload)
  if (isDaemonSet(workload)) return existing - updated
  return isUpdating(workload) ? existing - updated - partition(workload) : 0
}

/**
 * The last time at which an update provably moved, in milliseconds: its revision or one of its pods was made, a pod became ready or
 * stopped being so, or somebody wrote the template.
 */
function lastMove(workload: StatefulSet | DaemonSet, snapshot: Snapshot): number | undefined {
  const pods = snapshot.indexed('podsByOwner', workload.metadata.uid)
  const written = (workload.metadata.managedFields ?? []).filter((entry) => entry.fieldsV1?.['f:spec']?.['f:template'])
  const times = [
    workload.metadata.creationTimestamp,
    revisionsOf(workload, snapshot)[0]?.createdAt,
    ...written.map((entry) => entry.time),
    ...pods.map((pod) => pod.metadata.creationTimestamp),
    ...pods.map((pod) => conditionOf(pod, 'Ready')?.lastTransitionTime),
  ]
  const moves = times.map(parseTime).filter((at) => at !== undefined)
  return moves.length === 0 ? undefined : Math.max(...moves)
}

function stalled(workload: Workload, snapshot: Snapshot): Reading {
  const behind = unobserved(workload)
  if (behind) return behind
  if (isDeployment(workload)) return deploymentStalled(workload)
  if (isReplicaSet(workload) || scaleOf(workload).desired === 0 || outdated(workload) <= 0) return known(false)
  return blindToRevisions(workload, snapshot) ?? known(true, { since: lastMove(workload, snapshot) })
}

/** The newest older revision with pods that are ready now, else the newest older one. */
function previous([, ...older]: readonly Revision[]): Revision | undefined {
  return older.find(({ ready }) => ready > 0) ?? older[0]
}

function previousAvailable(revisions: readonly Revision[]): Reading {
  const before = previous(revisions)
  if (!before) return known(false)
  if (before.ready > 0) return known(true)
  return unknown('not-recorded', 'no older revision runs now, and Kubernetes does not record whether one ever served')
}

/** How a workload goes from one revision to the next. */
export const ROLLOUT_FACTS: readonly Fact[] = [
  fact({
    name: 'rolloutStalled',
    subjects: ['workload'],
    type: 'boolean',
    description:
      'Whether an update does not move: of a Deployment, its progress deadline has passed; of a StatefulSet or DaemonSet, pods of an older revision are left, since the last pod was made or changed its readiness. False while paused, at 0 replicas, and for what `partition` or `OnDelete` keep back.',
    reads: READS,
    read: on(stalled),
  }),
  fact({
    name: 'newRevision',
    subjects: ['workload'],
    type: 'string',
    nullable: true,
    description: 'The newest revision, by the name of its ReplicaSet or ControllerRevision; null of a ReplicaSet.',
    reads: READS,
    read: ofRevisions(([newest]) => known(newest?.name ?? null)),
  }),
  fact({
    name: 'newRevisionImages',
    subjects: ['workload'],
    type: 'strings',
    description: 'The images of the pod template as it is now, each once.',
    reads: [],
    read: ({ object }) => known(imagesOf(object.spec?.template)),
  }),
  fact({
    name: 'newRevisionReadyPods',
    subjects: ['workload'],
    type: 'number',
    description: 'How many pods of the newest revision are ready.',
    reads: READS,
    read: ofRevisions(([newest], workload) => known(newest?.ready ?? scaleOf(workload).ready)),
  }),
  fact({
    name: 'previousRevision',
    subjects: ['workload'],
    type: 'string',
    nullable: true,
    description: 'The newest older revision that has ready pods now, else the newest older one; null without any.',
    reads: READS,
    read: ofRevisions((revisions) => known(previous(revisions)?.name ?? null)),
  }),
  fact({
    name: 'previousRevisionImages',
    subjects: ['workload'],
    type: 'strings',
    description: 'The images of `previousRevision`.',
    reads: READS,
    read: ofRevisions((revisions) => known(previous(revisions)?.images ?? [])),
  }),
  fact({
    name: 'previousRevisionAvailable',
    subjects: ['workload'],
    type: 'boolean',
    description:
      'Whether an older revision has ready pods now, so that going back to it is known to work. Unknown where none runs.',
    reads: READS,
    read: ofRevisions(previousAvailable),
  }),
]
