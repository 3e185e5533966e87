import * as z from 'zod'
import { isDaemonSet } from '../../facts/workload-kind.ts'
import { action, isRefusal, refuse } from '../action.ts'
import { isActive, replacerOf, siblings, wantedBy, type Pod, type Replacer } from '../pods.ts'
import { remove } from '../request.ts'

export const deletePod = action({
  name: 'delete-pod',
  tier: 'heal',
  description: 'Deletes a Failed or Evicted pod that its controller has replaced.',
  resources: ['pods'],
  parameters: z.strictObject({}),
  writes: [{ verb: 'delete', resource: 'pods', pointers: [''], bounds: 'the pod of that uid, in phase Failed' }],
  inverse: 'not needed: its controller has replaced it',
  propose: () => ({}),
  plan: (pod, _, context) => {
    const { phase = 'Unknown', reason } = pod.status ?? {}
    if (phase !== 'Failed') return refuse('not-finished', `its phase is ${phase}`)
    const controller = replacerOf(pod, context)
    if (isRefusal(controller)) return controller
    const others = siblings(pod, controller, context)
    if (isRefusal(others)) return others
    const { kind, metadata } = controller
    if (!isReplaced(pod, controller, others))
      return refuse('not-replaced', `${kind} ${metadata.name} has not replaced it`)
    const { namespace = '', name } = pod.metadata
    return {
      ...remove(pod),
      effect: `deletes Pod ${namespace}/${name} (${reason ?? phase}), which ${kind} ${metadata.name} has replaced`,
    }
  },
})

function isReplaced(pod: Pod, controller: Replacer, others: readonly Pod[]): boolean {
  const active = others.filter(isActive)
  return isDaemonSet(controller)
    ? active.some((other) => other.spec?.nodeName === pod.spec?.nodeName)
    : active.length >= (wantedBy(controller) ?? 1)
}
