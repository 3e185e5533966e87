import { projectObject } from '../../src/cluster/dump.ts'
import { KINDS, type AnyObject } from '../../src/cluster/kinds.ts'
import type { Blind, Looks, Where } from '../../src/cluster/look.ts'
import { ObjectStore } from '../../src/cluster/store.ts'
import { parseDuration } from '../../src/util/duration.ts'

/** A Kubernetes object as the API gives it: builders write it, `snapshotOf` projects it. */
export type Raw = { readonly apiVersion: string; readonly kind: string; readonly metadata: Record<string, unknown> } & {
  readonly [field: string]: unknown
}

/** The moment that built snapshots are taken at, unless told otherwise. */
export const NOW = Date.parse('2026-11-21T12:00:00Z')

/** An RFC 3339 time so long (`15m`) before `NOW`. */
export function ago(duration: string): string {
  const ms = parseDuration(duration)
  if (ms === undefined) throw new Error(`${duration} is no duration`)
  return new Date(NOW - ms).toISOString()
}

/** What a builder takes: metadata by short names, and any top-level field of the object (`spec`, `status`, `data`, …). */
export interface Seed {
  readonly name?: string
  /** Default `shop`, for a namespaced kind. */
  readonly namespace?: string
  readonly uid?: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  /** The controller, as built. */
  readonly owner?: Raw
  readonly finalizers?: readonly string[]
  /** Default a day ago. */
  readonly created?: string
  readonly deleted?: string
  /** Anything else of `metadata`. */
  readonly metadata?: Record<string, unknown>
  readonly [field: string]: unknown
}

const METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'labels',
  'annotations',
  'owner',
  'finalizers',
  'created',
  'deleted',
  'metadata',
])

const builder =
  (apiVersion: string, kind: string, scope: 'namespaced' | 'cluster' = 'namespaced') =>
  (seed: Seed = {}): Raw => {
    const name = seed.name ?? kind.toLowerCase()
    const namespace = scope === 'cluster' ? undefined : (seed.namespace ?? 'shop')
    const { labels, annotations, finalizers, owner } = seed
    return {
      apiVersion,
      kind,
      metadata: {
        name,
        namespace,
        uid: seed.uid ?? [kind, namespace, name].filter((part) => part !== undefined).join('/'),
        creationTimestamp: seed.created ?? ago('1d'),
        deletionTimestamp: seed.deleted,
        labels,
        annotations,
        finalizers,
        ownerReferences: owner && [controllerReference(owner)],
        ...seed.metadata,
      },
      ...Object.fromEntries(Object.entries(seed).filter(([key]) => !METADATA.has(key))),
    }
  }

/** The `ownerReferences` entry that names an object as controller. */
export const controllerReference = (owner: Raw): Record<string, unknown> => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata['name'],
  uid: owner.metadata['uid'],
  controller: true,
  blockOwnerDeletion: true,
})

export const pod = builder('v1', 'Pod')
export const node = builder('v1', 'Node', 'cluster')
export const namespace = builder('v1', 'Namespace', 'cluster')
export const claim = builder('v1', 'PersistentVolumeClaim')
export const volume = builder('v1', 'PersistentVolume', 'cluster')
export const storageClass = builder('storage.k8s.io/v1', 'StorageClass', 'cluster')
export const deployment = builder('apps/v1', 'Deployment')
export const replicaSet = builder('apps/v1', 'ReplicaSet')
export const statefulSet = builder('apps/v1', 'StatefulSet')
export const daemonSet = builder('apps/v1', 'DaemonSet')
export const controllerRevision = builder('apps/v1', 'ControllerRevision')
export const job = builder('batch/v1', 'Job')
export const cronJob = builder('batch/v1', 'CronJob')
export const autoscaler = builder('autoscaling/v2', 'HorizontalPodAutoscaler')
export const disruptionBudget = builder('policy/v1', 'PodDisruptionBudget')
export const service = builder('v1', 'Service')
export const endpointSlice = builder('discovery.k8s.io/v1', 'EndpointSlice')
export const quota = builder('v1', 'ResourceQuota')
export const limitRange = builder('v1', 'LimitRange')
export const validatingWebhook = builder('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'cluster')
export const mutatingWebhook = builder('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'cluster')
export const podMetrics = builder('metrics.k8s.io/v1beta1', 'PodMetrics')
export const nodeMetrics = builder('metrics.k8s.io/v1beta1', 'NodeMetrics', 'cluster')
export const volumeSnapshot = builder('snapshot.storage.k8s.io/v1', 'VolumeSnapshot')

/** An object of a kind that dogwatch does not know. */
export const customObject = (apiVersion: string, kind: string, seed: Seed = {}): Raw => builder(apiVersion, kind)(seed)

let events = 0

/** A Warning event about an object, as built; `container` names one of its (init) containers. */
export function eventOn(about: Raw, seed: Seed & { readonly container?: string; readonly init?: boolean } = {}): Raw {
  const { container, init, ...rest } = seed
  const { name, namespace: place, uid } = about.metadata
  const list = init === true ? 'initContainers' : 'containers'
  return builder(
    'v1',
    'Event',
  )({
    name: `${String(name)}.${++events}`,
    namespace: typeof place === 'string' ? place : 'default',
    type: 'Warning',
    count: 1,
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      namespace: place,
      uid,
      ...(container === undefined ? {} : { fieldPath: `spec.${list}{${container}}` }),
    },
    ...rest,
  })
}

/** A Deployment, its ReplicaSet (revision 1) and one pod of it, owned as controllers own. */
export function deployed(seed: Seed & { readonly pod?: Seed } = {}): { deployment: Raw; replicaSet: Raw; pod: Raw } {
  const { pod: podSeed, ...rest } = seed
  const top = deployment({ name: 'cart', ...rest })
  const name = String(top.metadata['name'])
  const place = String(top.metadata['namespace'])
  const revision = { 'deployment.kubernetes.io/revision': '1' }
  const hash = { 'pod-template-hash': '6d4f' }
  const set = replicaSet({ name: `${name}-6d4f`, namespace: place, owner: top, annotations: revision, labels: hash })
  const one = pod({ name: `${name}-6d4f-x2x4z`, namespace: place, owner: set, labels: hash, ...podSeed })
  return {
    deployment: { ...top, metadata: { ...top.metadata, annotations: { ...revision, ...seed.annotations } } },
    replicaSet: set,
    pod: one,
  }
}

/** How a built snapshot was looked at. */
export interface Looked {
  /** When it was taken, in milliseconds; default `NOW`. */
  readonly now?: number
  readonly cluster?: string
  /** Kinds as `plural.group` that were listed; default every built-in kind, metrics and snapshots too. */
  readonly listed?: readonly string[]
  /** Namespaces that the look was limited to. */
  readonly namespaces?: readonly string[]
  /** Kinds that could not be listed. */
  readonly blind?: Readonly<Record<string, Blind>>
}

/** A snapshot of the built objects; in a complete look unless told otherwise. */
export function snapshotOf(objects: readonly Raw[], looked: Looked = {}): ObjectStore {
  const where: Where = looked.namespaces ?? 'all'
  const blind = new Map(Object.entries(looked.blind ?? {}))
  const kinds = (looked.listed ?? KINDS.map((kind) => kind.resource)).filter((kind) => !blind.has(kind))
  const looks: Looks = { listed: new Map(kinds.map((kind) => [kind, where])), blind, unnamed: 'not-installed' }
  const store = new ObjectStore({ takenAt: looked.now ?? NOW, cluster: looked.cluster ?? 'test', looks })
  for (const object of objects) store.put(projected(object))
  return store
}

/** A built object as the snapshot holds it. */
export function projected(object: Raw): AnyObject {
  const result = projectObject({ apiVersion: object.apiVersion, kind: object.kind }, object)
  if (!result) throw new Error(`${object.kind} without a name`)
  return result
}
