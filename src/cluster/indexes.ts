import { claimNamesOfPod, claimNamesOfVolumes, namespacedName } from '../util/claim-names.ts'
import type { AnyObject, ObjectOf, Resource } from './kinds.ts'
import type { PodSpec } from './projection/pod-spec.ts'

/** A named way from a key to objects of one kind, kept up to date with each change. */
export interface Index<R extends Resource = Resource> {
  readonly resource: R
  keys(object: ObjectOf<R>): readonly string[]
}

const controllerUid = (object: AnyObject): readonly string[] => {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true)
  return owner?.uid === undefined ? [] : [owner.uid]
}

const index = <R extends Resource>(resource: R, keys: (object: ObjectOf<R>) => readonly string[]): Index<R> => ({
  resource,
  keys,
})

interface TargetReference {
  readonly kind?: string
  readonly name?: string
}

const targetKeys = (namespace: string | undefined, { kind, name }: TargetReference = {}): readonly string[] =>
  kind === undefined || name === undefined ? [] : [`${kind}/${namespace ?? ''}/${name}`]

interface Templated {
  readonly spec?: PodSpec
}

const templateClaims = (object: AnyObject, template: Templated | undefined): string[] =>
  claimNamesOfVolumes(template?.spec?.volumes, object.metadata.namespace)

/** Every index, by name. Facts name the ones they read, so that a change can mark what depends on it. */
export const INDEXES = {
  podsByNode: index('pods', (pod) => (pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName])),
  podsByClaim: index('pods', claimNamesOfPod),
  podsKeepingAway: index('pods', ({ spec }) =>
    (spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0 ? ['all'] : [],
  ),
  podsByOwner: index('pods', controllerUid),
  replicaSetsByOwner: index('replicasets.apps', controllerUid),
  revisionsByOwner: index('controllerrevisions.apps', controllerUid),
  jobsByOwner: index('jobs.batch', controllerUid),
  deploymentsByClaim: index('deployments.apps', (object) => templateClaims(object, object.spec?.template)),
  replicaSetsByClaim: index('replicasets.apps', (object) => templateClaims(object, object.spec?.template)),
  statefulSetsByClaim: index('statefulsets.apps', (object) => templateClaims(object, object.spec?.template)),
  daemonSetsByClaim: index('daemonsets.apps', (object) => templateClaims(object, object.spec?.template)),
  revisionsByClaim: index('controllerrevisions.apps', (object) => templateClaims(object, object.data?.spec?.template)),
  jobsByClaim: index('jobs.batch', (object) => templateClaims(object, object.spec?.template)),
  cronJobsByClaim: index('cronjobs.batch', (object) =>
    templateClaims(object, object.spec?.jobTemplate?.spec?.template),
  ),
  claimsBySource: index('persistentvolumeclaims', ({ metadata, spec }) =>
    [spec?.dataSource, spec?.dataSourceRef].flatMap((source) =>
      source?.kind === 'PersistentVolumeClaim' && source.name !== undefined
        ? [namespacedName(source.namespace ?? metadata.namespace, source.name)]
        : [],
    ),
  ),
  snapshotsByClaim: index('volumesnapshots.snapshot.storage.k8s.io', ({ metadata, spec }) => {
    const name = spec?.source?.persistentVolumeClaimName
    return name === undefined ? [] : [namespacedName(metadata.namespace, name)]
  }),
  eventsByObject: index('events', (event) => {
    const uid = event.involvedObject?.uid
    return uid === undefined ? [] : [uid]
  }),
  slicesByService: index('endpointslices.discovery.k8s.io', (slice) => {
    const name = slice.metadata.labels?.['kubernetes.io/service-name']
    return name === undefined ? [] : [namespacedName(slice.metadata.namespace, name)]
  }),
  autoscalersByTarget: index('horizontalpodautoscalers.autoscaling', (autoscaler) => {
    return targetKeys(autoscaler.metadata.namespace, autoscaler.spec?.scaleTargetRef)
  }),
  verticalAutoscalersByTarget: index('verticalpodautoscalers.autoscaling.k8s.io', ({ metadata, spec }) =>
    targetKeys(metadata.namespace, spec?.targetRef),
  ),
} as const

export type IndexName = keyof typeof INDEXES
export type IndexedObject<I extends IndexName> = ObjectOf<(typeof INDEXES)[I]['resource']>
