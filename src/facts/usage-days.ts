import { HOUR } from '../util/time.ts'

export const DAY = 24 * HOUR

/** Days that are kept: fourteen whole ones, and today. */
const MOST_DAYS = 15

// 1970 began on a Thursday.
const SATURDAY = 2

/** What one day (UTC) was like: its number since 1970, samples, milliseconds observed, the highest CPU in cores and memory in bytes. */
export type DayState = readonly [day: number, samples: number, observed: number, cpuMax: number, memoryPeak: number]

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
    this.#days = [...this.#days, made].filter(({ day }) => day > number - MOST_DAYS)
    return made
  }

  /** Of a window that began with the first sample of all and ends now: what of it is kept. */
  summary(first: number, to: number): DaysSummary {
    const oldest = Math.min(...this.#days.map(({ day }) => day * DAY))
    const from = Math.max(first, Number.isFinite(oldest) ? oldest : first)
    const whole = new Set(this.#days.flatMap(({ day }) => (day * DAY >= from && (day + 1) * DAY <= to ? day : [])))
    const sum = (of: 'samples' | 'observed'): number => this.#days.reduce((total, day) => total + day[of], 0)
    return {
      from,
      samples: sum('samples'),
      observed: sum('observed'),
      cpuMax: Math.max(0, ...this.#days.map(({ cpuMax }) => cpuMax)),
      memoryPeak: Math.max(0, ...this.#days.map(({ memoryPeak }) => memoryPeak)),
      peakDays: whole.size,
      weekend: [...whole].some((day) => day % 7 === SATURDAY && whole.has(day + 1)),
    }
  }

  state(): DayState[] {
    return this.#days.map(({ day, samples, observed, cpuMax, memoryPeak }) => [
      day,
      samples,
      observed,
      cpuMax,
      memoryPeak,
    ])
  }

  static from(state: readonly DayState[]): Days {
    const days = new Days()
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
