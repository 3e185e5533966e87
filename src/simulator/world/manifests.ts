import type { ContainerSpec, KubeObject, Labels, PodSpec, Resources, Template, Toleration, Volume } from './objects.ts'
import type { Claim, CronJob, DaemonSet, Deployment, StatefulSet } from './workload-objects.ts'

/** A workload as people write it down. */
export interface App {
  readonly namespace: string
  readonly name: string
  readonly image: string
  readonly replicas?: number
  readonly container?: string
  /** Processor time and memory, as `['100m', '128Mi']`. */
  readonly requests: readonly [string, string]
  readonly memoryLimit?: string
  readonly port?: number
  /** The path of its readiness probe; none, when left out. */
  readonly ready?: string
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly tolerations?: readonly Toleration[]
  /** The claim that it keeps its data in. */
  readonly claim?: string
}

const NAME = 'app.kubernetes.io/name'

export const selectorOf = ({ name }: Pick<App, 'name'>): Labels => ({ [NAME]: name })

const resourcesOf = ({ requests: [cpu, memory], memoryLimit }: App): Resources => ({
  requests: { cpu, memory },
  ...(memoryLimit === undefined ? {} : { limits: { memory: memoryLimit } }),
})

function containerOf(app: App): ContainerSpec {
  const { port, ready, claim } = app
  return {
    name: app.container ?? 'app',
    image: app.image,
    resources: resourcesOf(app),
    ...(port === undefined ? {} : { ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }] }),
    ...(ready === undefined ? {} : { readinessProbe: probeOf(ready, port) }),
    ...(claim === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  }
}

const probeOf = (path: string, port = 8080): NonNullable<ContainerSpec['readinessProbe']> => ({
  httpGet: { path, port, scheme: 'HTTP' },
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
})

function podSpecOf(app: App, restartPolicy = 'Always'): PodSpec {
  const volumes: Volume[] =
    app.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: app.claim } }]
  return {
    ...(volumes.length > 0 ? { volumes } : {}),
    containers: [containerOf(app)],
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...(app.tolerations ? { tolerations: app.tolerations } : {}),
  }
}

export const templateOf = (app: App, restartPolicy?: string): Template => ({
  metadata: { labels: { ...selectorOf(app), ...app.labels } },
  spec: podSpecOf(app, restartPolicy),
})

function head(app: App, at: string): KubeObject['metadata'] {
  const { namespace, name, labels, annotations } = app
  return {
    name,
    namespace,
    generation: 1,
    creationTimestamp: at,
    labels: { ...selectorOf(app), ...labels },
    ...(annotations ? { annotations } : {}),
  }
}

/** A Deployment, made at a time as objects tell it. */
export const deployment = (app: App, at: string): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: head(app, at),
  spec: {
    replicas: app.replicas ?? 1,
    selector: { matchLabels: selectorOf(app) },
    template: templateOf(app),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
})

/** The claim that a StatefulSet makes for each pod, and its size. */
export const statefulSet = (app: App, size: string, at: string): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: head(app, at),
  spec: {
    replicas: app.replicas ?? 1,
    serviceName: app.name,
    selector: { matchLabels: selectorOf(app) },
    template: withMount(templateOf(app)),
    volumeClaimTemplates: [
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: claimSpec(size) },
    ],
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  },
})

const withMount = ({ metadata, spec }: Template): Template => ({
  metadata,
  spec: {
    ...spec,
    containers: spec.containers.map((one) => ({ ...one, volumeMounts: [{ name: 'data', mountPath: '/data' }] })),
  },
})

export const daemonSet = (app: App, at: string): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: head(app, at),
  spec: {
    selector: { matchLabels: selectorOf(app) },
    template: templateOf(app),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
  },
})

/** A CronJob that tries once each time, at the times of a schedule. */
export const cronJob = (app: App, schedule: string, at: string): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: head(app, at),
  spec: {
    schedule,
    concurrencyPolicy: 'Forbid',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      metadata: { labels: selectorOf(app) },
      spec: { backoffLimit: 0, template: templateOf(app, 'Never') },
    },
  },
})

const claimSpec = (size: string): Claim['spec'] => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: size } },
  storageClassName: 'csi-ssd',
  volumeMode: 'Filesystem',
})

export const claim = (place: { namespace: string; name: string; size: string }, at: string): Claim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: place.name,
    namespace: place.namespace,
    creationTimestamp: at,
    finalizers: ['kubernetes.io/pvc-protection'],
  },
  spec: claimSpec(place.size),
  status: { phase: 'Pending' },
})
