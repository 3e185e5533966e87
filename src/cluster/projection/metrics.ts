import { object } from './object.ts'
import { array, number, string, type Projected, type Shape } from './shape.ts'
import { quantity } from './values.ts'
import type { Meta } from './meta.ts'
import { word } from './shared.ts'

// Nothing else is read, and a map with free keys takes three times as much, once for each container.
const usage = object({ cpu: quantity, memory: quantity })

// Its labels are those of what it is of, and its creation is its timestamp.
const called: Shape<Meta> = object({ name: string, namespace: word })

/** One look at the use of a pod's containers: the CPU rate over `window`, the memory at `timestamp`. */
export const podMetrics = object({
  metadata: called,
  timestamp: word,
  window: word,
  containers: array(object({ name: word, usage })),
  // Not the server's: how far apart it is asked, in seconds, which whoever reads a sample has to know to tell an old one.
  pollSeconds: number,
})
export type PodMetrics = Projected<typeof podMetrics>

export const nodeMetrics = object({ metadata: called, timestamp: string, window: string, usage })
export type NodeMetrics = Projected<typeof nodeMetrics>
