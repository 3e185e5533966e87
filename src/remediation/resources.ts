import type { Container, PodTemplate } from '../cluster/projection/pod-spec.ts'
import { formatBytes, formatCores, parseQuantity } from '../util/quantity.ts'

/** The resources that dogwatch may set. */
export const COMPUTE = ['cpu', 'memory'] as const
export type Compute = (typeof COMPUTE)[number]

/** Cores or bytes. */
export interface Amounts {
  readonly request: number | undefined
  readonly limit: number | undefined
}

type Quantities = Readonly<Partial<Record<Compute, string | undefined>>>

/** Requests and limits as they are written; what is left out stays as it is. */
export interface Asked {
  readonly requests?: Quantities | undefined
  readonly limits?: Quantities | undefined
}

/** What a container asks for. Without a request the API server takes the limit for it. */
export function amountsOf({ resources }: Container, of: Compute): Amounts {
  const limit = parseQuantity(resources?.limits?.[of])
  return { request: parseQuantity(resources?.requests?.[of]) ?? limit, limit }
}

/** A container with other requests or limits. */
export const withResources = (container: Container, { requests, limits }: Asked): Container => ({
  ...container,
  resources: {
    requests: merged(container.resources?.requests, requests),
    limits: merged(container.resources?.limits, limits),
  },
})

const merged = (before: Readonly<Record<string, string>> = {}, after: Quantities = {}): Record<string, string> => {
  const result = { ...before }
  for (const of of COMPUTE) {
    const value = after[of]
    if (value !== undefined) result[of] = value
  }
  return result
}

/** Sums over containers; `undefined` where one of them has none. */
export function sumOf(containers: readonly Container[], of: Compute): Amounts {
  const amounts = containers.map((container) => amountsOf(container, of))
  const sum = (side: keyof Amounts): number | undefined =>
    amounts.some((amount) => amount[side] === undefined)
      ? undefined
      : amounts.reduce((total, amount) => total + (amount[side] ?? 0), 0)
  return { request: sum('request'), limit: sum('limit') }
}

/** Where a container stands in a template. */
export interface Place {
  readonly list: 'containers' | 'initContainers'
  readonly index: number
  readonly container: Container
}

export function placeOf(template: PodTemplate | undefined, name: string): Place | undefined {
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = template?.spec?.[list] ?? []
    const index = containers.findIndex((container) => container.name === name)
    const container = containers[index]
    if (container) return { list, index, container }
  }
  return undefined
}

export const formatAmount = (of: Compute, amount: number): string =>
  of === 'memory' ? formatBytes(amount) : formatCores(amount)
