import type { ObjectOf } from '../cluster/kinds.ts'
import { formatAge, parseDuration } from '../util/duration.ts'
import { parseQuantity } from '../util/quantity.ts'
import { MINUTE, SECOND, parseTime } from '../util/time.ts'
import type { History } from './container-history.ts'
import { unknown, type Unknown } from './reading.ts'
import type { View } from './subject.ts'

/** What one sample of metrics.k8s.io says of a container: the CPU over a short window, the memory at its end. */
export interface Sample {
  readonly cpuCores: number
  readonly memoryBytes: number
  /** The window of the CPU rate, in milliseconds. */
  readonly from: number
  readonly to: number
  /** When it is too old to tell of now, if no other comes, in milliseconds. */
  readonly until: number
}

const METRICS = 'pods.metrics.k8s.io'

// The metrics server takes a sample each 15 s to 60 s, and it is asked each minute; a sample that is older than this tells of a pod that it
// no longer sees.
const STALE = 5 * MINUTE
// Where it is asked more seldom a sample has to last until the next one; more seldom than each half hour it is never asked.
const LASTS = 1.5
const MOST_POLL = 30 * MINUTE

function untilOf(to: number, pollSeconds: number | undefined): number {
  const poll = Math.min(MOST_POLL, Math.max(MINUTE, (pollSeconds ?? 0) * SECOND))
  return to + STALE + LASTS * (poll - MINUTE)
}

/** Whether a kind is of samples of use. */
export const isMeasurement = (resource: string): boolean => resource.endsWith('.metrics.k8s.io')

type Metrics = ObjectOf<'pods.metrics.k8s.io'>

function sampleIn({ containers, timestamp, window, pollSeconds }: Metrics, name: string): Sample | undefined {
  const usage = containers?.find((container) => container.name === name)?.usage
  const cpuCores = parseQuantity(usage?.['cpu'])
  const memoryBytes = parseQuantity(usage?.['memory'])
  const to = parseTime(timestamp)
  const length = goDuration(window ?? '')
  if (cpuCores === undefined || memoryBytes === undefined || to === undefined) return undefined
  // Nano-cores times 1e-9 leave a tail of digits that no meter has measured.
  return {
    cpuCores: Math.round(cpuCores * 1e6) / 1e6,
    memoryBytes,
    from: to - length,
    to,
    until: untilOf(to, pollSeconds),
  }
}

// `17.944s` and `1m0.5s`: what a server in Go writes.
const goDuration = (text: string): number => parseDuration(text) ?? 0

/** The one sample there is of a running container, or why there is none. */
export function sampleOf({ pod, container }: History, { snapshot, now }: View): Sample | Unknown {
  const { name, namespace } = pod.metadata
  const look = snapshot.look(METRICS, namespace)
  if (typeof look === 'object') return unknown(look.unknown, look.detail)
  const metrics = snapshot.get(METRICS, namespace, name)
  const sample = metrics && sampleIn(metrics, container.name)
  if (!sample) return unknown('insufficient-data', 'no sample of its use yet')
  if (now > sample.until)
    return unknown(
      'insufficient-data',
      `the last sample of its use is older than ${formatAge(sample.until - sample.to)}`,
    )
  return sample
}

export const isSample = (sample: Sample | Unknown): sample is Sample => 'cpuCores' in sample

/** The length of a sample's window in words. */
export const windowOf = ({ from, to }: Sample): string => `${Math.max(1, Math.round((to - from) / SECOND))} s`
