import type { ObjectOf } from '../cluster/kinds.ts'
import { perObject } from '../util/per-object.ts'
import { formatBytes, formatCores, parseQuantity } from '../util/quantity.ts'
import { shared } from './per-view.ts'
import { containersOf, type View } from './subject.ts'

/** Amounts by resource: cores of `cpu`, bytes of `memory` and `ephemeral-storage`, a count of anything else. */
export type Amounts = ReadonlyMap<string, number>

const NOTHING: Amounts = new Map()

/** Reads quantities; what is no quantity is left out. */
export const amountsOf = (quantities: Readonly<Record<string, string>> | undefined): Amounts =>
  new Map(
    Object.entries(quantities ?? {}).flatMap(([name, text]) => {
      const amount = parseQuantity(text)
      return amount === undefined ? [] : [[name, amount] as const]
    }),
  )

const combine =
  (pick: (a: number, b: number) => number) =>
  (left: Amounts, right: Amounts): Amounts => {
    const result = new Map(left)
    for (const [name, amount] of right) result.set(name, pick(result.get(name) ?? 0, amount))
    return result
  }
const add = combine((a, b) => a + b)
const larger = combine(Math.max)

/**
 * What the scheduler sets aside for a pod: its containers and sidecars together, or its hungriest moment while init containers run,
 * whichever is more; requests of the pod as a whole stand in place of those of its containers; overhead comes on top. Always one of `pods`.
 * Summed up once: each change of a pod sums up its node again, with all pods that did not change.
 */
export const requestsOf = perObject((pod: ObjectOf<'pods'>): Amounts => {
  let main = NOTHING
  let sidecars = NOTHING
  let starting = NOTHING
  for (const { role, spec, status } of containersOf(pod)) {
    const asked = larger(amountsOf(spec.resources?.requests), amountsOf(status?.allocatedResources))
    if (role === 'main') main = add(main, asked)
    else if (role === 'sidecar') sidecars = add(sidecars, asked)
    starting = role === 'init' ? larger(starting, add(sidecars, asked)) : larger(starting, sidecars)
  }
  const whole = new Map([...larger(add(main, sidecars), starting), ...amountsOf(pod.spec?.resources?.requests)])
  return new Map([...add(whole, amountsOf(pod.spec?.overhead)), ['pods', 1]])
})

/** Whether a pod has ended and so holds neither resources nor claims. */
export const isOver = (pod: ObjectOf<'pods'>): boolean =>
  pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

interface Room {
  readonly allocatable: Amounts
  readonly used: Amounts
}

const ROOMS = shared((view, name): Room => {
  const pods = view.snapshot.indexed('podsByNode', name).filter((pod) => !isOver(pod))
  const allocatable = view.snapshot.get('nodes', undefined, name)?.status?.allocatable
  return { allocatable: amountsOf(allocatable), used: pods.map(requestsOf).reduce(add, NOTHING) }
})

/** What a node offers, and what the pods that are held set aside on it. More may be in use where not all namespaces were looked at. */
const roomOn = (node: ObjectOf<'nodes'>, view: View): Room => ROOMS(view, node.metadata.name)

/** One resource of which a pod asks for more than a node has left. */
export interface Shortage {
  readonly resource: string
  readonly asked: number
  readonly allocatable: number
  readonly free: number
}

// Sums of fractions of cores are off by a rounding; a millionth of a core is nothing, and bytes are whole.
const ROUNDING = 1e-6

/** What a node is too small or too full for. A resource of which the node says nothing is short only where it must be offered. */
export function shortagesOn(node: ObjectOf<'nodes'>, asked: Amounts, view: View): Shortage[] {
  const { allocatable, used } = roomOn(node, view)
  return [...asked].flatMap(([resource, amount]) => {
    const there = allocatable.get(resource) ?? (isExtended(resource) ? 0 : undefined)
    if (there === undefined || amount === 0) return []
    const free = there - (used.get(resource) ?? 0)
    return amount > free + ROUNDING ? [{ resource, asked: amount, allocatable: there, free: Math.max(0, free) }] : []
  })
}

const BASIC = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods'])

/** Whether a resource is one that only some nodes offer: a device, or huge pages. */
export const isExtended = (resource: string): boolean => !BASIC.has(resource)

/** Writes an amount of a resource as a person would: `64 cores of cpu`, `250m of cpu`, `32Mi of memory`, `2 nvidia.com/gpu`. */
export function formatAmount(resource: string, amount: number): string {
  if (resource === 'cpu' && Number.isInteger(amount)) return `${amount} ${amount === 1 ? 'core' : 'cores'} of cpu`
  return `${formatQuantity(resource, amount)} ${isMeasured(resource) ? 'of ' : ''}${resource}`
}

const isMeasured = (resource: string): boolean => resource === 'cpu' || isBytes(resource)
const isBytes = (resource: string): boolean =>
  resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-')

/** Writes the number of an amount in the unit of its resource: `250m`, `32Mi`, `2`. */
export const formatQuantity = (resource: string, amount: number): string =>
  isBytes(resource) ? formatBytes(amount) : formatCores(amount)
