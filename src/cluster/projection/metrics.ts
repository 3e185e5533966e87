import { array, map, number, object, quantity, string, type Projected } from './shape.ts'
import { meta } from './meta.ts'

/** One look at the use of a pod's containers: the CPU rate over `window`, the memory at `timestamp`. */
export const podMetrics = object({
  metadata: meta,
  timestamp: string,
  window: string,
  containers: array(object({ name: string, usage: map(quantity) })),
  // Not the server's: how far apart it is asked, in seconds, which whoever reads a sample has to know to tell an old one.
  pollSeconds: number,
})
export type PodMetrics = Projected<typeof podMetrics>

export const nodeMetrics = object({ metadata: meta, timestamp: string, window: string, usage: map(quantity) })
export type NodeMetrics = Projected<typeof nodeMetrics>
