import * as z from 'zod'
import { KINDS } from '../../cluster/kinds.ts'
import { action, controllerOf, refuse, type Refusal } from '../action.ts'
import type { Snapshot } from '../../cluster/snapshot.ts'
import { remove } from '../request.ts'

export const deleteAutoscaler = action({
  name: 'delete-autoscaler',
  tier: 'destroy',
  description: 'Deletes a HorizontalPodAutoscaler whose target does not exist.',
  resources: ['horizontalpodautoscalers.autoscaling'],
  parameters: z.strictObject({}),
  writes: [
    {
      verb: 'delete',
      resource: 'horizontalpodautoscalers.autoscaling',
      pointers: [''],
      bounds: 'the autoscaler of that uid',
    },
  ],
  inverse: null,
  propose: () => ({}),
  plan: (autoscaler, _, { snapshot }) => {
    const controller = controllerOf(autoscaler)
    if (controller) return refuse('has-controller', `${controller.kind} ${controller.name} would make it anew`)
    const { namespace = '', name } = autoscaler.metadata
    const { kind = '', name: target = '', apiVersion = '' } = autoscaler.spec?.scaleTargetRef ?? {}
    const refusal = targetRefusal({ apiVersion, kind, name: target, namespace }, snapshot)
    return (
      refusal ?? {
        ...remove(autoscaler),
        effect: `deletes HorizontalPodAutoscaler ${namespace}/${name}, whose target ${kind} ${target} does not exist`,
      }
    )
  },
})

interface Reference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

function targetRefusal({ apiVersion, kind, name, namespace }: Reference, snapshot: Snapshot): Refusal | undefined {
  const known = KINDS.find((one) => one.apiVersion === apiVersion && one.kind === kind)
  if (!known) return refuse('not-seen', `whether ${kind} ${name} exists is not known: nobody reads its kind`)
  const look = snapshot.look(known.resource, namespace)
  if (typeof look === 'object') return refuse('not-seen', look.detail)
  return snapshot.get(known.resource, namespace, name) ? refuse('in-use', `${kind} ${name} exists`) : undefined
}
