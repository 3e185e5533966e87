import type { AnyObject, ObjectOf, Resource } from '../cluster/kinds.ts'
import type { Container } from '../cluster/projection/pod-spec.ts'
import type { ContainerStatus } from '../cluster/projection/pod.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import type { Past } from './past.ts'
import type { Computation } from './per-view.ts'

/** One container of a pod: what was asked for, and what the kubelet says of it (nothing, before it looked). */
export interface ContainerView {
  readonly name: string
  /** `sidecar` is an init container with `restartPolicy: Always`: it runs beside the others and restarts on its own. */
  readonly role: 'init' | 'sidecar' | 'main'
  readonly spec: Container
  readonly status: ContainerStatus | undefined
}

/** The object behind each kind of subject. */
export interface SubjectObjects {
  container: ObjectOf<'pods'>
  pod: ObjectOf<'pods'>
  workload:
    | ObjectOf<'deployments.apps'>
    | ObjectOf<'statefulsets.apps'>
    | ObjectOf<'daemonsets.apps'>
    | ObjectOf<'replicasets.apps'>
  job: ObjectOf<'jobs.batch'>
  cronjob: ObjectOf<'cronjobs.batch'>
  node: ObjectOf<'nodes'>
  claim: ObjectOf<'persistentvolumeclaims'>
  volume: ObjectOf<'persistentvolumes'>
  autoscaler: ObjectOf<'horizontalpodautoscalers.autoscaling'>
  'disruption-budget': ObjectOf<'poddisruptionbudgets.policy'>
  service: ObjectOf<'services'>
  quota: ObjectOf<'resourcequotas'>
  namespace: ObjectOf<'namespaces'>
  webhook: ObjectOf<'validatingwebhookconfigurations.admissionregistration.k8s.io'>
}

export type SubjectKind = keyof SubjectObjects

interface SubjectOf<K extends SubjectKind> {
  readonly kind: K
  /** Names the subject among those of its kind: the uid, and for a container `uid/name`. */
  readonly key: string
  readonly object: SubjectObjects[K]
  /** Of a `container` alone. */
  readonly container: ContainerView | undefined
}

/** What a rule is evaluated on; `kind` tells which object it holds. */
export type Subject<K extends SubjectKind = SubjectKind> = { [P in K]: SubjectOf<P> }[K]

/** What facts are read from: the cluster at one moment, and that moment in milliseconds. */
export interface View {
  readonly snapshot: Snapshot
  readonly now: number
  /** What is remembered; absent in a scan. */
  readonly past?: Past | undefined
  /** Keeps what was computed for a key until something that was read for it changes; absent in a scan. */
  readonly remember?: (<T extends object>(compute: Computation<T>, key: string) => T) | undefined
}

/** The containers of a pod in the order they start. */
export function containersOf(pod: ObjectOf<'pods'>): ContainerView[] {
  const view = (spec: Container, init: boolean): ContainerView => ({
    name: spec.name ?? '',
    role: !init ? 'main' : spec.restartPolicy === 'Always' ? 'sidecar' : 'init',
    spec,
    status: (init ? pod.status?.initContainerStatuses : pod.status?.containerStatuses)?.find(
      (status) => status.name === spec.name,
    ),
  })
  return [
    ...(pod.spec?.initContainers ?? []).map((spec) => view(spec, true)),
    ...(pod.spec?.containers ?? []).map((spec) => view(spec, false)),
  ]
}

/** The kinds of objects that make subjects of each kind, in a fixed order. */
export const RESOURCES_OF = {
  container: ['pods'],
  pod: ['pods'],
  workload: ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'replicasets.apps'],
  job: ['jobs.batch'],
  cronjob: ['cronjobs.batch'],
  node: ['nodes'],
  claim: ['persistentvolumeclaims'],
  volume: ['persistentvolumes'],
  autoscaler: ['horizontalpodautoscalers.autoscaling'],
  'disruption-budget': ['poddisruptionbudgets.policy'],
  service: ['services'],
  quota: ['resourcequotas'],
  namespace: ['namespaces'],
  webhook: [
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ],
} as const satisfies Readonly<Record<SubjectKind, readonly Resource[]>>

/** The subjects of one kind that an object of one of its resources makes. */
export function subjectsOf<K extends SubjectKind>(kind: K, object: AnyObject): readonly Subject<K>[]
export function subjectsOf(kind: SubjectKind, object: AnyObject): readonly object[] {
  const { uid } = object.metadata
  if (kind === 'container')
    return containersOf(object as SubjectObjects['container']).map((container) => ({
      kind,
      key: `${uid}/${container.name}`,
      object,
      container,
    }))
  return isSubject(kind, object) ? [{ kind, key: uid, object, container: undefined }] : []
}

/** Whether an object of one of its resources is looked at as such a subject at all. */
export const isSubject = (kind: SubjectKind, object: AnyObject): boolean => kind !== 'workload' || !isOwned(object)

/** All subjects of a kind. */
export const subjectsIn = <K extends SubjectKind>(kind: K, snapshot: Snapshot): readonly Subject<K>[] =>
  RESOURCES_OF[kind].flatMap((resource) => snapshot.all(resource)).flatMap((object) => subjectsOf(kind, object))

/** The kinds of subjects, in the order they are documented. */
export const SUBJECT_KINDS = [
  'container',
  'pod',
  'workload',
  'job',
  'cronjob',
  'node',
  'claim',
  'volume',
  'autoscaler',
  'disruption-budget',
  'service',
  'quota',
  'namespace',
  'webhook',
] as const satisfies readonly SubjectKind[]

// A ReplicaSet under a Deployment is a part of it; one under a custom owner (a Rollout) is looked at as the workload it is.
const isOwned = (set: AnyObject): boolean =>
  (set.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.kind === 'Deployment')
