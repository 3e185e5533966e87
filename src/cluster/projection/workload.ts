import { at, object } from './object.ts'
import { array, boolean, number, string, type Projected } from './shape.ts'
import { deploymentCondition, labelSelector, meta, workloadCondition } from './meta.ts'
import { podTemplate } from './pod-spec.ts'
import { claimSpec } from './storage.ts'
import { json } from './values.ts'

export const deployment = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      replicas: at(1, number, 'always'),
      paused: at(7, boolean),
      selector: at(2, labelSelector),
      progressDeadlineSeconds: at(9, number, 'always'),
      minReadySeconds: at(5, number),
      strategy: at(4, object({ type: at(1, string) })),
      template: at(3, podTemplate),
    }),
  ),
  status: at(
    3,
    object({
      observedGeneration: at(1, number),
      replicas: at(2, number),
      updatedReplicas: at(3, number),
      readyReplicas: at(7, number),
      availableReplicas: at(4, number),
      unavailableReplicas: at(5, number),
      conditions: at(6, array(deploymentCondition)),
    }),
  ),
})
export type Deployment = Projected<typeof deployment>

export const replicaSet = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({ replicas: at(1, number, 'always'), selector: at(2, labelSelector), template: at(3, podTemplate) }),
  ),
  status: at(
    3,
    object({
      observedGeneration: at(3, number),
      replicas: at(1, number, 'always'),
      readyReplicas: at(4, number),
      availableReplicas: at(5, number),
      conditions: at(6, array(workloadCondition)),
    }),
  ),
})
export type ReplicaSet = Projected<typeof replicaSet>

export const statefulSet = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      replicas: at(1, number, 'always'),
      ordinals: at(11, object({ start: at(1, number, 'always') })),
      serviceName: at(5, string, 'always'),
      podManagementPolicy: at(6, string),
      selector: at(2, labelSelector),
      updateStrategy: at(
        7,
        object({ type: at(1, string), rollingUpdate: at(2, object({ partition: at(1, number, 'always') })) }),
      ),
      persistentVolumeClaimRetentionPolicy: at(10, object({ whenDeleted: at(1, string), whenScaled: at(2, string) })),
      volumeClaimTemplates: at(4, array(object({ metadata: at(1, meta), spec: at(2, claimSpec) }))),
      template: at(3, podTemplate),
    }),
  ),
  status: at(
    3,
    object({
      observedGeneration: at(1, number),
      replicas: at(2, number, 'always'),
      readyReplicas: at(3, number),
      availableReplicas: at(11, number, 'always'),
      updatedReplicas: at(5, number),
      currentRevision: at(6, string),
      updateRevision: at(7, string),
      conditions: at(10, array(workloadCondition)),
    }),
  ),
})
export type StatefulSet = Projected<typeof statefulSet>

export const daemonSet = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      selector: at(1, labelSelector),
      updateStrategy: at(3, object({ type: at(1, string) })),
      template: at(2, podTemplate),
    }),
  ),
  status: at(
    3,
    object({
      observedGeneration: at(5, number),
      desiredNumberScheduled: at(3, number, 'always'),
      currentNumberScheduled: at(1, number, 'always'),
      updatedNumberScheduled: at(6, number),
      numberReady: at(4, number, 'always'),
      numberAvailable: at(7, number),
      numberUnavailable: at(8, number),
      numberMisscheduled: at(2, number, 'always'),
      conditions: at(10, array(workloadCondition)),
    }),
  ),
})
export type DaemonSet = Projected<typeof daemonSet>

export const controllerRevision = object({
  metadata: at(1, meta),
  revision: at(3, number, 'always'),
  data: at(2, json(object({ spec: object({ template: podTemplate }) }))),
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
