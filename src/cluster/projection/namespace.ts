import { array, map, object, quantity, string, type Projected } from './shape.ts'
import { condition, meta } from './meta.ts'

export const namespace = object({
  metadata: meta,
  spec: object({ finalizers: array(string) }),
  status: object({ phase: string, conditions: array(condition) }),
})
export type Namespace = Projected<typeof namespace>

export const quota = object({
  metadata: meta,
  spec: object({ hard: map(quantity) }),
  status: object({ hard: map(quantity), used: map(quantity) }),
})
export type Quota = Projected<typeof quota>

export const limitRange = object({
  metadata: meta,
  spec: object({
    limits: array(
      object({
        type: string,
        min: map(quantity),
        max: map(quantity),
        default: map(quantity),
        defaultRequest: map(quantity),
        maxLimitRequestRatio: map(quantity),
      }),
    ),
  }),
})
export type LimitRange = Projected<typeof limitRange>
