export type Labels = Readonly<Record<string, string>>

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** What is asked of an object's metadata when it is made; the API server adds the rest. */
export interface Metadata {
  readonly name: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly lastTransitionTime?: string
  readonly lastUpdateTime?: string
  readonly lastHeartbeatTime?: string
  readonly lastProbeTime?: string | null
  readonly observedGeneration?: number
}

export interface Selector {
  readonly matchLabels?: Labels
}

export interface Resources {
  readonly requests?: Labels
  readonly limits?: Labels
}

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly resources?: Resources
  readonly ports?: readonly object[]
  readonly readinessProbe?: { readonly periodSeconds?: number; readonly [field: string]: unknown }
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly [field: string]: unknown
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

export interface Volume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly [field: string]: unknown
}

export interface PodSpec {
  readonly containers: readonly ContainerSpec[]
  readonly restartPolicy?: string
  readonly terminationGracePeriodSeconds?: number
  readonly nodeName?: string
  readonly nodeSelector?: Labels
  readonly tolerations?: readonly Toleration[]
  readonly volumes?: readonly Volume[]
  readonly schedulingGates?: readonly object[]
  readonly [field: string]: unknown
}

export interface Terminated {
  readonly exitCode: number
  readonly reason: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly containerID: string
}

export interface State {
  readonly waiting?: { readonly reason: string; readonly message?: string }
  readonly running?: { readonly startedAt: string }
  readonly terminated?: Terminated
}

export interface ContainerStatus {
  readonly name: string
  readonly state: State
  readonly lastState: State
  readonly ready: boolean
  readonly restartCount: number
  readonly started?: boolean
  readonly image: string
  readonly imageID: string
  readonly containerID?: string
  readonly [field: string]: unknown
}

export interface PodStatus {
  readonly phase: string
  readonly reason?: string
  readonly message?: string
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly startTime?: string
  readonly podIP?: string
  readonly qosClass?: string
  readonly [field: string]: unknown
}

export interface Template {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Labels }
  readonly spec: PodSpec
}

export interface Pod extends KubeObject {
  readonly spec: PodSpec
  readonly status?: PodStatus
}

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
  readonly timeAdded?: string
}

export interface Node extends KubeObject {
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  readonly status?: {
    readonly allocatable?: Labels
    readonly conditions?: readonly Condition[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
}
