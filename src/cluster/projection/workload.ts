import { array, boolean, number, object, string, type Projected } from './shape.ts'
import { condition, labelSelector, meta } from './meta.ts'
import { podTemplate } from './pod-spec.ts'
import { claimSpec } from './storage.ts'

export const deployment = object({
  metadata: meta,
  spec: object({
    replicas: number,
    paused: boolean,
    selector: labelSelector,
    progressDeadlineSeconds: number,
    minReadySeconds: number,
    strategy: object({ type: string }),
    template: podTemplate,
  }),
  status: object({
    observedGeneration: number,
    replicas: number,
    updatedReplicas: number,
    readyReplicas: number,
    availableReplicas: number,
    unavailableReplicas: number,
    conditions: array(condition),
  }),
})
export type Deployment = Projected<typeof deployment>

export const replicaSet = object({
  metadata: meta,
  spec: object({ replicas: number, selector: labelSelector, template: podTemplate }),
  status: object({
    observedGeneration: number,
    replicas: number,
    readyReplicas: number,
    availableReplicas: number,
    conditions: array(condition),
  }),
})
export type ReplicaSet = Projected<typeof replicaSet>

export const statefulSet = object({
  metadata: meta,
  spec: object({
    replicas: number,
    ordinals: object({ start: number }),
    serviceName: string,
    podManagementPolicy: string,
    selector: labelSelector,
    updateStrategy: object({ type: string, rollingUpdate: object({ partition: number }) }),
    persistentVolumeClaimRetentionPolicy: object({ whenDeleted: string, whenScaled: string }),
    volumeClaimTemplates: array(object({ metadata: meta, spec: claimSpec })),
    template: podTemplate,
  }),
  status: object({
    observedGeneration: number,
    replicas: number,
    readyReplicas: number,
    availableReplicas: number,
    updatedReplicas: number,
    currentRevision: string,
    updateRevision: string,
    conditions: array(condition),
  }),
})
export type StatefulSet = Projected<typeof statefulSet>

export const daemonSet = object({
  metadata: meta,
  spec: object({ selector: labelSelector, updateStrategy: object({ type: string }), template: podTemplate }),
  status: object({
    observedGeneration: number,
    desiredNumberScheduled: number,
    currentNumberScheduled: number,
    updatedNumberScheduled: number,
    numberReady: number,
    numberAvailable: number,
    numberUnavailable: number,
    numberMisscheduled: number,
    conditions: array(condition),
  }),
})
export type DaemonSet = Projected<typeof daemonSet>

export const controllerRevision = object({
  metadata: meta,
  revision: number,
  data: object({ spec: object({ template: podTemplate }) }),
})
export type ControllerRevision = Projected<typeof controllerRevision>

/** Any custom object that owns something: its identity, a pod template where it has one in the usual place, the claim that VolSync copies, and what a VerticalPodAutoscaler resizes. */
export const customObject = object({
  apiVersion: string,
  kind: string,
  metadata: meta,
  spec: object({
    replicas: number,
    selector: labelSelector,
    template: podTemplate,
    volumeClaimTemplates: array(object({ metadata: meta, spec: claimSpec })),
    sourcePVC: string,
    targetRef: object({ kind: string, name: string }),
    updatePolicy: object({ updateMode: string }),
  }),
})
export type CustomObject = Projected<typeof customObject>
