import type { ObjectOf } from '../cluster/kinds.ts'
import type { Condition } from '../cluster/projection/meta.ts'
import { plainText, truncate } from '../util/text.ts'
import { parseTime } from '../util/time.ts'
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

const ofPod = (pod: ObjectOf<'pods'>): readonly string[] =>
  containersOf(pod)
    .filter(({ status }) => status?.state?.running !== undefined)
    .map(({ name }) => `container ${name} still runs on node ${pod.spec?.nodeName ?? 'unknown'}`)

/** What keeps a deleted object: its finalizers, what is left in a namespace, the containers of a pod that still run. */
function deletionHeldBy(subject: Subject): readonly string[] {
  const finalizers = (subject.object.metadata.finalizers ?? []).map((name) => `finalizer ${name}`)
  if (subject.kind === 'namespace') return [...finalizers, ...ofNamespace(subject.object.status?.conditions)]
  return subject.kind === 'pod' ? [...finalizers, ...ofPod(subject.object)] : finalizers
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
    read: (subject, view) => deletionOverdue(subject, view),
  }),
  fact({
    name: 'deletionHeldBy',
    subjects: SUBJECT_KINDS,
    type: 'strings',
    description: 'What keeps a deleted object: finalizers, what is left in a namespace, containers that still run.',
    reads: [],
    read: (subject) => known(deletionHeldBy(subject)),
  }),
]
