import { groupOf, type TypeName } from './object.ts'

/** A kind of object that the server has. */
export interface SimulatedKind extends TypeName {
  readonly plural: string
  readonly namespaced: boolean
  /** Whether `status` is written by its own subresource alone. */
  readonly status?: boolean | undefined
  /** Made from a definition: its objects tell their kind within lists too. */
  readonly custom?: boolean | undefined
  /** Default: all. */
  readonly verbs?: readonly string[] | undefined
}

export const VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]
const READ_ONLY = ['get', 'list']

/** `plural.group`, as messages and grants name a kind. */
export const resourceOf = (kind: SimulatedKind): string => {
  const group = groupOf(kind)
  return group === '' ? kind.plural : `${kind.plural}.${group}`
}

type Row = readonly [kind: string, plural: string, scope: 'namespaced' | 'cluster', status?: 'status']

const rows = (apiVersion: string, ...of: readonly Row[]): SimulatedKind[] =>
  of.map(([kind, plural, scope, status]) => ({
    apiVersion,
    kind,
    plural,
    namespaced: scope === 'namespaced',
    status: status !== undefined,
  }))

const BUILT_IN: readonly SimulatedKind[] = [
  ...rows(
    'v1',
    ['Namespace', 'namespaces', 'cluster', 'status'],
    ['Node', 'nodes', 'cluster', 'status'],
    ['Pod', 'pods', 'namespaced', 'status'],
    ['PersistentVolumeClaim', 'persistentvolumeclaims', 'namespaced', 'status'],
    ['PersistentVolume', 'persistentvolumes', 'cluster', 'status'],
    ['Service', 'services', 'namespaced', 'status'],
    ['ResourceQuota', 'resourcequotas', 'namespaced', 'status'],
    ['LimitRange', 'limitranges', 'namespaced'],
    ['Event', 'events', 'namespaced'],
    ['ConfigMap', 'configmaps', 'namespaced'],
    ['Secret', 'secrets', 'namespaced'],
    ['ServiceAccount', 'serviceaccounts', 'namespaced'],
    ['ReplicationController', 'replicationcontrollers', 'namespaced', 'status'],
  ),
  ...rows('storage.k8s.io/v1', ['StorageClass', 'storageclasses', 'cluster']),
  ...rows(
    'apps/v1',
    ['Deployment', 'deployments', 'namespaced', 'status'],
    ['ReplicaSet', 'replicasets', 'namespaced', 'status'],
    ['StatefulSet', 'statefulsets', 'namespaced', 'status'],
    ['DaemonSet', 'daemonsets', 'namespaced', 'status'],
    ['ControllerRevision', 'controllerrevisions', 'namespaced'],
  ),
  ...rows('batch/v1', ['Job', 'jobs', 'namespaced', 'status'], ['CronJob', 'cronjobs', 'namespaced', 'status']),
  ...rows('autoscaling/v2', ['HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'namespaced', 'status']),
  ...rows('policy/v1', ['PodDisruptionBudget', 'poddisruptionbudgets', 'namespaced', 'status']),
  ...rows('discovery.k8s.io/v1', ['EndpointSlice', 'endpointslices', 'namespaced']),
  ...rows('events.k8s.io/v1', ['Event', 'events', 'namespaced']),
  ...rows('coordination.k8s.io/v1', ['Lease', 'leases', 'namespaced']),
  ...rows(
    'admissionregistration.k8s.io/v1',
    ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'cluster'],
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'cluster'],
  ),
  ...rows(
    'rbac.authorization.k8s.io/v1',
    ['Role', 'roles', 'namespaced'],
    ['RoleBinding', 'rolebindings', 'namespaced'],
    ['ClusterRole', 'clusterroles', 'cluster'],
    ['ClusterRoleBinding', 'clusterrolebindings', 'cluster'],
  ),
]

const review = (apiVersion: string, kind: string, namespaced = false): SimulatedKind => ({
  apiVersion,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced,
  verbs: ['create'],
})

/** Questions that are asked by creating something that is never kept. */
export const REVIEW_KINDS: readonly SimulatedKind[] = [
  review('authentication.k8s.io/v1', 'TokenReview'),
  review('authentication.k8s.io/v1', 'SelfSubjectReview'),
  review('authorization.k8s.io/v1', 'SubjectAccessReview'),
  review('authorization.k8s.io/v1', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io/v1', 'LocalSubjectAccessReview', true),
]

/** Kinds of the metrics API: there while somebody provides metrics. */
export const METRICS_KINDS: readonly SimulatedKind[] = rows(
  'metrics.k8s.io/v1beta1',
  ['PodMetrics', 'pods', 'namespaced'],
  ['NodeMetrics', 'nodes', 'cluster'],
).map((kind) => ({ ...kind, verbs: READ_ONLY }))

/** How an event is stored. */
export const EVENT: TypeName = { apiVersion: 'v1', kind: 'Event' }

/** What the snapshot controller brings; most clusters do not have it. */
export const VOLUME_SNAPSHOT: SimulatedKind = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  plural: 'volumesnapshots',
  namespaced: true,
  custom: true,
}

/** What the Vertical Pod Autoscaler brings; most clusters do not have it. */
export const VERTICAL_POD_AUTOSCALER: SimulatedKind = {
  apiVersion: 'autoscaling.k8s.io/v1',
  kind: 'VerticalPodAutoscaler',
  plural: 'verticalpodautoscalers',
  namespaced: true,
  custom: true,
}

/** The kinds that a server has; more can come and go while it runs. */
export class KindRegistry {
  readonly #kinds: SimulatedKind[] = [...BUILT_IN, ...REVIEW_KINDS]

  get all(): readonly SimulatedKind[] {
    return this.#kinds
  }

  /** Has another kind from now on, and discovery says so. */
  register(kind: SimulatedKind): void {
    this.unregister(resourceOf(kind))
    this.#kinds.push(kind)
  }

  /** Has the kind `plural.group` no longer: its paths are not found. Its objects stay in the table. */
  unregister(resource: string): void {
    const at = this.#kinds.findIndex((kind) => resourceOf(kind) === resource)
    if (at >= 0) this.#kinds.splice(at, 1)
  }

  byPlural(apiVersion: string, plural: string): SimulatedKind | undefined {
    return this.#kinds.find((kind) => kind.apiVersion === apiVersion && kind.plural === plural)
  }

  byType({ apiVersion, kind }: TypeName): SimulatedKind | undefined {
    return this.#kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind)
  }
}
