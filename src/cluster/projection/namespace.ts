import { at, object } from './object.ts'
import { array, map, string, type Projected } from './shape.ts'
import { quantity } from './values.ts'
import { condition, meta } from './meta.ts'

export const namespace = object({
  metadata: at(1, meta),
  spec: at(2, object({ finalizers: at(1, array(string)) })),
  status: at(3, object({ phase: at(1, string), conditions: at(2, array(condition)) })),
})
export type Namespace = Projected<typeof namespace>

export const quota = object({
  metadata: at(1, meta),
  spec: at(2, object({ hard: at(1, map(quantity)) })),
  status: at(3, object({ hard: at(1, map(quantity)), used: at(2, map(quantity)) })),
})
export type Quota = Projected<typeof quota>

export const limitRange = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      limits: at(
        1,
        array(
          object({
            type: at(1, string, 'always'),
            min: at(3, map(quantity)),
            max: at(2, map(quantity)),
            default: at(4, map(quantity)),
            defaultRequest: at(5, map(quantity)),
            maxLimitRequestRatio: at(6, map(quantity)),
          }),
        ),
      ),
    }),
  ),
})
export type LimitRange = Projected<typeof limitRange>
