import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { namespacedName } from '../util/claim-names.ts'
import { labelMatcher } from '../util/selector.ts'
import { parseTime } from '../util/time.ts'
import { conditionSince } from './condition.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { isReady } from './joins.ts'
import { known, type Known } from './reading.ts'
import { backingsIn, backingsOf, nearestBacking, pairs, staticSelector, type Backing } from './service-backing.ts'
import { conditionOf } from './workload-kind.ts'

type Service = ObjectOf<'services'>
type Pod = ObjectOf<'pods'>
type Labels = Readonly<Record<string, string>>

/** Why a Service that should have endpoints has none that is ready. A closed list. */
export const ENDPOINT_FAULTS = ['no-pod-matches', 'no-pod-ready', 'not-published'] as const
export type EndpointFault = (typeof ENDPOINT_FAULTS)[number]

const SLICES: Read = { resource: 'endpointslices.discovery.k8s.io', index: 'slicesByService' }
const PODS: Read = { resource: 'pods' }
// All of them: what nobody looked at could be what the Service waits for.
const BACKINGS: readonly Read[] = [
  { resource: 'deployments.apps' },
  { resource: 'statefulsets.apps' },
  { resource: 'daemonsets.apps' },
  { resource: 'replicasets.apps' },
  { resource: 'jobs.batch' },
  { resource: 'cronjobs.batch' },
]

const selectorOf = ({ spec }: Service): Labels => spec?.selector ?? {}

/** Whether Kubernetes fills the Service from pods; others point outside the cluster, or are filled by somebody. */
const selectsPods = (service: Service): boolean =>
  service.spec?.type !== 'ExternalName' && Object.keys(selectorOf(service)).length > 0

// An endpoint that does not say whether it is ready counts as ready, as Kubernetes has it.
export const readyEndpoints = (namespace: string | undefined, name: string, snapshot: Snapshot): number =>
  snapshot
    .indexed('slicesByService', namespacedName(namespace, name))
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false).length

const isAlive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'

/** The pods in the namespace of a Service that have these labels, have not ended and are not being deleted. */
function podsOf({ metadata }: Service, labels: Labels, snapshot: Snapshot): readonly Pod[] {
  const matches = labelMatcher(labels)
  return snapshot.within('pods', metadata.namespace).filter((pod) => matches(pod.metadata.labels) && isAlive(pod))
}

/** When the last of these pods changed its readiness, in milliseconds; a pod that never did counts from its creation. */
function lastChange(pods: readonly Pod[]): number | undefined {
  const times = pods.map(
    (pod) => conditionSince(conditionOf(pod, 'Ready')) ?? parseTime(pod.metadata.creationTimestamp),
  )
  return times.includes(undefined) ? undefined : Math.max(...times.filter((at) => at !== undefined))
}

const BUILT_IN_OWNERS: ReadonlySet<string> = new Set(['v1', 'apps/v1', 'discovery.k8s.io/v1', 'batch/v1'])

// An operator makes Services for roles that nobody has yet: the replicas of a database of one. Some own them without controlling them.
const isOfOperator = ({ metadata }: Service): boolean =>
  (metadata.ownerReferences ?? []).some(({ apiVersion }) => !BUILT_IN_OWNERS.has(apiVersion ?? 'v1'))

const isAwake = (backings: readonly Backing[]): boolean => backings.some(({ asleep }) => !asleep)

/** Why a Service without pods has none: something that should be making them does not, nothing would ever, or nothing should. */
function withoutPods(service: Service, snapshot: Snapshot): EndpointFault | null {
  if (isOfOperator(service)) return null
  const selector = selectorOf(service)
  const backings = backingsIn(service.metadata.namespace, snapshot)
  const behind = backingsOf(selector, backings)
  if (behind.length > 0) return isAwake(behind) ? 'no-pod-ready' : null
  const lasting = staticSelector(selector)
  if (lasting === undefined) return null
  const almost = backingsOf(lasting, backings)
  if (almost.length === 0) return 'no-pod-matches'
  // Its pods run and none has the role that is asked for: whether one should, only what gives the roles knows.
  const running = podsOf(service, lasting, snapshot).length > 0
  return isAwake(almost) && !running ? 'no-pod-ready' : null
}

function fault(service: Service, snapshot: Snapshot): Known {
  const { namespace, name } = service.metadata
  if (!selectsPods(service) || readyEndpoints(namespace, name, snapshot) > 0) return known(null)
  const pods = podsOf(service, selectorOf(service), snapshot)
  const ready = pods.filter(isReady)
  if (ready.length > 0) return known('not-published', { since: lastChange(ready) })
  if (pods.length > 0) return known('no-pod-ready', { since: lastChange(pods) })
  return known(withoutPods(service, snapshot))
}

/** Whether anything answers behind a Service. */
export const SERVICE_FACTS: readonly Fact[] = [
  fact({
    name: 'endpointFault',
    subjects: ['service'],
    type: 'string',
    nullable: true,
    values: ENDPOINT_FAULTS,
    description:
      'Why a Service has no ready endpoint: no pod and no workload has its labels, none of its pods is ready, or ready pods are not published. Null when it has one, selects nothing, belongs to an operator, or all that would back it is scaled to zero or a Job.',
    reads: [SLICES, PODS, ...BACKINGS],
    read: ({ object }, { snapshot }) => fault(object, snapshot),
  }),
  fact({
    name: 'serviceSelector',
    subjects: ['service'],
    type: 'string',
    nullable: true,
    description: 'The labels that the Service selects pods by, as `app=web,tier=front`; null without a selector.',
    reads: [],
    read: ({ object }) => known(pairs(Object.entries(selectorOf(object))) || null),
  }),
  fact({
    name: 'nearestWorkload',
    subjects: ['service'],
    type: 'string',
    nullable: true,
    description:
      'The workload of the namespace whose labels come nearest to the selector, with these labels; null when none comes near.',
    reads: BACKINGS,
    read: ({ object }, { snapshot }) => known(nearestBacking(object, backingsIn(object.metadata.namespace, snapshot))),
  }),
  fact({
    name: 'matchingPods',
    subjects: ['service'],
    type: 'number',
    description: 'How many pods the Service selects that have not ended and are not being deleted.',
    reads: [PODS],
    read: ({ object }, { snapshot }) =>
      known(selectsPods(object) ? podsOf(object, selectorOf(object), snapshot).length : 0),
  }),
  fact({
    name: 'readyEndpoints',
    subjects: ['service'],
    type: 'number',
    description: 'How many endpoints of the Service are ready.',
    reads: [SLICES],
    read: ({ object }, { snapshot }) =>
      known(readyEndpoints(object.metadata.namespace, object.metadata.name, snapshot)),
  }),
]
