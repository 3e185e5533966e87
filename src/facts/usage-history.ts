import { MINUTE } from '../util/time.ts'
import type { UsagePast } from './past.ts'
import { Days, DAY, type BeforeState, type DayState } from './usage-days.ts'
import { Histogram, type HistogramState } from './usage-histogram.ts'
import type { RunOfJob } from './usage-run-end.ts'

/** One look at what a container of one pod uses. */
export interface UsageSample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly cpuCores: number
  readonly memoryBytes: number
  /** A number that stands for the pod. */
  readonly pod: number
  /** When the pod was made, in milliseconds. */
  readonly podMadeAt: number
  /** What version of the container it is: its image and resources. */
  readonly version: string
  /** The run that it belongs to, where that is of a Job. */
  readonly run?: RunOfJob | undefined
}

/** What came of a sample. A closed list: they are counted. */
export type Taken = 'counted' | 'out-of-order' | 'other-version'

// Pods of an owner are sampled one after another. What lies in one minute is one look at all of them, of which the highest counts: the
// percentile is then of the pod that needs most, not of the many that need little.
const LOOK = MINUTE
const MOST_LATE = 5 * MINUTE
const MOST_PODS = 32

// Longer than this apart, two looks say nothing of the time between them.
const MOST_BETWEEN = 35 * MINUTE
// A look that comes later than this many times as usual left a gap.
const LATE = 2.5
// How much the latest distance between two looks counts for what is usual.
const LEARN = 0.2

/** What is read changes no more often than this, so that not each sample makes everybody look again. */
const PUBLISH_EVERY = 15 * MINUTE

/** One container's usage as plain JSON. */
export interface UsageState {
  readonly version: string
  readonly podMadeAt: number
  readonly reset: boolean
  readonly first: number
  readonly last: number
  readonly highest: number
  readonly between: number
  readonly pods: readonly number[]
  readonly histogram: HistogramState
  readonly days: readonly DayState[]
  readonly before?: BeforeState | undefined
}

/** What a container of a root owner used over days, over all of its pods. */
export class UsageHistory {
  #version: string
  #podMadeAt: number
  #reset = false
  #first: number
  #last: number
  /** The highest CPU of the look that goes on. */
  #highest = 0
  #between = 0
  #pods: number[] = []
  #histogram: Histogram
  #days = new Days()
  #published: UsagePast | undefined

  constructor({ version, podMadeAt, at }: Pick<UsageSample, 'version' | 'podMadeAt' | 'at'>) {
    this.#version = version
    this.#podMadeAt = podMadeAt
    this.#first = this.#last = at
    this.#histogram = new Histogram(at)
  }

  /** What is known of it, as of some minutes ago. */
  get published(): UsagePast | undefined {
    return this.#published
  }

  /** Takes a sample in, or says why it does not count. */
  add(sample: UsageSample): Taken {
    if (sample.version !== this.#version) {
      // While a rollout goes on there are pods of both; one made later is of the newer version.
      if (sample.podMadeAt <= this.#podMadeAt) return 'other-version'
      this.#begin(sample)
    }
    if (sample.at < this.#last - MOST_LATE) return 'out-of-order'
    this.#podMadeAt = Math.max(this.#podMadeAt, sample.podMadeAt)
    if (sample.at - this.#last >= LOOK) this.#next(sample.at)
    this.#highest = Math.max(this.#highest, sample.cpuCores)
    this.#days.add(sample.at, sample.cpuCores, sample.memoryBytes)
    if (!this.#pods.includes(sample.pod) && this.#pods.length < MOST_PODS) this.#pods.push(sample.pod)
    return 'counted'
  }

  #begin({ version, podMadeAt, at }: UsageSample): void {
    const fresh = new UsageHistory({ version, podMadeAt, at })
    this.#version = version
    this.#podMadeAt = podMadeAt
    this.#reset = true
    this.#first = this.#last = at
    this.#highest = 0
    this.#pods = []
    this.#histogram = fresh.#histogram
    this.#days = fresh.#days
    this.#published = undefined
  }

  #next(at: number): void {
    const passed = at - this.#last
    this.#histogram.add(this.#highest, this.#last)
    const usual = this.#between === 0 ? Math.min(passed, MOST_BETWEEN) : this.#between
    this.#days.observe(at, passed <= usual * LATE && passed <= MOST_BETWEEN ? passed : Math.min(usual, passed))
    this.#between = usual + LEARN * (Math.min(passed, MOST_BETWEEN) - usual)
    this.#highest = 0
    this.#last = at
  }

  /** Makes readable what has come in; `false` while there is too little that is new. */
  publish(): boolean {
    const since = this.#published?.to ?? Number.NEGATIVE_INFINITY
    if (this.#last - since < PUBLISH_EVERY) return false
    this.#published = this.#read()
    return true
  }

  #read(): UsagePast {
    const to = this.#last
    const { from, samples, observed, cpuMax, memoryPeak, peakDays, weekend } = this.#days.summary(this.#first, to)
    return {
      source: 'metrics-api',
      from,
      to,
      reset: this.#reset,
      samples,
      pods: this.#pods.length,
      coverage: to > from ? Math.min(1, observed / (to - from)) : 0,
      confidence: confidenceOf(to - from, samples),
      weekend,
      cpuP95Cores: this.#histogram.percentile(0.95),
      cpuMaxCores: cpuMax,
      memoryPeakBytes: memoryPeak,
      peakDays,
    }
  }

  state(): UsageState {
    return {
      version: this.#version,
      podMadeAt: this.#podMadeAt,
      reset: this.#reset,
      first: this.#first,
      last: this.#last,
      highest: this.#highest,
      between: Math.round(this.#between),
      pods: [...this.#pods],
      histogram: this.#histogram.state(),
      ...this.#days.state(),
    }
  }

  static from(state: UsageState): UsageHistory {
    const history = new UsageHistory({ version: state.version, podMadeAt: state.podMadeAt, at: state.first })
    history.#reset = state.reset
    history.#last = state.last
    history.#highest = state.highest
    history.#between = state.between
    history.#pods = [...state.pods]
    history.#histogram = Histogram.from(state.histogram)
    history.#days = Days.from(state.days, state.before)
    history.#published = history.#read()
    return history
  }
}

const SAMPLES_A_DAY = 1440

/** Days, at most as many as the samples would fill at one a minute: what the Vertical Pod Autoscaler calls confidence. */
export const confidenceOf = (windowMs: number, samples: number): number =>
  Math.min(windowMs / DAY, samples / SAMPLES_A_DAY)
