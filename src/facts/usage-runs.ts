import { MINUTE } from '../util/time.ts'
import type { UsagePast } from './past.ts'
import { DAY, holdsWeekend } from './usage-days.ts'
import type { Taken, UsageSample } from './usage-history.ts'
import type { EndedRun, RunOfJob } from './usage-run-end.ts'

/** A run that goes on, as plain JSON: the longest time between two looks at it, and the most that it used. */
export interface OpenRun {
  readonly job: string
  readonly from: number
  last: number
  unseen: number
  samples: number
  cpuMax: number
  memoryPeak: number
}

/** The runs that ended on one day (UTC): how many succeeded, of how many of those all was seen, samples, the most of CPU and memory. */
export type RunDayState = readonly [
  day: number,
  runs: number,
  whole: number,
  samples: number,
  cpuMax: number,
  memoryPeak: number,
]

/** What is known of the runs of one container, as plain JSON. */
export interface RunsState {
  readonly version: string
  readonly podMadeAt: number
  readonly reset: boolean
  /** When the first pod of this version was made, and when the last run ended. */
  readonly since: number
  readonly last: number
  readonly open: readonly OpenRun[]
  readonly days: readonly RunDayState[]
}

/** Runs beside each other, and days with runs: those of a job of each month are not pushed out by the days between. */
const MOST_OPEN = 8
const MOST_DAYS = 15
const MOST_LATE = 5 * MINUTE

// The first look at a container comes a minute or two after its start. What was not looked at for longer than this part of it may have
// used anything meanwhile.
const MOST_UNSEEN = 1 / 4

interface RunDay {
  readonly day: number
  runs: number
  whole: number
  samples: number
  cpuMax: number
  memoryPeak: number
}

const wasSeenWhole = ({ from, last, unseen }: OpenRun, end: number): boolean =>
  Math.max(unseen, end - last) <= (end - from) * MOST_UNSEEN

/** What a container used in the runs of what makes Jobs again and again: the most of each run, and of all of them. */
export class RunUsage {
  #version: string
  #podMadeAt: number
  #reset = false
  #since: number
  #last: number
  #open: OpenRun[] = []
  #days: RunDay[] = []
  #published: UsagePast

  constructor({ version, podMadeAt }: Pick<UsageSample, 'version' | 'podMadeAt'>) {
    this.#version = version
    this.#podMadeAt = this.#since = this.#last = podMadeAt
    this.#published = this.#read()
  }

  /** What is known of the runs that are over. */
  get published(): UsagePast {
    return this.#published
  }

  /** Takes a sample in, or says why it does not count. */
  add(sample: UsageSample, of: RunOfJob): Taken {
    if (sample.version !== this.#version) {
      if (sample.podMadeAt <= this.#podMadeAt) return 'other-version'
      this.#begin(sample)
    }
    const run = this.#open.find(({ job }) => job === of.job) ?? this.#opened(of)
    if (sample.at < run.last - MOST_LATE) return 'out-of-order'
    this.#podMadeAt = Math.max(this.#podMadeAt, sample.podMadeAt)
    run.unseen = Math.max(run.unseen, sample.at - run.last)
    run.last = Math.max(run.last, sample.at)
    run.samples++
    run.cpuMax = Math.max(run.cpuMax, sample.cpuCores)
    run.memoryPeak = Math.max(run.memoryPeak, sample.memoryBytes)
    return 'counted'
  }

  #begin({ version, podMadeAt }: UsageSample): void {
    this.#version = version
    this.#podMadeAt = this.#since = this.#last = podMadeAt
    this.#reset = true
    this.#open = []
    this.#days = []
    this.#published = this.#read()
  }

  #opened({ job, startedAt }: RunOfJob): OpenRun {
    const run = { job, from: startedAt, last: startedAt, unseen: 0, samples: 0, cpuMax: 0, memoryPeak: 0 }
    this.#open.push(run)
    // Of a run whose end nobody saw what it used counts all the same.
    if (this.#open.length > MOST_OPEN) this.#close(this.#open.shift(), run.from)
    return run
  }

  /** A run is over. Of one that was never looked at it counts that it was not seen. @returns whether anything else can be read now. */
  ended({ job, madeAt, at, succeeded }: EndedRun): boolean {
    const run = this.#open.find((one) => one.job === job)
    const isNews = succeeded && madeAt >= this.#since && at > this.#last
    if (!run && !isNews) return false
    this.#open = this.#open.filter((one) => one !== run)
    const day = this.#close(run, at)
    if (succeeded) day.runs++
    if (succeeded && run && wasSeenWhole(run, at)) day.whole++
    this.#last = Math.max(this.#last, at)
    this.#published = this.#read()
    return true
  }

  #close(run: OpenRun | undefined, at: number): RunDay {
    const day = this.#day(at)
    day.samples += run?.samples ?? 0
    day.cpuMax = Math.max(day.cpuMax, run?.cpuMax ?? 0)
    day.memoryPeak = Math.max(day.memoryPeak, run?.memoryPeak ?? 0)
    return day
  }

  #day(at: number): RunDay {
    const number = Math.floor(at / DAY)
    const found = this.#days.find(({ day }) => day === number)
    if (found) return found
    const made = { day: number, runs: 0, whole: 0, samples: 0, cpuMax: 0, memoryPeak: 0 }
    this.#days = [...this.#days, made].toSorted((a, b) => a.day - b.day).slice(-MOST_DAYS)
    return made
  }

  #read(): UsagePast {
    const sum = (of: 'runs' | 'whole' | 'samples'): number => this.#days.reduce((total, day) => total + day[of], 0)
    const most = (of: 'cpuMax' | 'memoryPeak'): number => Math.max(0, ...this.#days.map((day) => day[of]))
    const [all, whole, to] = [sum('runs'), sum('whole'), this.#last]
    const from = Math.max(this.#since, (this.#days[0]?.day ?? 0) * DAY)
    return {
      source: 'metrics-api',
      from,
      to,
      reset: this.#reset,
      samples: sum('samples'),
      pods: all,
      coverage: all > 0 ? whole / all : 0,
      confidence: Math.min((to - from) / DAY, whole),
      weekend: holdsWeekend(from, to),
      cpuP95Cores: most('cpuMax'),
      cpuMaxCores: most('cpuMax'),
      memoryPeakBytes: most('memoryPeak'),
      peakDays: this.#days.length,
      runs: { whole, version: this.#version },
    }
  }

  state(): RunsState {
    return {
      version: this.#version,
      podMadeAt: this.#podMadeAt,
      reset: this.#reset,
      since: this.#since,
      last: this.#last,
      open: this.#open.map((run) => ({ ...run })),
      days: this.#days.map(({ day, runs, whole, samples, cpuMax, memoryPeak }) => [
        day,
        runs,
        whole,
        samples,
        cpuMax,
        memoryPeak,
      ]),
    }
  }

  static from(state: RunsState): RunUsage {
    const usage = new RunUsage(state)
    usage.#reset = state.reset
    usage.#since = state.since
    usage.#last = state.last
    usage.#open = state.open.slice(-MOST_OPEN).map((run) => ({ ...run }))
    usage.#days = state.days.slice(-MOST_DAYS).map(([day, runs, whole, samples, cpuMax, memoryPeak]) => ({
      day,
      runs,
      whole,
      samples,
      cpuMax,
      memoryPeak,
    }))
    usage.#published = usage.#read()
    return usage
  }
}
