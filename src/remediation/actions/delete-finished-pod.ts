import * as z from 'zod'
import { action, controllerOf, refuse } from '../action.ts'
import { isFinished } from '../pods.ts'
import { remove } from '../request.ts'

export const deleteFinishedPod = action({
  name: 'delete-finished-pod',
  tier: 'destroy',
  description: 'Deletes a pod that has ended and that no controller looks after, with its logs.',
  resources: ['pods'],
  parameters: z.strictObject({}),
  writes: [
    { verb: 'delete', resource: 'pods', pointers: [''], bounds: 'the pod of that uid, in phase Failed or Succeeded' },
  ],
  inverse: null,
  propose: () => ({}),
  plan: (pod) => {
    const controller = controllerOf(pod)
    if (controller) return refuse('has-controller', `${controller.kind} ${controller.name} looks after it`)
    const { phase = 'Unknown', reason } = pod.status ?? {}
    if (!isFinished(pod)) return refuse('not-finished', `its phase is ${phase}`)
    const { namespace = '', name } = pod.metadata
    return {
      ...remove(pod),
      effect: `deletes Pod ${namespace}/${name} (${reason ?? phase}) and its logs; nothing makes it anew`,
    }
  },
})
