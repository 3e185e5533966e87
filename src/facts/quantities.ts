import type { ObjectOf } from '../cluster/kinds.ts'
import { parseQuantity } from '../util/quantity.ts'
import { known, unknown, type Reading } from './reading.ts'
import type { ContainerView } from './subject.ts'

type Pod = ObjectOf<'pods'>
type Side = 'requests' | 'limits'
export type Compute = 'cpu' | 'memory'

/** A request or limit in cores or bytes. `null`: there is none, of the container or of its pod. `undefined`: it cannot be read. */
export function amountOf(pod: Pod, { spec }: ContainerView, side: Side, of: Compute): number | null | undefined {
  const text = spec.resources?.[side]?.[of] ?? pod.spec?.resources?.[side]?.[of]
  return text === undefined ? null : parseQuantity(text)
}

/** The reading of a request or limit. */
export function readAmount(pod: Pod, container: ContainerView, side: Side, of: Compute): Reading {
  const amount = amountOf(pod, container, side, of)
  return amount === undefined ? unknown('malformed', `the ${of} ${side.slice(0, -1)} is no quantity`) : known(amount)
}
