import * as z from 'zod'
import { isReady } from '../../facts/joins.ts'
import { action, isRefusal, refuse, type Refusal } from '../action.ts'
import { isFinished, replacerOf, wantedBy, type Pod } from '../pods.ts'
import { evict } from '../request.ts'

const SAFE = 'cluster-autoscaler.kubernetes.io/safe-to-evict'
const DISTURBED = [
  [SAFE, 'false'],
  ['karpenter.sh/do-not-disrupt', 'true'],
] as const

export const evictPod = action({
  name: 'evict-pod',
  tier: 'heal',
  description: 'Evicts a pod that does not serve and that its living controller makes anew.',
  resources: ['pods'],
  parameters: z.strictObject({}),
  writes: [{ verb: 'create', resource: 'pods/eviction', pointers: [''], bounds: 'the pod of that uid' }],
  inverse: 'not needed: its controller makes it anew',
  propose: () => ({}),
  plan: (pod, _, context) => {
    const controller = replacerOf(pod, context)
    if (isRefusal(controller)) return controller
    if (wantedBy(controller) === 0)
      return refuse('not-replaced', `${controller.kind} ${controller.metadata.name} wants no pods`)
    const refusal = refusalOf(pod)
    if (refusal) return refusal
    const { namespace = '', name } = pod.metadata
    const { kind, metadata } = controller
    return { ...evict(pod), effect: `evicts Pod ${namespace}/${name}; ${kind} ${metadata.name} makes a new one` }
  },
})

function refusalOf(pod: Pod): Refusal | undefined {
  if (isFinished(pod)) return refuse('finished', 'it has come to its end: there is nothing to evict')
  if (isReady(pod)) return refuse('serving', 'it is ready')
  const annotations = pod.metadata.annotations ?? {}
  const mark = DISTURBED.find(([key, value]) => annotations[key] === value)
  if (mark) return refuse('do-not-disrupt', `${mark[0]} is ${mark[1]}`)
  const local = pod.spec?.volumes?.find((volume) => volume.emptyDir === true || volume.hostPath === true)
  if (!local || annotations[SAFE] === 'true') return undefined
  return refuse('local-storage', `volume ${local.name ?? ''} lives on its node and would be lost`)
}
