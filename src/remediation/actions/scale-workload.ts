import * as z from 'zod'
import { isStatefulSet } from '../../facts/workload-kind.ts'
import { action, controllerOf, refuse, type Refusal } from '../action.ts'
import type { ReplicaSet, Deployment, StatefulSet } from '../../facts/workload-kind.ts'
import { mergePatch } from '../request.ts'
import { label, replicasOf } from '../workloads.ts'

const RESOURCES = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps'] as const

export const scaleWorkload = action({
  name: 'scale-workload',
  tier: 'change',
  description: 'Sets the number of replicas, to at least one and at most twice what it is.',
  resources: RESOURCES,
  parameters: z.strictObject({ replicas: z.int().min(1).describe('How many replicas it is to have.') }),
  writes: RESOURCES.map((resource) => ({
    verb: 'patch',
    resource,
    pointers: ['/spec/replicas'],
    bounds: 'from 1 to twice the present number',
  })),
  inverse: 'set spec.replicas back to the number before',
  propose: () => refuse('no-proposal', 'one look does not say how many replicas would do'),
  plan: (workload, { replicas }) => {
    const present = replicasOf(workload)
    return (
      refusalOf(workload, present, replicas) ?? {
        ...mergePatch(workload, [[['spec', 'replicas'], replicas]]),
        effect: `scales ${label(workload)} from ${present} to ${replicas} replicas`,
      }
    )
  },
})

function refusalOf(
  workload: Deployment | ReplicaSet | StatefulSet,
  present: number,
  next: number,
): Refusal | undefined {
  const controller = controllerOf(workload)
  if (controller) return refuse('has-controller', `${controller.kind} ${controller.name} sets its replicas`)
  // Whoever set it to zero meant to: people restore.
  if (present === 0) return refuse('at-zero', 'it is at zero')
  if (next === present) return refuse('already-done', `it has ${present} replicas`)
  if (next > 2 * present) return refuse('out-of-bounds', `${next} is more than twice of ${present}`)
  const deletes =
    isStatefulSet(workload) && workload.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete'
  return deletes && next < present ? refuse('deletes-claims', 'its claims are deleted with its pods') : undefined
}
