import { formatAge } from '../util/duration.ts'
import { HOUR } from '../util/time.ts'
import type { History } from './container-history.ts'
import { ownerKey } from './history-owners.ts'
import type { OwnerPast, UsagePast } from './past.ts'
import { unknown, unknownUntil, type Unknown } from './reading.ts'
import type { View } from './subject.ts'
import { isSample, sampleOf, windowOf } from './usage.ts'
import { DAY } from './usage-days.ts'

/** How much usage has to be known before anything is said of it: a day, 1,000 samples, and most of the window. */
const LEAST_WINDOW = DAY
const LEAST_SAMPLES = 1000
const LEAST_COVERAGE = 0.7

/** From when on usage is known firmly, with a weekend in it. */
const FIRM_WINDOW = 7 * DAY

/** The same of what Jobs run: how many of the runs have to have been seen as a whole. */
const LEAST_RUNS = 3
const FIRM_RUNS = 7

// Prometheus is asked a few times a day, about many days.
const STALE = { 'metrics-api': 2 * HOUR, prometheus: 26 * HOUR } as const
// What runs each month may have been left out once.
const RUNS_STALE = 62 * DAY

/** What is remembered of a container over all pods of its root owner. */
export function ownerPast({ pod, container }: Pick<History, 'pod' | 'container'>, view: View): OwnerPast | undefined {
  const root = view.snapshot.owners(pod).chain.at(-1) ?? pod
  return view.past?.owner(ownerKey(root, container.name))
}

/** What a container used over time, as far as that is known, however little that is. */
export function usageOver(history: History, view: View): UsagePast | Unknown {
  const usage = ownerPast(history, view)?.usage
  if (usage) {
    const last = usage.runs ? 'run that was seen' : 'sample of its use'
    const age = formatAge(staleAt(usage) - usage.to)
    return view.now > staleAt(usage) ? unknown('insufficient-data', `the last ${last} is older than ${age}`) : usage
  }
  const sample = sampleOf(history, view)
  if (!isSample(sample)) return sample
  const few = unknown('insufficient-data', `1 sample over ${windowOf(sample)}; needs 24 h and 1,000 samples`)
  return unknownUntil(sample.until, few)
}

/** When usage is too old to be relied on, in milliseconds, if no more of it comes. */
export const staleAt = ({ source, to, runs }: UsagePast): number => to + (runs ? RUNS_STALE : STALE[source])

/** How firmly usage is known; unknown, with what is missing, as long as it is too little. */
export function firmness(usage: UsagePast): 'provisional' | 'firm' | Unknown {
  const window = usage.to - usage.from
  if (usage.runs) return firmnessOfRuns(usage, usage.runs.whole)
  if (window < LEAST_WINDOW || usage.samples < LEAST_SAMPLES || usage.coverage < LEAST_COVERAGE)
    return unknown('insufficient-data', `${lookInWords(usage)}; needs 24 h, 1,000 samples and 70 % coverage`)
  return window >= FIRM_WINDOW && usage.weekend ? 'firm' : 'provisional'
}

function firmnessOfRuns(usage: UsagePast, whole: number): 'provisional' | 'firm' | Unknown {
  const window = usage.to - usage.from
  if (window < LEAST_WINDOW || whole < LEAST_RUNS || usage.coverage < LEAST_COVERAGE)
    return unknown('insufficient-data', `${runsInWords(usage)}; needs 24 h, ${LEAST_RUNS} whole runs and 70 % of all`)
  return window >= FIRM_WINDOW && usage.weekend && whole >= FIRM_RUNS ? 'firm' : 'provisional'
}

/** How many runs in how long were seen as a whole, in words. */
export const runsInWords = ({ from, to, pods, runs, reset }: UsagePast): string =>
  `${runs?.whole ?? 0} of ${pods} runs seen as a whole over ${formatAge(to - from)}${sinceReset(reset)}`

const sinceReset = (reset: boolean): string => (reset ? ' since its image or resources changed' : '')

/** How long and how closely was looked, in words. */
function lookInWords({ from, to, samples, coverage, reset }: UsagePast): string {
  return `${samples} ${samples === 1 ? 'sample' : 'samples'} over ${formatAge(to - from)}${sinceReset(reset)}, coverage ${Math.floor(coverage * 100)} %`
}
