import { HOUR, MINUTE } from '../../util/time.ts'

const RANGES: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
]

const YEAR = 366 * 24 * HOUR
const EVERY = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/

/** The numbers that one field means: a star, `5`, `1-4`, each with a step such as `/15`, and lists of these. */
function numbersOf(field: string, [least, most]: readonly [number, number]): ReadonlySet<number> {
  const numbers = new Set<number>()
  for (const part of field.split(',')) {
    const [, from, to, step] = EVERY.exec(part) ?? []
    const first = Number(from ?? least)
    const open = from === undefined || step !== undefined
    const last = Number(to ?? (open ? most : first))
    for (let number = first; number <= last; number += Math.max(1, Number(step ?? 1))) numbers.add(number)
  }
  return numbers
}

interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly isDay: (date: Date) => boolean
}

function scheduleOf(text: string): Schedule {
  const fields = text.trim().split(/\s+/)
  const [minutes, hours, days, months, weekdays] = RANGES.map((range, at) => numbersOf(fields[at] ?? '*', range))
  const none = new Set<number>()
  return {
    minutes: minutes ?? none,
    hours: hours ?? none,
    isDay: (date) =>
      days?.has(date.getUTCDate()) === true &&
      months?.has(date.getUTCMonth() + 1) === true &&
      weekdays?.has(date.getUTCDay()) === true,
  }
}

/** When a schedule of five fields comes next after a time, in milliseconds since 1970, in UTC; nothing within a year. */
export function nextTime(schedule: string, after: number): number | undefined {
  const { minutes, hours, isDay } = scheduleOf(schedule)
  let at = Math.floor(after / MINUTE) * MINUTE + MINUTE
  const end = after + YEAR
  while (at < end) {
    const date = new Date(at)
    if (!isDay(date)) at = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1)
    else if (!hours.has(date.getUTCHours())) at += (60 - date.getUTCMinutes()) * MINUTE
    else if (!minutes.has(date.getUTCMinutes())) at += MINUTE
    else return at
  }
  return undefined
}
