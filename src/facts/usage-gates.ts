import { formatAge } from '../util/duration.ts'
import { HOUR } from '../util/time.ts'
import type { History } from './container-history.ts'
import { ownerKey } from './history-owners.ts'
import type { OwnerPast, UsagePast } from './past.ts'
import { unknown, type Unknown } from './reading.ts'
import type { View } from './subject.ts'
import { isSample, sampleOf, windowOf } from './usage.ts'
import { DAY } from './usage-days.ts'

/** How much usage has to be known before anything is said of it: a day, 1,000 samples, and most of the window. */
const LEAST_WINDOW = DAY
const LEAST_SAMPLES = 1000
const LEAST_COVERAGE = 0.7

/** From when on usage is known firmly, with a weekend in it. */
const FIRM_WINDOW = 7 * DAY

// Prometheus is asked a few times a day, about many days.
const STALE = { 'metrics-api': 2 * HOUR, prometheus: 26 * HOUR } as const

/** What is remembered of a container over all pods of its root owner. */
export function ownerPast({ pod, container }: Pick<History, 'pod' | 'container'>, view: View): OwnerPast | undefined {
  const root = view.snapshot.owners(pod).chain.at(-1) ?? pod
  return view.past?.owner(ownerKey(root, container.name))
}

/** What a container used over time, as far as that is known, however little that is. */
export function usageOver(history: History, view: View): UsagePast | Unknown {
  const usage = ownerPast(history, view)?.usage
  if (usage) {
    const age = view.now - usage.to
    return age > STALE[usage.source]
      ? unknown('insufficient-data', `the last sample of its use is ${formatAge(age)} old`)
      : usage
  }
  const sample = sampleOf(history, view)
  if (!isSample(sample)) return sample
  return unknown('insufficient-data', `1 sample over ${windowOf(sample)}; needs 24 h and 1,000 samples`)
}

/** When usage is too old to be relied on, in milliseconds, if no more of it comes. */
export const staleAt = ({ source, to }: UsagePast): number => to + STALE[source]

/** How firmly usage is known; unknown, with what is missing, as long as it is too little. */
export function firmness(usage: UsagePast): 'provisional' | 'firm' | Unknown {
  const window = usage.to - usage.from
  if (window < LEAST_WINDOW || usage.samples < LEAST_SAMPLES || usage.coverage < LEAST_COVERAGE)
    return unknown('insufficient-data', `${lookInWords(usage)}; needs 24 h, 1,000 samples and 70 % coverage`)
  return window >= FIRM_WINDOW && usage.weekend ? 'firm' : 'provisional'
}

/** How long and how closely was looked, in words. */
function lookInWords({ from, to, samples, coverage, reset }: UsagePast): string {
  const since = reset ? ' since its image or resources changed' : ''
  return `${samples} ${samples === 1 ? 'sample' : 'samples'} over ${formatAge(to - from)}${since}, coverage ${Math.floor(coverage * 100)} %`
}
