import { array, boolean, map, object, quantity, string, type Projected } from './shape.ts'
import { condition, meta } from './meta.ts'

const taint = object({ key: string, value: string, effect: string, timeAdded: string })
export type Taint = Projected<typeof taint>

export const node = object({
  metadata: meta,
  spec: object({ unschedulable: boolean, taints: array(taint) }),
  status: object({ conditions: array(condition), allocatable: map(quantity), capacity: map(quantity) }),
})
export type Node = Projected<typeof node>
