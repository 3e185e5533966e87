import { at, object } from './object.ts'
import { array, number, string, type Projected } from './shape.ts'
import { intOrString, time } from './values.ts'
import { labelSelector, meta, standardCondition, workloadCondition } from './meta.ts'

const metricSpec = object({
  type: at(1, string, 'always'),
  resource: at(
    4,
    object({
      name: at(1, string, 'always'),
      target: at(2, object({ type: at(1, string, 'always'), averageUtilization: at(4, number, 'always') })),
    }),
  ),
  containerResource: at(
    7,
    object({
      name: at(1, string, 'always'),
      container: at(3, string, 'always'),
      target: at(2, object({ type: at(1, string, 'always') })),
    }),
  ),
})

export const autoscaler = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      scaleTargetRef: at(
        1,
        object({ apiVersion: at(3, string), kind: at(1, string, 'always'), name: at(2, string, 'always') }),
      ),
      minReplicas: at(2, number, 'always'),
      maxReplicas: at(3, number, 'always'),
      metrics: at(4, array(metricSpec)),
    }),
  ),
  status: at(
    3,
    object({
      observedGeneration: at(1, number, 'always'),
      currentReplicas: at(3, number),
      desiredReplicas: at(4, number, 'always'),
      lastScaleTime: at(2, time),
      conditions: at(6, array(workloadCondition)),
    }),
  ),
})
export type Autoscaler = Projected<typeof autoscaler>

export const disruptionBudget = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      minAvailable: at(1, intOrString, 'always'),
      maxUnavailable: at(3, intOrString, 'always'),
      selector: at(2, labelSelector),
      unhealthyPodEvictionPolicy: at(4, string, 'always'),
    }),
  ),
  status: at(
    3,
    object({
      observedGeneration: at(1, number),
      currentHealthy: at(4, number, 'always'),
      desiredHealthy: at(5, number, 'always'),
      disruptionsAllowed: at(3, number, 'always'),
      expectedPods: at(6, number, 'always'),
      conditions: at(7, array(standardCondition)),
    }),
  ),
})
export type DisruptionBudget = Projected<typeof disruptionBudget>
