import * as z from 'zod'
import type { DaemonSet, Deployment, StatefulSet } from '../../facts/workload-kind.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { action, isRefusal, refuse, type Draft, type Refusal } from '../action.ts'
import { memoryAfterKill } from '../memory-after-kill.ts'
import { strategicPatch } from '../request.ts'
import { COMPUTE, placeOf, type Asked, type Place } from '../resources.ts'
import { sizeByUse } from '../size-by-use.ts'
import { sizeRefusal } from '../size-limits.ts'
import { label, replicasOf, templateRefusal } from '../workloads.ts'

type Workload = Deployment | StatefulSet | DaemonSet

const RESOURCES = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps'] as const
const SIDES = ['requests', 'limits'] as const

const amount = z.string().refine((text) => (parseQuantity(text) ?? 0) > 0, 'no quantity above zero')
const amounts = z.strictObject({ cpu: amount.optional(), memory: amount.optional() })
const parameters = z.strictObject({
  container: z.string().min(1).describe('The container of the pod template.'),
  requests: amounts.optional().describe('Its new requests; what is left out stays.'),
  limits: amounts.optional().describe('Its new limits; what is left out stays.'),
})

export const setResources = action({
  name: 'set-resources',
  tier: 'change',
  description: 'Sets requests and limits of one container, within what the namespace and the nodes allow.',
  resources: RESOURCES,
  parameters,
  writes: RESOURCES.map((resource) => ({
    verb: 'patch',
    resource,
    pointers: ['containers', 'initContainers'].flatMap((list) =>
      SIDES.flatMap((side) => COMPUTE.map((of) => `/spec/template/spec/${list}/*/resources/${side}/${of}`)),
    ),
    bounds: 'quantities within LimitRange and ResourceQuota',
  })),
  inverse: 'set-resources to the values before',
  propose: (workload, context) => {
    const { container } = context.finding
    const place = container === undefined ? undefined : placeOf(workload.spec?.template, container)
    if (container === undefined || !place) return refuse('no-proposal', 'no container of its template is meant')
    const afterKill = memoryAfterKill(workload, place.container, context)
    const asked = isRefusal(afterKill) ? sizeByUse(workload, place.container, context) : afterKill
    if (!isRefusal(asked)) return { container, ...asked }
    return isRefusal(afterKill) && afterKill.refused !== 'no-proposal' ? afterKill : asked
  },
  plan: (workload, asked, { snapshot }) => {
    const place = placeOf(workload.spec?.template, asked.container)
    if (!place) return refuse('not-held', `its template has no container ${asked.container}`)
    const change = { template: workload.spec?.template, place, asked, replicas: replicasOf(workload) }
    const refusal = templateRefusal(workload) ?? sizeRefusal(change, workload.metadata.namespace ?? '', snapshot)
    return refusal ?? draft(workload, place, asked)
  },
})

function draft(workload: Workload, { list, index, container }: Place, asked: Asked): Draft | Refusal {
  const set = SIDES.flatMap((side) => COMPUTE.map((of) => ({ side, of, to: asked[side]?.[of] })))
  const changes = set.flatMap(({ side, of, to }) => {
    const from = container.resources?.[side]?.[of]
    if (to === undefined || to === from) return []
    return { side, of, from, to, pointer: `/spec/template/spec/${list}/${index}/resources/${side}/${of}` }
  })
  if (changes.length === 0) return refuse('already-done', 'it asks for as much already')
  const resources = Object.fromEntries(
    SIDES.filter((side) => changes.some((change) => change.side === side)).map((side) => [
      side,
      Object.fromEntries(changes.filter((change) => change.side === side).map(({ of, to }) => [of, to])),
    ]),
  )
  const words = changes.map(({ side, of, from, to }) => `${of} ${side.slice(0, -1)} ${from ?? 'none'} → ${to}`)
  return {
    changes: changes.map(({ pointer, from = null, to }) => ({ pointer, from, to })),
    patch: strategicPatch(workload, {
      spec: { template: { spec: { [list]: [{ name: container.name, resources }] } } },
    }),
    effect: `sets ${words.join(', ')} of ${container.name ?? ''} in ${label(workload)}; its pods are replaced one after another`,
  }
}
