import { array, intOrString, number, object, string, type Projected } from './shape.ts'
import { condition, labelSelector, meta } from './meta.ts'

const metricSpec = object({
  type: string,
  resource: object({ name: string, target: object({ type: string, averageUtilization: number }) }),
  containerResource: object({ name: string, container: string, target: object({ type: string }) }),
})

export const autoscaler = object({
  metadata: meta,
  spec: object({
    scaleTargetRef: object({ apiVersion: string, kind: string, name: string }),
    minReplicas: number,
    maxReplicas: number,
    metrics: array(metricSpec),
  }),
  status: object({
    observedGeneration: number,
    currentReplicas: number,
    desiredReplicas: number,
    lastScaleTime: string,
    conditions: array(condition),
  }),
})
export type Autoscaler = Projected<typeof autoscaler>

export const disruptionBudget = object({
  metadata: meta,
  spec: object({
    minAvailable: intOrString,
    maxUnavailable: intOrString,
    selector: labelSelector,
    unhealthyPodEvictionPolicy: string,
  }),
  status: object({
    observedGeneration: number,
    currentHealthy: number,
    desiredHealthy: number,
    disruptionsAllowed: number,
    expectedPods: number,
    conditions: array(condition),
  }),
})
export type DisruptionBudget = Projected<typeof disruptionBudget>
