import * as z from 'zod'
import type { Deployment } from '../../facts/workload-kind.ts'
import { action, refuse } from '../action.ts'
import { mergePatch } from '../request.ts'
import { label } from '../workloads.ts'

const MARK = 'dogwatch.io/paused'

export const pauseRollout = action({
  name: 'pause-rollout',
  tier: 'change',
  description: 'Pauses the rollout of a Deployment: the pods that run stay, no more are replaced.',
  resources: ['deployments.apps'],
  parameters: z.strictObject({}),
  writes: [
    {
      verb: 'patch',
      resource: 'deployments.apps',
      pointers: ['/spec/paused', '/metadata/annotations/dogwatch.io~1paused'],
      bounds: 'true, with the mark',
    },
  ],
  inverse: 'set spec.paused to false and remove the annotation dogwatch.io/paused',
  propose: () => ({}),
  plan: (deployment, _, { finding }) => {
    if (deployment.spec?.paused === true) return refuse('already-done', 'it is paused')
    if (!isRollingOut(deployment)) return refuse('no-rollout', 'all of its pods are of its newest revision')
    return {
      ...mergePatch(deployment, [
        [['spec', 'paused'], true],
        [['metadata', 'annotations', MARK], finding.id],
      ]),
      effect: `pauses the rollout of ${label(deployment)}; the pods that run stay`,
    }
  },
})

// While pods of an older revision are left; a first revision that does not get available would not be stopped by a pause.
function isRollingOut({ metadata, status = {} }: Deployment): boolean {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return true
  return (status.replicas ?? 0) > (status.updatedReplicas ?? 0)
}
