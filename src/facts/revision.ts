import type { ObjectOf } from '../cluster/kinds.ts'
import type { PodTemplate } from '../cluster/projection/pod-spec.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { isReady } from './joins.ts'
import { unknown, type Unknown } from './reading.ts'
import { isDeployment, isReplicaSet, isStatefulSet, type Deployment, type Workload } from './workload-kind.ts'

type Pod = ObjectOf<'pods'>

/** One revision of a workload's pod template. */
export interface Revision {
  /** Of its ReplicaSet or ControllerRevision. */
  readonly name: string
  readonly number: number
  /** Of init and main containers in the order they start, each once. */
  readonly images: readonly string[]
  readonly createdAt: string | undefined
  /** How many of its pods are ready now. */
  readonly ready: number
}

export function imagesOf(template: PodTemplate | undefined): readonly string[] {
  const containers = [...(template?.spec?.initContainers ?? []), ...(template?.spec?.containers ?? [])]
  return [...new Set(containers.map(({ image }) => image).filter((image) => image !== undefined))]
}

function ofDeployment(deployment: Deployment, snapshot: Snapshot): Revision[] {
  return snapshot.indexed('replicaSetsByOwner', deployment.metadata.uid).map(({ metadata, spec, status }) => ({
    name: metadata.name,
    number: Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0),
    images: imagesOf(spec?.template),
    createdAt: metadata.creationTimestamp,
    ready: status?.readyReplicas ?? 0,
  }))
}

// A StatefulSet marks its pods with the revision's name, a DaemonSet with the hash that the revision carries as a label.
function isOfRevision(pod: Pod, { metadata }: ObjectOf<'controllerrevisions.apps'>): boolean {
  const hash = pod.metadata.labels?.['controller-revision-hash']
  return hash !== undefined && (hash === metadata.name || hash === metadata.labels?.['controller-revision-hash'])
}

function ofController(workload: Workload, snapshot: Snapshot): Revision[] {
  const ready = snapshot.indexed('podsByOwner', workload.metadata.uid).filter(isReady)
  return snapshot.indexed('revisionsByOwner', workload.metadata.uid).map((revision) => ({
    name: revision.metadata.name,
    number: revision.revision ?? 0,
    images: imagesOf(revision.data?.spec?.template),
    createdAt: revision.metadata.creationTimestamp,
    ready: ready.filter((pod) => isOfRevision(pod, revision)).length,
  }))
}

/** Where the revisions of a Deployment are, and those of a StatefulSet or DaemonSet with the pods that tell how they fare. */
const HOMES = { deployment: ['replicasets.apps'], controller: ['controllerrevisions.apps', 'pods'] } as const

/** Why the revisions of a workload cannot be told: a kind that holds them was not looked at. */
export function blindToRevisions(workload: Workload, snapshot: Snapshot): Unknown | undefined {
  if (isReplicaSet(workload)) return undefined
  for (const resource of HOMES[isDeployment(workload) ? 'deployment' : 'controller']) {
    const look = snapshot.look(resource, workload.metadata.namespace)
    if (typeof look === 'object') return unknown(look.unknown, look.detail)
  }
  return undefined
}

/** The revisions of a workload that Kubernetes keeps, the newest first; none of a ReplicaSet, which has no history. */
export function revisionsOf(workload: Workload, snapshot: Snapshot): readonly Revision[] {
  if (isReplicaSet(workload)) return []
  const revisions = isDeployment(workload) ? ofDeployment(workload, snapshot) : ofController(workload, snapshot)
  const named = isStatefulSet(workload) ? workload.status?.updateRevision : undefined
  return revisions.toSorted((a, b) => Number(b.name === named) - Number(a.name === named) || b.number - a.number)
}
