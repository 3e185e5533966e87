import type { PodTemplate } from '../cluster/projection/pod-spec.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { parseQuantity } from '../util/quantity.ts'
import { refuse, type Refusal } from './action.ts'
import { COMPUTE, amountsOf, formatAmount, sumOf, withResources } from './resources.ts'
import type { Amounts, Asked, Compute, Place } from './resources.ts'

/** Other requests and limits of one container of a template. */
export interface SizeChange {
  readonly template: PodTemplate | undefined
  readonly place: Place
  readonly asked: Asked
  readonly replicas: number
}

/** Why pods of that size could not be made: by themselves, by the namespace, or by the nodes. What cannot be read refuses too. */
export function sizeRefusal(change: SizeChange, namespace: string, snapshot: Snapshot): Refusal | undefined {
  if (change.template?.spec?.resources !== undefined)
    return refuse('out-of-bounds', 'its resources are set for the pod as a whole')
  for (const resource of ['limitranges', 'resourcequotas'] as const) {
    const look = snapshot.look(resource, namespace)
    if (typeof look === 'object') return refuse('not-seen', look.detail)
  }
  const sizes = COMPUTE.map((of) => sizeOf(change, of))
  return sizes.flatMap((size) => [
    ...ownRefusals(size),
    ...namespaceRefusals(size, namespace, snapshot),
    ...nodeRefusals(size, snapshot),
  ])[0]
}

/** One resource after a change, in cores or bytes. */
interface Size {
  readonly of: Compute
  readonly container: Amounts
  /** Of all containers of a pod. */
  readonly pod: Amounts
  /** How much more all pods of the workload take than before. */
  readonly more: { readonly request: number; readonly limit: number }
}

function sizeOf({ template, place, asked, replicas }: SizeChange, of: Compute): Size {
  const changed = withResources(place.container, asked)
  const main = template?.spec?.containers ?? []
  const containers = main.map((container) => (container === place.container ? changed : container))
  const [before, after] = [amountsOf(place.container, of), amountsOf(changed, of)]
  const growth = (side: keyof Amounts): number => ((after[side] ?? 0) - (before[side] ?? 0)) * replicas
  return {
    of,
    container: after,
    pod: sumOf(containers, of),
    more: { request: growth('request'), limit: growth('limit') },
  }
}

const ownRefusals = ({ of, container: { request, limit } }: Size): Refusal[] =>
  isAbove(request, limit) ? [refuse('out-of-bounds', `its ${of} request would be above its limit`)] : []

function nodeRefusals({ of, container: { request = 0 }, more }: Size, snapshot: Snapshot): Refusal[] {
  if (more.request <= 0) return []
  const fits = snapshot.all('nodes').some((node) => (parseQuantity(node.status?.allocatable?.[of]) ?? 0) >= request)
  if (fits) return []
  return snapshot.look('nodes') === 'listed'
    ? [refuse('out-of-bounds', `no node has ${formatAmount(of, request)} of ${of}`)]
    : [refuse('not-seen', 'not all nodes were looked at')]
}

function namespaceRefusals(size: Size, namespace: string, snapshot: Snapshot): Refusal[] {
  const limits = snapshot.within('limitranges', namespace)
  const quotas = snapshot.within('resourcequotas', namespace)
  return [
    ...limits.flatMap(({ spec }) => (spec?.limits ?? []).flatMap((range) => rangeRefusals(range, size))),
    ...quotas.flatMap((quota) => quotaRefusals(quota, size)),
  ]
}

type Quantities = Readonly<Record<string, string>>

interface Range {
  readonly type?: string
  readonly min?: Quantities
  readonly max?: Quantities
  readonly maxLimitRequestRatio?: Quantities
}

function rangeRefusals({ type, min, max, maxLimitRequestRatio }: Range, { of, ...size }: Size): Refusal[] {
  if (type !== 'Container' && type !== 'Pod') return []
  const { request, limit } = type === 'Container' ? size.container : size.pod
  const [least, most, ratio] = [min, max, maxLimitRequestRatio].map((one) => parseQuantity(one?.[of]))
  const bounds: [broken: boolean, words: string][] = [
    [isAbove(least, request), `at least ${formatAmount(of, least ?? 0)}`],
    [isAbove(limit, most), `at most ${formatAmount(of, most ?? 0)}`],
    [ratio !== undefined && isAbove(limit, ratio * (request ?? 0)), `a limit of at most ${ratio} times the request`],
  ]
  return bounds
    .filter(([broken]) => broken)
    .map(([, words]) => refuse('out-of-bounds', `a LimitRange allows a ${type} ${words} of ${of}`))
}

const isAbove = (value: number | undefined, bound: number | undefined): boolean =>
  value !== undefined && bound !== undefined && value > bound

interface Quota {
  readonly metadata: { readonly name: string }
  readonly status?: { readonly hard?: Quantities; readonly used?: Quantities }
}

// While pods are replaced, one new pod may stand beside all of the old ones.
function quotaRefusals({ metadata, status }: Quota, { of, more, pod }: Size): Refusal[] {
  const keys = [
    [`limits.${of}`, 'limit'],
    [`requests.${of}`, 'request'],
    [of, 'request'],
  ] as const
  return keys.flatMap(([key, side]) => {
    const hard = parseQuantity(status?.hard?.[key])
    if (hard === undefined || more[side] <= 0) return []
    const used = parseQuantity(status?.used?.[key]) ?? Number.POSITIVE_INFINITY
    const wanted = used + more[side] + (pod[side] ?? 0)
    return wanted > hard
      ? [refuse('out-of-bounds', `ResourceQuota ${metadata.name} allows ${formatAmount(of, hard)} of ${key}`)]
      : []
  })
}
