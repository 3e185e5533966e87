import type { AnyObject } from '../cluster/kinds.ts'
import { parseQuantity } from '../util/quantity.ts'
import type { History } from './container-history.ts'
import { amountOf, type Compute } from './quantities.ts'
import { unknown, type Unknown } from './reading.ts'
import type { View } from './subject.ts'

/** Why nobody but a person should change a request. A closed list. `throttled`: its use is what its CPU limit left of it. */
export const HOLDERS = ['coupled-to-autoscaler', 'owned-by-vertical-autoscaler', 'heap-flag', 'throttled'] as const
export type Holder = (typeof HOLDERS)[number]

type Of = Pick<History, 'pod' | 'container'>

/** Whether a request is somebody else's: of an autoscaler that counts in it, of one that sets it, or of a heap of a fixed size. */
export function holderOf(of: Compute, about: Of, view: View): Holder | Unknown | null {
  const { chain } = view.snapshot.owners(about.pod)
  const coupled = isCoupled(of, { ...about, chain }, view)
  if (typeof coupled === 'object') return coupled
  if (coupled) return 'coupled-to-autoscaler'
  const vertical = isOwnedByVertical(about, chain, view)
  if (typeof vertical === 'object') return vertical
  if (vertical) return 'owned-by-vertical-autoscaler'
  return of === 'memory' && about.container.spec.heapFlag !== undefined ? 'heap-flag' : null
}

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling'

function isCoupled(
  of: Compute,
  { pod, container, chain }: Of & { chain: readonly AnyObject[] },
  view: View,
): boolean | Unknown {
  const { namespace } = pod.metadata
  const look = view.snapshot.look(AUTOSCALERS, namespace)
  if (typeof look === 'object') return unknown(look.unknown, look.detail)
  return targetsOf(chain, namespace)
    .flatMap((target) => view.snapshot.indexed('autoscalersByTarget', target))
    .flatMap(({ spec }) => spec?.metrics ?? [])
    .some(
      ({ resource, containerResource }) =>
        resource?.name === of || (containerResource?.name === of && containerResource.container === container.name),
    )
}

const VERTICALS = 'verticalpodautoscalers.autoscaling.k8s.io'
// Its admission webhook marks the pods that it has resized, so that it is told from one that only advises even where nobody may list it.
const MARK = 'vpaUpdates'

function isOwnedByVertical({ pod }: Of, chain: readonly AnyObject[], { snapshot }: View): boolean | Unknown {
  const { annotations, namespace } = pod.metadata
  if (annotations?.[MARK] !== undefined) return true
  const look = snapshot.look(VERTICALS, namespace)
  if (typeof look === 'object' && look.unknown !== 'not-installed') return unknown(look.unknown, look.detail)
  return targetsOf(chain, namespace)
    .flatMap((target) => snapshot.indexed('verticalAutoscalersByTarget', target))
    .some(({ spec }) => spec?.updatePolicy?.updateMode !== 'Off')
}

/** What autoscalers call the objects of a chain. */
const targetsOf = (chain: readonly AnyObject[], namespace: string | undefined): readonly string[] =>
  chain.map(({ kind, metadata }) => `${kind}/${namespace ?? ''}/${metadata.name}`)

/** The least request that the LimitRanges of the namespace allow, in cores or bytes; 0 where they ask for none. */
export function leastAllowed(of: Compute, { pod, container }: Of, { snapshot }: View): number | Unknown {
  const { namespace } = pod.metadata
  const look = snapshot.look('limitranges', namespace)
  if (typeof look === 'object') return unknown(look.unknown, look.detail)
  const limit = amountOf(pod, container, 'limits', of) ?? undefined
  const ranges = snapshot.within('limitranges', namespace).flatMap(({ spec }) => spec?.limits ?? [])
  const least = ranges
    .filter(({ type }) => type === 'Container')
    .flatMap(({ min, maxLimitRequestRatio }) => {
      const ratio = parseQuantity(maxLimitRequestRatio?.[of])
      return [parseQuantity(min?.[of]) ?? 0, ratio && limit ? limit / ratio : 0]
    })
  return Math.max(0, ...least)
}
