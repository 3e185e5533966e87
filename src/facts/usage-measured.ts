import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { MeasuredUsage } from '../cluster/prometheus.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { MINUTE, parseTime } from '../util/time.ts'
import type { UsagePast } from './past.ts'
import { DAY, holdsWeekend } from './usage-days.ts'
import { confidenceOf } from './usage-history.ts'
import { jobIn, versionOf } from './usage-sampling.ts'

interface Series extends MeasuredUsage {
  readonly root: AnyObject
  readonly version: string
  readonly podMadeAt: number
}

/** The usage of a container over the pods of its root owner. */
export interface OwnerUsage {
  readonly root: AnyObject
  readonly container: string
  readonly usage: UsagePast
}

const seriesOf = (measured: MeasuredUsage, snapshot: Snapshot): Series[] => {
  const pod: ObjectOf<'pods'> | undefined = snapshot.get('pods', measured.namespace, measured.pod)
  const version = pod && versionOf(pod, measured.container)
  const podMadeAt = parseTime(pod?.metadata.creationTimestamp)
  if (!pod || version === undefined || podMadeAt === undefined || podMadeAt > measured.to) return []
  const { chain } = snapshot.owners(pod)
  const root = chain.at(-1) ?? pod
  // A pod of that name that was there before (of a StatefulSet) is in the same series.
  return jobIn(chain) ? [] : [{ ...measured, root, version, podMadeAt, from: Math.max(measured.from, podMadeAt) }]
}

/** What was measured of single pods as one for each container of their root owner. Only pods that are there now, of the newest version. */
export function usageOf(measured: readonly MeasuredUsage[], snapshot: Snapshot): OwnerUsage[] {
  const groups = new Map<string, Series[]>()
  for (const series of measured.flatMap((one) => seriesOf(one, snapshot))) {
    const key = `${series.root.metadata.uid}/${series.container}`
    const group = groups.get(key)
    if (group) group.push(series)
    else groups.set(key, [series])
  }
  return [...groups.values()].flatMap((group) => combined(group))
}

function combined(group: readonly Series[]): OwnerUsage[] {
  const newest = group.reduce((a, b) => (b.podMadeAt > a.podMadeAt ? b : a))
  const same = group.filter(({ version }) => version === newest.version)
  const most = (of: (one: Series) => number): number => same.reduce((highest, one) => Math.max(highest, of(one)), 0)
  const from = same.reduce((least, one) => Math.min(least, one.from), newest.from)
  const to = most((one) => one.to)
  if (to <= from) return []
  const throttled = same.flatMap(({ cpuThrottledPart = [] }) => cpuThrottledPart)
  const samples = same.reduce((sum, one) => sum + one.samples, 0)
  const usage: UsagePast = {
    source: 'prometheus',
    from,
    to,
    reset: same.length < group.length,
    samples,
    pods: same.length,
    coverage: Math.min(1, (most((one) => one.samples) * MINUTE) / (to - from)),
    confidence: confidenceOf(to - from, samples),
    weekend: holdsWeekend(from, to),
    cpuP95Cores: most((one) => one.cpuP95Cores),
    cpuMaxCores: most((one) => one.cpuMaxCores),
    memoryPeakBytes: most((one) => one.memoryPeakBytes),
    ...(throttled.length > 0 ? { cpuThrottledPart: Math.max(...throttled) } : {}),
    peakDays: Math.max(0, Math.floor(to / DAY) - Math.ceil(from / DAY)),
  }
  return [{ root: newest.root, container: newest.container, usage }]
}
