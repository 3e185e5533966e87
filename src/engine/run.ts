import { isUnknown, unknown, type Reading, type Value } from '../facts/reading.ts'
import { earlier, type Since } from './logic.ts'
import type { Slot } from './slots.ts'

/** Where the readings of one evaluation come from. */
export type Source = (slot: Slot) => Reading

/** One evaluation needed more steps than it may take. */
class StepsExceeded extends Error {
  constructor(budget: number) {
    super(`it takes more than ${budget} steps to decide`)
    this.name = 'StepsExceeded'
  }
}

/** One evaluation: each slot is read at most once and only when it is asked for, and every question is counted. */
export class Run {
  readonly #readings: (Reading | undefined)[] = []
  readonly #source: Source
  readonly #budget: number
  #steps = 0
  /** The earliest time at which something that was read changes by itself, in milliseconds. */
  until: number | undefined
  /** Since when the condition that was dated last has its truth, in milliseconds; see `Program.date`. */
  since: Since

  constructor(source: Source, budget: number) {
    this.#source = source
    this.#budget = budget
  }

  #step(): void {
    if (++this.#steps > this.#budget) throw new StepsExceeded(this.#budget)
  }

  /**
   * The reading that a question is about; counts as a step.
   * @throws StepsExceeded when the budget is used up.
   */
  ask(slot: Slot): Reading {
    this.#step()
    return this.read(slot)
  }

  read(slot: Slot): Reading {
    return this.#readings[slot.index] ?? this.#readNow(slot)
  }

  #readNow(slot: Slot): Reading {
    this.#step()
    const reading = checked(slot, this.#source(slot))
    this.#readings[slot.index] = reading
    if (reading.until !== undefined) this.until = earlier(this.until, reading.until)
    return reading
  }
}

// A reader that breaks its own declaration must not decide anything: what does not fit its type is unknown.
function checked(slot: Slot, reading: Reading): Reading {
  if (isUnknown(reading) || fits(slot, reading.value)) return reading
  return unknown('malformed', `${slot.key} is no ${slot.type === 'strings' ? 'list of strings' : slot.type}`)
}

function fits({ type, nullable }: Slot, value: Value): boolean {
  if (value === null) return nullable
  if (type === 'number') return typeof value === 'number' ? !Number.isNaN(value) : areBounds(value)
  if (type === 'strings') return Array.isArray(value) && value.every((word) => typeof word === 'string')
  return typeof value === type
}

const areBounds = (value: Value): boolean =>
  typeof value === 'object' && value !== null && 'atLeast' in value && value.atLeast <= value.atMost
