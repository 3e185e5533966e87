import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { known, unknown, type Reading } from './reading.ts'
import type { View } from './subject.ts'

type Pod = ObjectOf<'pods'>

const REVISION = 'deployment.kubernetes.io/revision'
const HASH = 'controller-revision-hash'

const sameOrUnknown = (mine: string | undefined, newest: string | undefined): Reading =>
  mine === undefined || newest === undefined
    ? unknown('not-recorded', 'the revision of the pod or of its workload')
    : known(mine === newest ? 'current' : 'old')

const labelled = (pod: Pod): string | undefined => pod.metadata.labels?.[HASH]

/** A DaemonSet says nowhere which revision is its newest: the highest number does. */
function newestRevision(owner: AnyObject, snapshot: Snapshot): string | undefined {
  const revisions = snapshot.indexed('revisionsByOwner', owner.metadata.uid)
  const newest = revisions.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0]
  return newest?.metadata.labels?.[HASH]
}

type Compare = (pod: Pod, owner: AnyObject, snapshot: Snapshot) => Reading

const annotated = (object: AnyObject | undefined): string | undefined => object?.metadata.annotations?.[REVISION]

function ofReplicaSet(_: Pod, owner: AnyObject, snapshot: Snapshot): Reading {
  const [, above] = snapshot.owners(owner).chain
  return above?.kind === 'Deployment' ? sameOrUnknown(annotated(owner), annotated(above)) : known(null)
}

function ofStatefulSet(pod: Pod, { metadata }: AnyObject, snapshot: Snapshot): Reading {
  const set = snapshot.get('statefulsets.apps', metadata.namespace, metadata.name)
  return sameOrUnknown(labelled(pod), set?.status?.updateRevision)
}

const COMPARE: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ['ReplicaSet', ofReplicaSet],
  ['StatefulSet', ofStatefulSet],
  ['DaemonSet', (pod, owner, snapshot) => sameOrUnknown(labelled(pod), newestRevision(owner, snapshot))],
])

/** Whether a pod is of the newest revision of its workload; `null` when nothing above it has revisions. */
export function podRevision(pod: Pod, { snapshot }: View): Reading {
  const [, owner] = snapshot.owners(pod).chain
  const compare = owner && COMPARE.get(owner.kind)
  return compare ? compare(pod, owner, snapshot) : known(null)
}
