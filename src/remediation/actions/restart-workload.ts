import * as z from 'zod'
import { shortHash } from '../../util/hash.ts'
import { action } from '../action.ts'
import { mergePatch } from '../request.ts'
import { count, label, replicasOf, templateRefusal } from '../workloads.ts'

const MARK = 'dogwatch.io/restart'
const RESOURCES = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps'] as const

export const restartWorkload = action({
  name: 'restart-workload',
  tier: 'change',
  description: 'Replaces the pods of a workload one after another, as kubectl rollout restart does.',
  resources: RESOURCES,
  parameters: z.strictObject({}),
  writes: RESOURCES.map((resource) => ({
    verb: 'patch',
    resource,
    pointers: ['/spec/template/metadata/annotations/dogwatch.io~1restart'],
    bounds: 'eight characters',
  })),
  inverse: 'not needed: the pods are made from the same template',
  propose: () => ({}),
  plan: (workload, _, { finding }) => {
    const refusal = templateRefusal(workload)
    if (refusal) return refusal
    // No time, as kubectl would write: what follows from the finding and the present mark is new for each restart, and the same for each plan of it.
    const present = workload.spec?.template?.metadata?.annotations?.[MARK] ?? ''
    const mark = shortHash([finding.id, present])
    return {
      ...mergePatch(workload, [[['spec', 'template', 'metadata', 'annotations', MARK], mark]]),
      effect: `restarts ${label(workload)}: replaces ${count(replicasOf(workload), 'pod')} one after another`,
    }
  },
})
