import { HOUR } from '../util/time.ts'

export const DAY = 24 * HOUR

/** Days that are kept: fourteen whole ones, and today. */
const MOST_DAYS = 15
// Of two weeks before those only how much was seen of them is kept. A cluster of 100,000 pods is sampled each half hour: a container of
// a single pod has 1,000 samples after three weeks.
const MOST_BEFORE = 14 * DAY

// 1970 began on a Thursday.
const SATURDAY = 2

/** What one day (UTC) was like: its number since 1970, samples, milliseconds observed, the highest CPU in cores and memory in bytes. */
export type DayState = readonly [day: number, samples: number, observed: number, cpuMax: number, memoryPeak: number]

/** What was before those days: since when, samples, milliseconds observed. */
export type BeforeState = readonly [from: number, samples: number, observed: number]

interface Day {
  readonly day: number
  samples: number
  observed: number
  cpuMax: number
  memoryPeak: number
}

/** What was observed in a window, day by day. */
export interface DaysSummary {
  readonly from: number
  readonly samples: number
  readonly observed: number
  readonly cpuMax: number
  readonly memoryPeak: number
  readonly peakDays: number
  readonly weekend: boolean
}

/** A ring of days with their peaks. */
export class Days {
  #days: Day[] = []
  #before: BeforeState | undefined

  /** A sample of cores and bytes at a time in milliseconds. */
  add(at: number, cpu: number, memory: number): void {
    const day = this.#day(at)
    day.samples++
    day.cpuMax = Math.max(day.cpuMax, cpu)
    day.memoryPeak = Math.max(day.memoryPeak, memory)
  }

  /** That `ms` milliseconds up to a time were observed. */
  observe(at: number, ms: number): void {
    this.#day(at).observed += ms
  }

  #day(at: number): Day {
    const number = Math.floor(at / DAY)
    const found = this.#days.find(({ day }) => day === number)
    if (found) return found
    const made = { day: number, samples: 0, observed: 0, cpuMax: 0, memoryPeak: 0 }
    const days = [...this.#days, made]
    this.#days = days.filter(({ day }) => day > number - MOST_DAYS)
    this.#forget(days.filter(({ day }) => day <= number - MOST_DAYS))
    return made
  }

  /** Adds days up to what was before, and lets go of what is too old of that. */
  #forget(days: readonly Day[]): void {
    const [oldest] = days
    if (!oldest) return
    const [from, samples, observed] = this.#before ?? [oldest.day * DAY, 0, 0]
    const sum = (of: 'samples' | 'observed'): number => days.reduce((total, day) => total + day[of], 0)
    const span = this.#oldest() - from
    const part = Math.min(1, MOST_BEFORE / span)
    this.#before = [
      this.#oldest() - span * part,
      (samples + sum('samples')) * part,
      (observed + sum('observed')) * part,
    ]
  }

  #oldest(): number {
    return Math.min(...this.#days.map(({ day }) => day * DAY))
  }

  /** Of a window that began with the first sample of all and ends now: what of it is kept. */
  summary(first: number, to: number): DaysSummary {
    const [since, samples, observed] = this.#before ?? [this.#days.length > 0 ? this.#oldest() : first, 0, 0]
    const from = Math.max(first, since)
    const whole = new Set(this.#days.flatMap(({ day }) => (day * DAY >= from && (day + 1) * DAY <= to ? day : [])))
    const sum = (of: 'samples' | 'observed'): number => this.#days.reduce((total, day) => total + day[of], 0)
    return {
      from,
      samples: Math.round(samples) + sum('samples'),
      observed: observed + sum('observed'),
      cpuMax: Math.max(0, ...this.#days.map(({ cpuMax }) => cpuMax)),
      memoryPeak: Math.max(0, ...this.#days.map(({ memoryPeak }) => memoryPeak)),
      peakDays: whole.size,
      weekend: [...whole].some((day) => day % 7 === SATURDAY && whole.has(day + 1)),
    }
  }

  state(): { days: DayState[]; before?: BeforeState } {
    const days = this.#days.map(({ day, samples, observed, cpuMax, memoryPeak }): DayState => [
      day,
      samples,
      observed,
      cpuMax,
      memoryPeak,
    ])
    return this.#before ? { days, before: this.#before } : { days }
  }

  static from(state: readonly DayState[], before: BeforeState | undefined): Days {
    const days = new Days()
    days.#before = before
    days.#days = state.map(([day, samples, observed, cpuMax, memoryPeak]) => ({
      day,
      samples,
      observed,
      cpuMax,
      memoryPeak,
    }))
    return days
  }
}

/** Whether a window holds a whole Saturday and the Sunday after it (UTC). */
export function holdsWeekend(from: number, to: number): boolean {
  const first = Math.ceil(from / DAY)
  const saturday = first + ((SATURDAY - (first % 7) + 7) % 7)
  return (saturday + 2) * DAY <= to
}
