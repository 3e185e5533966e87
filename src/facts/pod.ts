import type { ObjectOf } from '../cluster/kinds.ts'
import { parseTime } from '../util/time.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { EVICTION_CAUSES, evictionCause, evictionMessage, failureOf } from './pod-eviction.ts'
import { MOUNT_CAUSES, mountProblem } from './pod-mount.ts'
import { controllerKind, jobRecovered, ownedByJob } from './pod-owner.ts'
import { READINESS, UNREADY_CAUSES, podReadiness, unreadyCause } from './pod-readiness.ts'
import { podRevision } from './pod-revision.ts'
import { amountOf } from './quantities.ts'
import { known, recorded, type Reading, type Value } from './reading.ts'
import { containersOf, type Subject } from './subject.ts'

const JOBS: readonly Read[] = [
  { resource: 'jobs.batch', optional: true },
  { resource: 'cronjobs.batch', optional: true },
]
const EVENTS: readonly Read[] = [{ resource: 'events', index: 'eventsByObject', optional: true }]
const OWNERS: readonly Read[] = [
  { resource: 'replicasets.apps', optional: true },
  { resource: 'deployments.apps', optional: true },
]

/** The containers that run for as long as the pod does and lack a request, with what they lack. */
function withoutRequests({ object }: Subject<'pod'>): readonly string[] {
  return containersOf(object)
    .filter(({ role }) => role !== 'init')
    .flatMap((container) => {
      const lacking = (['cpu', 'memory'] as const).filter((of) => amountOf(object, container, 'requests', of) === null)
      return lacking.length === 0 ? [] : [`${container.name} (${lacking.join(' and ')})`]
    })
}

const BOTH = ['container', 'pod'] as const

/** What happens to a pod once at most: while it has not, it has not since the pod was made. */
const once = ({ metadata }: ObjectOf<'pods'>, happened: boolean): Reading =>
  happened ? known(true) : known(false, { since: parseTime(metadata.creationTimestamp) })

/** What is written into a pod when it is made, and stays. */
const fixed = ({ metadata }: ObjectOf<'pods'>, value: Value): Reading =>
  known(value, { since: parseTime(metadata.creationTimestamp) })

const OF_BOTH: readonly Fact[] = [
  fact({
    name: 'podPhase',
    subjects: BOTH,
    type: 'string',
    values: ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'],
    description: 'The phase of the pod, as Kubernetes gives it.',
    reads: [],
    read: ({ object }) => recorded(object.status?.phase, 'the phase of the pod'),
  }),
  fact({
    name: 'podFinished',
    subjects: BOTH,
    type: 'boolean',
    description: 'Whether the pod is over (Succeeded or Failed): nothing of it will run again.',
    reads: [],
    read: ({ object }) => once(object, object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed'),
  }),
  fact({
    name: 'podDeleting',
    subjects: BOTH,
    type: 'boolean',
    description: 'Whether somebody has deleted the pod: what happens to it then is no fault of its own.',
    reads: [],
    read: ({ object }) => once(object, object.metadata.deletionTimestamp !== undefined),
  }),
  fact({
    name: 'ownedByJob',
    subjects: BOTH,
    type: 'boolean',
    description: 'Whether a Job made the pod, and so counts and retries its failures.',
    reads: JOBS,
    read: ({ object }, view) => ownedByJob(object, view),
  }),
  fact({
    name: 'jobRecovered',
    subjects: BOTH,
    type: 'boolean',
    description:
      'Whether the work of a Job’s pod was done after all: the Job completed, or its CronJob has succeeded since.',
    reads: JOBS,
    read: ({ object }, view) => jobRecovered(object, view),
  }),
  fact({
    name: 'podRevision',
    subjects: BOTH,
    type: 'string',
    nullable: true,
    values: ['current', 'old'],
    description:
      'Whether the pod is of the newest revision of its workload, or of one that is being replaced; null where there are no revisions.',
    reads: [
      { resource: 'replicasets.apps' },
      { resource: 'deployments.apps' },
      { resource: 'statefulsets.apps' },
      { resource: 'daemonsets.apps' },
      { resource: 'controllerrevisions.apps', index: 'revisionsByOwner' },
    ],
    read: ({ object }, view) => podRevision(object, view),
  }),
]

const OF_READINESS: readonly Fact[] = [
  fact({
    name: 'podReadiness',
    subjects: ['pod'],
    type: 'string',
    values: READINESS,
    description:
      'Whether the pod serves. `starting`: it has not been ready since it or a container of it began, and still has the time that its owner (progressDeadlineSeconds, else ten minutes) or its startup probe gives it.',
    reads: OWNERS,
    read: ({ object }, view) => podReadiness(object, view),
  }),
  fact({
    name: 'unreadyCause',
    subjects: ['pod'],
    type: 'string',
    values: UNREADY_CAUSES,
    description: 'Why the pod would not be ready: the first reason in the order in which a pod starts.',
    reads: [{ resource: 'nodes', optional: true }],
    read: ({ object }, view) => known(unreadyCause(object, view).cause),
  }),
  fact({
    name: 'unreadyProblem',
    subjects: ['pod'],
    type: 'string',
    description: 'The same in words, naming the container, the gate or the node.',
    reads: [{ resource: 'nodes', optional: true }],
    read: ({ object }, view) => known(unreadyCause(object, view).words),
  }),
  fact({
    name: 'mountCause',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    values: MOUNT_CAUSES,
    description: 'Why a pod that has a node cannot begin: a volume or its sandbox; null once something of it ran.',
    reads: EVENTS,
    read: ({ object }, view) => mountProblem(object, view, (problem) => problem.cause),
  }),
  fact({
    name: 'mountProblem',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    description: 'The same in words, naming what is missing.',
    reads: EVENTS,
    read: ({ object }, view) => mountProblem(object, view, (problem) => problem.words),
  }),
]

const OF_REMAINS: readonly Fact[] = [
  fact({
    name: 'podController',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    description: 'The kind of the controller that the pod names; null for a bare pod, which nothing replaces.',
    reads: [],
    read: ({ object }) => fixed(object, controllerKind(object)),
  }),
  fact({
    name: 'podFailure',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    description: 'How a pod in phase Failed ended: its reason, and the exit codes of its containers.',
    reads: [],
    read: ({ object }) => failureOf(object),
  }),
  fact({
    name: 'evictionCause',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    values: EVICTION_CAUSES,
    description: 'What ran out when the kubelet evicted the pod; null for a pod that was not evicted.',
    reads: [],
    read: ({ object }) => evictionCause(object),
  }),
  fact({
    name: 'evictionMessage',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    description: 'What the kubelet said when it evicted the pod.',
    reads: [],
    read: ({ object }) => evictionMessage(object),
  }),
  fact({
    name: 'containersWithoutRequests',
    subjects: ['pod'],
    type: 'number',
    description: 'How many of the containers that run as long as the pod does lack a CPU or a memory request.',
    reads: [],
    read: (subject) => fixed(subject.object, withoutRequests(subject).length),
  }),
  fact({
    name: 'missingRequests',
    subjects: ['pod'],
    type: 'strings',
    description: 'Those containers, with what they lack.',
    reads: [],
    read: (subject) => fixed(subject.object, withoutRequests(subject)),
  }),
]

/** What is asked of a pod as a whole. */
export const POD_FACTS: readonly Fact[] = [...OF_BOTH, ...OF_READINESS, ...OF_REMAINS]
