import { at, object } from './object.ts'
import { array, boolean, map, string, type Projected } from './shape.ts'
import { quantity, time } from './values.ts'
import { condition, meta } from './meta.ts'

const taint = object({
  key: at(1, string, 'always'),
  value: at(2, string),
  effect: at(3, string, 'always'),
  timeAdded: at(4, time),
})
export type Taint = Projected<typeof taint>

export const node = object({
  metadata: at(1, meta),
  spec: at(2, object({ unschedulable: at(4, boolean), taints: at(5, array(taint)) })),
  status: at(
    3,
    object({ conditions: at(4, array(condition)), allocatable: at(2, map(quantity)), capacity: at(1, map(quantity)) }),
  ),
})
export type Node = Projected<typeof node>
