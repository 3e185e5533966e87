import { cronJob, job, type CronJob, type Job } from './projection/batch.ts'
import { event, type Event } from './projection/event.ts'
import type { Meta } from './projection/meta.ts'
import { nodeMetrics, podMetrics, type NodeMetrics, type PodMetrics } from './projection/metrics.ts'
import { limitRange, namespace, quota, type LimitRange, type Namespace, type Quota } from './projection/namespace.ts'
import { endpointSlice, service, webhookConfiguration } from './projection/network.ts'
import type { EndpointSlice, Service, WebhookConfiguration } from './projection/network.ts'
import { node, type Node } from './projection/node.ts'
import { pod, type Pod } from './projection/pod.ts'
import { autoscaler, disruptionBudget, type Autoscaler, type DisruptionBudget } from './projection/scaling.ts'
import type { Shape } from './projection/shape.ts'
import { claim, storageClass, volume, volumeSnapshot } from './projection/storage.ts'
import type { Claim, StorageClass, Volume, VolumeSnapshot } from './projection/storage.ts'
import { verticalAutoscaler, type VerticalAutoscaler } from './projection/vertical.ts'
import {
  controllerRevision,
  customObject,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
} from './projection/workload.ts'
import type {
  ControllerRevision,
  CustomObject,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from './projection/workload.ts'

/** The projected object of each kind that dogwatch reads, by its resource as `plural.group`. */
export interface Objects {
  pods: Pod
  nodes: Node
  namespaces: Namespace
  persistentvolumeclaims: Claim
  persistentvolumes: Volume
  'storageclasses.storage.k8s.io': StorageClass
  'deployments.apps': Deployment
  'replicasets.apps': ReplicaSet
  'statefulsets.apps': StatefulSet
  'daemonsets.apps': DaemonSet
  'controllerrevisions.apps': ControllerRevision
  'jobs.batch': Job
  'cronjobs.batch': CronJob
  'horizontalpodautoscalers.autoscaling': Autoscaler
  'poddisruptionbudgets.policy': DisruptionBudget
  services: Service
  'endpointslices.discovery.k8s.io': EndpointSlice
  resourcequotas: Quota
  limitranges: LimitRange
  'validatingwebhookconfigurations.admissionregistration.k8s.io': WebhookConfiguration
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': WebhookConfiguration
  events: Event
  'pods.metrics.k8s.io': PodMetrics
  'nodes.metrics.k8s.io': NodeMetrics
  'volumesnapshots.snapshot.storage.k8s.io': VolumeSnapshot
  'verticalpodautoscalers.autoscaling.k8s.io': VerticalAutoscaler
}

/** A built-in kind, or `custom` for every other object that owns something. */
export type Resource = keyof Objects

export type ObjectOf<R extends Resource> = Identified<Objects[R]>
export type AnyObject = Identified<Objects[Resource] | CustomObject>

/** What every stored object has: a kind, a name and a uid (or, in a dump without one, `kind/namespace/name` in its place). */
export type Identified<T> = T & {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Meta & { readonly name: string; readonly uid: string }
}

/** What stands for the uid of an object that has none: a sample of use, or what was written by hand. */
export const standInUid = (kind: string, place: string | undefined, name: string): string =>
  `${kind}/${place ?? ''}/${name}`

export interface Kind<R extends Resource = Resource> {
  readonly resource: R
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
  /** A kind of an optional API: a cluster without it is complete, and what needs it is unknown. */
  readonly optional: boolean
  readonly project: Shape<Objects[R]>
}

type Row = readonly [apiVersion: string, kind: string, scope: 'namespaced' | 'cluster', optional?: 'optional']

const row = <R extends Resource>(resource: R, project: Shape<Objects[R]>, of: Row): Kind<R> => ({
  resource,
  project,
  apiVersion: of[0],
  kind: of[1],
  namespaced: of[2] === 'namespaced',
  optional: of[3] === 'optional',
})

const ADMISSION = 'admissionregistration.k8s.io/v1'
const METRICS = 'metrics.k8s.io/v1beta1'

/** Every kind that dogwatch reads, in the order it is listed: what is looked at first should exist before what refers to it. */
export const KINDS: readonly Kind[] = [
  row('namespaces', namespace, ['v1', 'Namespace', 'cluster']),
  row('nodes', node, ['v1', 'Node', 'cluster']),
  row('pods', pod, ['v1', 'Pod', 'namespaced']),
  row('persistentvolumeclaims', claim, ['v1', 'PersistentVolumeClaim', 'namespaced']),
  row('persistentvolumes', volume, ['v1', 'PersistentVolume', 'cluster']),
  row('storageclasses.storage.k8s.io', storageClass, ['storage.k8s.io/v1', 'StorageClass', 'cluster']),
  row('deployments.apps', deployment, ['apps/v1', 'Deployment', 'namespaced']),
  row('replicasets.apps', replicaSet, ['apps/v1', 'ReplicaSet', 'namespaced']),
  row('statefulsets.apps', statefulSet, ['apps/v1', 'StatefulSet', 'namespaced']),
  row('daemonsets.apps', daemonSet, ['apps/v1', 'DaemonSet', 'namespaced']),
  row('controllerrevisions.apps', controllerRevision, ['apps/v1', 'ControllerRevision', 'namespaced']),
  row('jobs.batch', job, ['batch/v1', 'Job', 'namespaced']),
  row('cronjobs.batch', cronJob, ['batch/v1', 'CronJob', 'namespaced']),
  row('horizontalpodautoscalers.autoscaling', autoscaler, ['autoscaling/v2', 'HorizontalPodAutoscaler', 'namespaced']),
  row('poddisruptionbudgets.policy', disruptionBudget, ['policy/v1', 'PodDisruptionBudget', 'namespaced']),
  row('services', service, ['v1', 'Service', 'namespaced']),
  row('endpointslices.discovery.k8s.io', endpointSlice, ['discovery.k8s.io/v1', 'EndpointSlice', 'namespaced']),
  row('resourcequotas', quota, ['v1', 'ResourceQuota', 'namespaced']),
  row('limitranges', limitRange, ['v1', 'LimitRange', 'namespaced']),
  row('validatingwebhookconfigurations.admissionregistration.k8s.io', webhookConfiguration, [
    ADMISSION,
    'ValidatingWebhookConfiguration',
    'cluster',
  ]),
  row('mutatingwebhookconfigurations.admissionregistration.k8s.io', webhookConfiguration, [
    ADMISSION,
    'MutatingWebhookConfiguration',
    'cluster',
  ]),
  row('events', event, ['v1', 'Event', 'namespaced']),
  row('pods.metrics.k8s.io', podMetrics, [METRICS, 'PodMetrics', 'namespaced', 'optional']),
  row('nodes.metrics.k8s.io', nodeMetrics, [METRICS, 'NodeMetrics', 'cluster', 'optional']),
  row('volumesnapshots.snapshot.storage.k8s.io', volumeSnapshot, [
    'snapshot.storage.k8s.io/v1',
    'VolumeSnapshot',
    'namespaced',
    'optional',
  ]),
  row('verticalpodautoscalers.autoscaling.k8s.io', verticalAutoscaler, [
    'autoscaling.k8s.io/v1',
    'VerticalPodAutoscaler',
    'namespaced',
    'optional',
  ]),
]

export const CUSTOM: Shape<CustomObject> = customObject
