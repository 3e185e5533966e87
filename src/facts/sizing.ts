import { formatAge } from '../util/duration.ts'
import type { History } from './container-history.ts'
import type { OwnerPast, UsagePast } from './past.ts'
import { ownedByJob } from './pod-owner.ts'
import { amountOf, type Compute } from './quantities.ts'
import { isUnknown, unknown, unknownUntil, type Unknown } from './reading.ts'
import { holderOf, leastAllowed, type Holder } from './sizing-holders.ts'
import type { View } from './subject.ts'
import { firmness, ownerPast, runsInWords, staleAt, usageOver } from './usage-gates.ts'
import { jobIn, versionOf } from './usage-sampling.ts'

/** How a verdict on a request is meant. A closed list; too little usage to say anything is unknown. */
export const SIZING_VERDICTS = ['provisional', 'firm', 'needs-human'] as const
export type SizingVerdict = (typeof SIZING_VERDICTS)[number]

/** What usage over time says of one request of a container, in cores or bytes. */
export interface Sizing {
  readonly usage: UsagePast
  readonly verdict: SizingVerdict
  readonly heldBy: Holder | null
  readonly request: number
  /** How much of the request was never needed; `null` where somebody else sets it. */
  readonly excess: number | Unknown | null
  /** The request that would do; `null` where the present one is near enough, or only a person can tell. */
  readonly recommended: number | Unknown | null
}

// The margin of KRR and of the Vertical Pod Autoscaler; after a kill for memory KRR gives a quarter more than the limit was.
const MARGIN = 1.15
const AFTER_KILL = 1.25
// What is cut at a time of memory, at most: a process that lacks it is killed, one that lacks CPU is slow.
const MOST_OF_MEMORY = 0.3
// KRR proposes no less than this.
const LEAST = { cpu: 0.01, memory: 100_000_000 } as const
// KRR calls less than this not worth mentioning.
const WORTH = { cpu: 0.1, memory: 100 * 2 ** 20 } as const
// Of what is held back more often, kubernetes-mixin says so; its use says nothing of what it needs.
const MOST_THROTTLED = 0.25
const STEP = { cpu: 0.001, memory: 2 ** 20 } as const

/**
 * What usage over time says of a request; `null` where there is none, or nothing runs. Of the pods of Jobs it is said of those that succeeded,
 * where their Job is one of many: they are there when none runs, and tell what the next will ask for.
 */
export function sizingOf(of: Compute, history: History, view: View): Sizing | Unknown | null {
  const request = requestOf(of, history, view)
  if (request === null || typeof request === 'object') return request
  const usage = usageOver(history, view)
  if (isUnread(usage)) return usage
  const sizing = sizingBy({ of, request, usage }, history, view)
  return 'unknown' in sizing ? unknownUntil(staleAt(usage), sizing) : sizing
}

function sizingBy(by: Pick<Measure, 'of' | 'request' | 'usage'>, history: History, view: View): Sizing | Unknown {
  const { of, usage } = by
  const firm = firmness(usage)
  if (typeof firm === 'object') return firm
  const heldBy = holderOf(of, history, view)
  if (heldBy !== null && typeof heldBy === 'object') return heldBy
  const kills = ownerPast(history, view)?.outOfMemory ?? []
  const allowed = leastAllowed(of, history, view)
  if (typeof allowed === 'object') return allowed
  return size({ ...by, kills, least: Math.max(LEAST[of], allowed) }, firm, heldBy)
}

/** The request that is judged; `null` where there is none to judge. */
function requestOf(of: Compute, history: History, view: View): number | Unknown | null {
  const { pod, container, running } = history
  const request = amountOf(pod, container, 'requests', of)
  if (request === undefined) return unknown('malformed', `the ${of} request is no quantity`)
  if (request === null || (!running && pod.status?.phase !== 'Succeeded')) return null
  const byJob = ownedByJob(pod, view)
  if (isUnknown(byJob)) return byJob
  if (byJob.value === true) return isFinishedRun(history, view) ? request : null
  return running ? request : null
}

/** Whether it is a run of what makes Jobs again and again, of the version that its use is known of. */
function isFinishedRun(history: History, view: View): boolean {
  const { pod, container, running } = history
  const { chain } = view.snapshot.owners(pod)
  if (running || container.role === 'init' || jobIn(chain) === chain.at(-1)) return false
  const version = ownerPast(history, view)?.usage?.runs?.version
  return version === undefined || version === versionOf(pod, container.name)
}

const isUnread = (usage: UsagePast | Unknown): usage is Unknown => 'unknown' in usage

/** What a request is judged by. */
export interface Measure {
  readonly of: Compute
  readonly request: number
  readonly usage: UsagePast
  /** What a request may not be below, in cores or bytes. */
  readonly least: number
  readonly kills: OwnerPast['outOfMemory']
}

/** The verdict on a request, from numbers alone. */
export function size(measure: Measure, firm: 'provisional' | 'firm', owner: Holder | null): Sizing {
  const { usage, request } = measure
  const heldBy = owner ?? (isHeldBack(measure) ? 'throttled' : null)
  const verdict: SizingVerdict = heldBy === null ? firm : 'needs-human'
  const about = { usage, request, verdict, heldBy }
  if (heldBy === 'throttled') return { ...about, excess: 0, recommended: null }
  if (heldBy !== null && heldBy !== 'heap-flag') return { ...about, excess: null, recommended: null }
  const excess = excessOf(measure, firm)
  return { ...about, excess, recommended: heldBy === null ? recommendedOf(measure, excess) : null }
}

/** Whether a container that seems to need no more than it requests was not let use more. */
const isHeldBack = (measure: Measure): boolean =>
  measure.of === 'cpu' && (measure.usage.cpuThrottledPart ?? 0) > MOST_THROTTLED && needOf(measure) <= measure.request

/** What was needed, with a margin. CPU by the 95th percentile; memory by the highest peak, and what it was killed at. */
function needOf({ of, usage, kills }: Measure): number {
  if (of === 'cpu') return usage.cpuP95Cores * MARGIN
  return Math.max(usage.memoryPeakBytes * MARGIN, (kills[0]?.limitBytes ?? 0) * AFTER_KILL)
}

/** What is certainly enough: the less was seen, the more. */
const enoughOf = (measure: Measure): number =>
  Math.max(measure.least, needOf(measure) * (measure.of === 'cpu' ? 1 + 1 / measure.usage.confidence : 1))

function excessOf(measure: Measure, firm: 'provisional' | 'firm'): number | Unknown {
  const { of, request, usage, kills } = measure
  if (of === 'memory' && kills.some(({ at }) => at >= usage.from)) return 0
  const excess = Math.max(0, request - enoughOf(measure))
  if (of === 'memory' && firm !== 'firm' && excess > 0)
    return unknown(
      'insufficient-data',
      usage.runs
        ? `memory is judged after 7 whole runs over 7 days with a weekend; ${runsInWords(usage)}`
        : `memory is judged after 7 days with a weekend; ${formatAge(usage.to - usage.from)} were seen`,
    )
  return excess
}

const roundUp = (of: Compute, amount: number): number => {
  // What is a whole step but for the tail of a division is no step more.
  const steps = Math.ceil(Number((amount / STEP[of]).toPrecision(12)))
  return of === 'cpu' ? steps / 1000 : steps * STEP.memory
}

function recommendedOf(measure: Measure, excess: number | Unknown): number | Unknown | null {
  const { of, request } = measure
  const need = needOf(measure)
  if (need > request) return roundUp(of, need)
  if (typeof excess === 'object') return excess
  if (excess < WORTH[of]) return null
  const enough = enoughOf(measure)
  const target = roundUp(of, of === 'memory' ? Math.max(enough, request * (1 - MOST_OF_MEMORY)) : enough)
  return target < request ? target : null
}

/** What a request that is made smaller as recommended sets free, in cores or bytes. */
export const savingOf = ({ request, recommended }: Sizing): number | Unknown => {
  if (recommended === null) return 0
  return typeof recommended === 'object' ? recommended : Math.max(0, request - recommended)
}
