import * as z from 'zod'
import { trueCondition } from '../../facts/workload-kind.ts'
import { action, controllerOf, refuse } from '../action.ts'
import { remove } from '../request.ts'
import { count } from '../workloads.ts'

export const deleteJob = action({
  name: 'delete-job',
  tier: 'destroy',
  description: 'Deletes a finished Job with its pods and their logs.',
  resources: ['jobs.batch'],
  parameters: z.strictObject({}),
  writes: [{ verb: 'delete', resource: 'jobs.batch', pointers: [''], bounds: 'the Job of that uid, once finished' }],
  inverse: null,
  propose: () => ({}),
  plan: (job, _, { snapshot }) => {
    const failed = trueCondition(job, 'Failed')
    if (!failed && !trueCondition(job, 'Complete')) return refuse('not-finished', 'it has not finished')
    if (job.spec?.ttlSecondsAfterFinished !== undefined)
      return refuse('goes-by-itself', 'ttlSecondsAfterFinished deletes it')
    const { namespace = '', name, uid } = job.metadata
    const controller = controllerOf(job)
    const of = controller ? ` of ${controller.kind} ${controller.name}` : ''
    const pods = snapshot.indexed('podsByOwner', uid).length
    return {
      ...remove(job),
      effect: `deletes Job ${namespace}/${name}${of} (${failed ? 'Failed' : 'Complete'})${pods === 0 ? '; no pods of it are left' : ` with ${count(pods, 'pod')} and the logs`}`,
    }
  },
})
