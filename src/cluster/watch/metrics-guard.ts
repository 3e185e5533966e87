import { parseDuration } from '../../util/duration.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { MINUTE, parseTime } from '../../util/time.ts'
import { kindOf } from '../store.ts'
import type { AnyObject, ObjectOf } from '../kinds.ts'

/** How far the clocks of a cluster may be apart, in milliseconds. */
const AHEAD = 2 * MINUTE
/** More than any machine has: a counter that ran over, or an attack. */
const MOST: Readonly<Record<string, number>> = { cpu: 1e5, memory: 2 ** 50 }

type Metrics = ObjectOf<'pods.metrics.k8s.io'> | ObjectOf<'nodes.metrics.k8s.io'>
type Usage = Readonly<Record<string, string>> | undefined

const isMetrics = (object: AnyObject): object is Metrics =>
  ['pods.metrics.k8s.io', 'nodes.metrics.k8s.io'].includes(kindOf(object)?.resource ?? '')

/** What is wrong with a sample of metrics.k8s.io; `undefined` when it can be relied on. `now` in milliseconds since 1970. */
export function metricsFault(object: AnyObject, now: number): string | undefined {
  if (!isMetrics(object)) return 'no sample of metrics'
  const at = parseTime(object.timestamp)
  if (at === undefined) return 'a sample without a time'
  if (at > now + AHEAD) return 'a sample from the future'
  if (!((parseDuration(object.window ?? '') ?? 0) > 0)) return 'a sample without a window'
  return usagesOf(object)
    .map(usageFault)
    .find((fault) => fault !== undefined)
}

function usagesOf(object: Metrics): readonly Usage[] {
  if ('containers' in object) return (object.containers ?? []).map(({ usage }) => usage)
  return 'usage' in object ? [object.usage] : [undefined]
}

function usageFault(usage: Usage): string | undefined {
  for (const [name, most] of Object.entries(MOST)) {
    const amount = parseQuantity(usage?.[name])
    if (amount === undefined) return 'a sample without an amount'
    if (amount < 0) return 'a negative sample'
    if (amount > most) return 'a sample larger than any machine'
  }
  return undefined
}
