import type { ObjectOf } from '../cluster/kinds.ts'
import type { Condition } from '../cluster/projection/meta.ts'
import { plainText, truncate } from '../util/text.ts'
import { parseTime } from '../util/time.ts'
import { conditionOf } from './condition.ts'
import { fact, type Fact } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'
import { SUBJECT_KINDS, containersOf, type Subject, type View } from './subject.ts'

/**
 * Whether an object should be gone by now. Of a pod the API server writes the end of its grace period as the time of deletion, so until
 * then it is being stopped as it should be.
 */
function deletionOverdue({ object }: Subject, { now }: View): Reading {
  const { deletionTimestamp } = object.metadata
  if (deletionTimestamp === undefined) return known(false)
  const due = parseTime(deletionTimestamp)
  if (due === undefined) return unknown('malformed', 'the time of deletion')
  return due <= now ? known(true, { since: due }) : known(false, { until: due })
}

// The namespace controller's own sentences: which finalizers, kinds and counts are left.
const REMAINS = new Set([
  'NamespaceFinalizersRemaining',
  'NamespaceContentRemaining',
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionContentFailure',
])

const ofNamespace = (conditions: readonly Condition[] = []): readonly string[] =>
  conditions
    .filter(({ type = '', status }) => REMAINS.has(type) && status === 'True')
    .map(({ type = '', message = '' }) => `${type}: ${truncate(plainText(message), 300)}`)

/** What is wrong with the node of a pod that should be gone: only its kubelet can say that the containers have ended. */
function ofNode(pod: ObjectOf<'pods'>, { snapshot }: View): readonly string[] {
  const name = pod.spec?.nodeName
  if (name === undefined) return []
  const node = snapshot.get('nodes', undefined, name)
  const ready = conditionOf(node?.status?.conditions, 'Ready')
  if (!node) return typeof snapshot.look('nodes') === 'object' ? [] : [`its node ${name} does not exist`]
  return ready && ready.status !== 'True' ? [`its node ${name} is not ready`] : []
}

const ofContainers = (pod: ObjectOf<'pods'>): readonly string[] =>
  containersOf(pod)
    .filter(({ status }) => status?.state?.running !== undefined)
    .map(({ name }) => `container ${name} still runs on node ${pod.spec?.nodeName ?? 'unknown'}`)

function beyondFinalizers(subject: Subject, view: View): readonly string[] {
  if (subject.kind === 'namespace') return ofNamespace(subject.object.status?.conditions)
  return subject.kind === 'pod' ? [...ofNode(subject.object, view), ...ofContainers(subject.object)] : []
}

/** What keeps a deleted object: its finalizers, what is left in a namespace, the node of a pod or its containers that still run. */
function deletionHeldBy(subject: Subject, view: View): readonly string[] {
  const { deletionTimestamp, finalizers = [] } = subject.object.metadata
  if (deletionTimestamp === undefined) return []
  const holders = [...finalizers.map((name) => `finalizer ${name}`), ...beyondFinalizers(subject, view)]
  return holders.length > 0 ? holders : ['nothing that the object names']
}

/** Whether the namespace of an object is known to be being deleted: then that deletion is what is stuck, or not. */
function namespaceDeleted({ object }: Subject, { snapshot }: View): Reading {
  const { namespace, creationTimestamp } = object.metadata
  const deleted =
    namespace !== undefined &&
    snapshot.get('namespaces', undefined, namespace)?.metadata.deletionTimestamp !== undefined
  return deleted ? known(true) : known(false, { since: parseTime(creationTimestamp) })
}

/** What is asked of anything that was deleted. */
export const DELETION_FACTS: readonly Fact[] = [
  fact({
    name: 'deletionOverdue',
    subjects: SUBJECT_KINDS,
    type: 'boolean',
    description:
      'Whether the object was deleted, should be gone and is still there; of a pod, once its grace period is over.',
    reads: [],
    read: deletionOverdue,
  }),
  fact({
    name: 'deletionHeldBy',
    subjects: SUBJECT_KINDS,
    type: 'strings',
    description: 'What keeps a deleted object: finalizers, what is left in a namespace, containers that still run.',
    reads: [{ resource: 'nodes', optional: true }],
    read: (subject, view) => known(deletionHeldBy(subject, view)),
  }),
  fact({
    name: 'namespaceDeleted',
    subjects: SUBJECT_KINDS,
    type: 'boolean',
    description: 'Whether the namespace of the object is known to be being deleted.',
    reads: [{ resource: 'namespaces', optional: true }],
    read: namespaceDeleted,
  }),
]
