import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
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

const whole = <K extends SubjectKind>(kind: K, objects: readonly SubjectObjects[K][]): SubjectOf<K>[] =>
  objects.map((object) => ({ kind, key: object.metadata.uid, object, container: undefined }))

/** Where the subjects of each kind come from, in a fixed order. */
export const SUBJECTS: { readonly [K in SubjectKind]: (snapshot: Snapshot) => readonly Subject<K>[] } = {
  container: (snapshot) =>
    snapshot.all('pods').flatMap((pod) =>
      containersOf(pod).map((container) => ({
        kind: 'container' as const,
        key: `${pod.metadata.uid}/${container.name}`,
        object: pod,
        container,
      })),
    ),
  pod: (snapshot) => whole('pod', snapshot.all('pods')),
  workload: (snapshot) =>
    whole('workload', [
      ...snapshot.all('deployments.apps'),
      ...snapshot.all('statefulsets.apps'),
      ...snapshot.all('daemonsets.apps'),
      ...snapshot.all('replicasets.apps').filter((set) => !isOwned(set)),
    ]),
  job: (snapshot) => whole('job', snapshot.all('jobs.batch')),
  cronjob: (snapshot) => whole('cronjob', snapshot.all('cronjobs.batch')),
  node: (snapshot) => whole('node', snapshot.all('nodes')),
  claim: (snapshot) => whole('claim', snapshot.all('persistentvolumeclaims')),
  volume: (snapshot) => whole('volume', snapshot.all('persistentvolumes')),
  autoscaler: (snapshot) => whole('autoscaler', snapshot.all('horizontalpodautoscalers.autoscaling')),
  'disruption-budget': (snapshot) => whole('disruption-budget', snapshot.all('poddisruptionbudgets.policy')),
  service: (snapshot) => whole('service', snapshot.all('services')),
  quota: (snapshot) => whole('quota', snapshot.all('resourcequotas')),
  namespace: (snapshot) => whole('namespace', snapshot.all('namespaces')),
  webhook: (snapshot) =>
    whole('webhook', [
      ...snapshot.all('validatingwebhookconfigurations.admissionregistration.k8s.io'),
      ...snapshot.all('mutatingwebhookconfigurations.admissionregistration.k8s.io'),
    ]),
}

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
