import type { Condition, KubeObject, Labels, Node, Pod, Selector, Template } from './objects.ts'

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly selector: Selector
    readonly template: Template
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
    }
    readonly progressDeadlineSeconds?: number
    readonly revisionHistoryLimit?: number
  }
  readonly status?: { readonly conditions?: readonly Condition[]; readonly replicas?: number }
}

export interface ReplicaSet extends KubeObject {
  readonly spec: { readonly replicas: number; readonly selector: Selector; readonly template: Template }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly terminatingReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector: Selector
    readonly template: Template
    readonly podManagementPolicy?: string
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string }
      readonly spec: object
      readonly [field: string]: unknown
    }[]
    readonly [field: string]: unknown
  }
  readonly status?: { readonly currentRevision?: string; readonly updateRevision?: string }
}

export interface DaemonSet extends KubeObject {
  readonly spec: { readonly selector: Selector; readonly template: Template; readonly [field: string]: unknown }
  readonly status?: object
}

export interface Job extends KubeObject {
  readonly spec: {
    readonly template: Template
    readonly completions?: number
    readonly parallelism?: number
    readonly backoffLimit?: number
    readonly activeDeadlineSeconds?: number
    readonly ttlSecondsAfterFinished?: number
    readonly suspend?: boolean
    readonly selector?: Selector
  }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly startTime?: string
    readonly completionTime?: string
    readonly succeeded?: number
    readonly failed?: number
    readonly active?: number
  }
}

export interface CronJob extends KubeObject {
  readonly spec: {
    readonly schedule: string
    readonly suspend?: boolean
    readonly concurrencyPolicy?: string
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly jobTemplate: { readonly metadata?: { readonly labels?: Labels }; readonly spec: Job['spec'] }
  }
  readonly status?: {
    readonly lastScheduleTime?: string
    readonly lastSuccessfulTime?: string
    readonly active?: readonly object[]
  }
}

export interface Claim extends KubeObject {
  readonly spec: {
    readonly storageClassName?: string
    readonly volumeName?: string
    readonly accessModes?: readonly string[]
    readonly volumeMode?: string
    readonly resources?: { readonly requests?: Labels }
  }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly Condition[]
    readonly [field: string]: unknown
  }
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly selector?: Labels
    readonly clusterIP?: string
    readonly publishNotReadyAddresses?: boolean
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number | string }[]
  }
}

export interface Autoscaler extends KubeObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string }
    readonly minReplicas?: number
    readonly maxReplicas: number
    readonly metrics?: readonly {
      readonly type?: string
      readonly resource?: {
        readonly name: string
        readonly target: { readonly type?: string; readonly averageUtilization?: number }
      }
    }[]
  }
  readonly status?: { readonly conditions?: readonly Condition[]; readonly lastScaleTime?: string }
}

export interface Budget extends KubeObject {
  readonly spec: {
    readonly selector: Selector
    readonly minAvailable?: number | string
    readonly maxUnavailable?: number | string
  }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

export interface Quota extends KubeObject {
  readonly spec: { readonly hard: Labels }
  readonly status?: { readonly hard?: Labels; readonly used?: Labels }
}

export interface StorageClass extends KubeObject {
  readonly provisioner: string
  readonly reclaimPolicy?: string
  readonly volumeBindingMode?: string
}

/** The objects that the world knows how to move, by kind. */
export interface Kinds {
  Pod: Pod
  Node: Node
  Deployment: Deployment
  ReplicaSet: ReplicaSet
  StatefulSet: StatefulSet
  DaemonSet: DaemonSet
  Job: Job
  CronJob: CronJob
  PersistentVolumeClaim: Claim
  PersistentVolume: KubeObject
  StorageClass: StorageClass
  Service: Service
  EndpointSlice: KubeObject
  HorizontalPodAutoscaler: Autoscaler
  PodDisruptionBudget: Budget
  ResourceQuota: Quota
  ControllerRevision: KubeObject
  Event: KubeObject
}

export type Kind = keyof Kinds

/** The version in which each kind is kept. */
export const API_VERSIONS: Readonly<Record<Kind, string>> = {
  Pod: 'v1',
  Node: 'v1',
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  PersistentVolumeClaim: 'v1',
  PersistentVolume: 'v1',
  StorageClass: 'storage.k8s.io/v1',
  Service: 'v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  PodDisruptionBudget: 'policy/v1',
  ResourceQuota: 'v1',
  ControllerRevision: 'apps/v1',
  Event: 'v1',
}
