import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'
import { REFUSAL_CAUSES, type RefusalCause } from './refusal-cause.ts'
import { missingPods, refusalsOf, type Refusal } from './refusal.ts'
import type { Subject, View } from './subject.ts'
import { asWorkload, isDeployment, isReplicaSet } from './workload-kind.ts'
import { unobserved } from './workload.ts'

const SUBJECTS = ['workload', 'job'] as const
type Maker = Subject<(typeof SUBJECTS)[number]>

const READS: readonly Read[] = [
  { resource: 'replicasets.apps', index: 'replicaSetsByOwner', optional: true },
  { resource: 'events', index: 'eventsByObject', optional: true },
]

/** The first refusal of a maker, `null` when no wanted pod is missing or none was refused. */
function refusal(subject: Maker, { snapshot, now }: View, read: (refusal: Refusal | null) => Reading): Reading {
  const { object } = subject
  const behind = subject.kind === 'workload' ? unobserved(asWorkload(subject.object)) : undefined
  if (behind) return behind
  const [first] = refusalsOf(object, snapshot, now)
  if (first) return read(first)
  // Only Events tell of a refusal where the kind has no condition for it.
  const events = snapshot.look('events', object.metadata.namespace)
  const silent = isDeployment(object) || isReplicaSet(object) || missingPods(object, snapshot) === 0
  return silent || typeof events !== 'object' ? read(null) : unknown(events.unknown, events.detail)
}

type Words = (by: string, where: { readonly namespace: string | undefined; readonly snapshot: Snapshot }) => string

type Configuration = ObjectOf<'validatingwebhookconfigurations.admissionregistration.k8s.io'>

/** The configuration and service behind a webhook's name, as far as they are held. */
const webhook: Words = (by, { snapshot }) => {
  const configurations: readonly Configuration[] = [
    ...snapshot.all('validatingwebhookconfigurations.admissionregistration.k8s.io'),
    ...snapshot.all('mutatingwebhookconfigurations.admissionregistration.k8s.io'),
  ]
  const owner = configurations.find(({ webhooks = [] }) => webhooks.some(({ name }) => name === by))
  if (!owner) return `webhook ${by}`
  const service = owner.webhooks?.find(({ name }) => name === by)?.clientConfig?.service
  const behind = service?.name === undefined ? '' : `, service ${service.namespace ?? ''}/${service.name}`
  return `${owner.kind} ${owner.metadata.name} (webhook ${by}${behind})`
}

const limitRanges: Words = (_, { namespace, snapshot }) => {
  const names = snapshot.within('limitranges', namespace)
  return ['LimitRange', ...names.map(({ metadata }) => metadata.name)].join(' ')
}

const named =
  (kind: string): Words =>
  (by) =>
    by === '' ? kind : `${kind} ${by}`

const apiServer: Words = () => 'the API server'

const WORDS: Readonly<Record<RefusalCause, Words>> = {
  quota: named('ResourceQuota'),
  'limit-range': limitRanges,
  'pod-security': named('PodSecurity'),
  'service-account': (by, { namespace }) => `ServiceAccount ${by.includes('/') ? by : `${namespace ?? ''}/${by}`}`,
  webhook,
  'webhook-denied': webhook,
  policy: named('admission policy'),
  'priority-class': named('PriorityClass'),
  'runtime-class': named('RuntimeClass'),
  forbidden: apiServer,
  invalid: apiServer,
  other: apiServer,
}

/** Why pods that should be there cannot be made. */
export const REFUSAL_FACTS: readonly Fact[] = [
  fact({
    name: 'missingPods',
    subjects: SUBJECTS,
    type: 'number',
    description:
      'How many pods are wanted now and do not exist: of a Deployment over its ReplicaSets, of a Job those it should run now.',
    reads: READS,
    read: (subject, { snapshot }) => known(missingPods(subject.object, snapshot)),
  }),
  fact({
    name: 'creationRefusedBy',
    subjects: SUBJECTS,
    type: 'string',
    nullable: true,
    values: REFUSAL_CAUSES,
    description:
      'What refuses the pods that are missing now, from the condition ReplicaFailure or the FailedCreate Events of the last 20 minutes; null when no pod is missing or none is refused.',
    reads: READS,
    read: (subject, view) => refusal(subject, view, (found) => (found ? known(found.cause, found) : known(null))),
  }),
  fact({
    name: 'refusedBy',
    subjects: SUBJECTS,
    type: 'string',
    nullable: true,
    description:
      'The quota, webhook, policy, service account, class or level that refuses the missing pods, by kind and name, else the API server; null when none is refused.',
    reads: [
      ...READS,
      { resource: 'limitranges', optional: true },
      { resource: 'validatingwebhookconfigurations.admissionregistration.k8s.io', optional: true },
      { resource: 'mutatingwebhookconfigurations.admissionregistration.k8s.io', optional: true },
    ],
    read: (subject, view) =>
      refusal(subject, view, (found) => {
        const where = { namespace: subject.object.metadata.namespace, snapshot: view.snapshot }
        return found ? known(WORDS[found.cause](found.by, where), { until: found.until }) : known(null)
      }),
  }),
  fact({
    name: 'refusalMessage',
    subjects: SUBJECTS,
    type: 'string',
    nullable: true,
    description: 'What the API server said when it refused a pod; null when it refused none.',
    reads: READS,
    read: (subject, view) => refusal(subject, view, (found) => known(found?.message ?? null, { until: found?.until })),
  }),
]
