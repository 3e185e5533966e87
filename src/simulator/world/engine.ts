import type { Clock } from '../../util/clock.ts'
import { Heap, type Ranked } from './heap.ts'

interface Task extends Ranked {
  readonly call: () => void
  off: boolean
}

// A slice of work, then the others of the process have their turn.
const SLICE_MS = 3

export interface EngineOptions {
  readonly clock: Clock
  /** Numbers from 0 to 1, seeded, so that a history can be had again. */
  readonly random: () => number
  /** When the world begins, in milliseconds since 1970; before the clock's now, what lies between is caught up with at once. */
  readonly begins?: number
  /** Milliseconds of the machine, to bound a slice of work; left out where nobody waits for a turn, as in virtual time. */
  readonly stopwatch?: (() => number) | undefined
}

/**
 * The queue of what is going to happen in a world. Each call is made at its own time, however late the clock's timer rings: a history is the same
 * at every speed.
 */
export class Engine {
  readonly random: () => number
  /** When the world was called up, in milliseconds since 1970: what lies before is told as the past. */
  readonly present: number
  readonly #clock: Clock
  readonly #tasks = new Heap<Task>()
  readonly #stopwatch: (() => number) | undefined
  #order = 0
  #now: number
  #running = false
  #cancel: (() => void) | undefined
  #armedFor = Number.POSITIVE_INFINITY
  #started = false

  constructor({ clock, random, begins, stopwatch }: EngineOptions) {
    this.random = random
    this.#clock = clock
    this.present = clock.now()
    this.#now = begins ?? clock.now()
    this.#stopwatch = stopwatch
  }

  /** Milliseconds since 1970, of what happens now; for who asks from outside, by the clock. */
  now(): number {
    return this.#running || !this.#started ? this.#now : Math.max(this.#now, this.#clock.now())
  }

  /** Whether what happens now is told of the past: what repeats all the time need not be told of it. */
  get past(): boolean {
    return this.present - this.#now > PAST_MS
  }

  /** How many calls are still to come. */
  get waiting(): number {
    return this.#tasks.size
  }

  /** Calls once after `ms` milliseconds. What it returns calls that off. */
  after(ms: number, call: () => void): () => void {
    return this.at(this.now() + Math.max(0, ms), call)
  }

  /** Calls once at a time, in milliseconds since 1970. What it returns calls that off. */
  at(time: number, call: () => void): () => void {
    const task: Task = { at: Math.max(time, this.now()), order: this.#order++, call, off: false }
    this.#tasks.push(task)
    if (this.#started && !this.#running) this.#arm()
    return () => {
      task.off = true
    }
  }

  /** Calls again and again, `ms` milliseconds apart; in a past that is caught up with, only near its end. */
  every(ms: number, call: () => void): () => void {
    let off = false
    const next = (): void => {
      const soon = this.#now + ms
      const live = this.present - PAST_MS
      this.at(soon < live ? soon + Math.ceil((live - soon) / ms) * ms : soon, () => {
        if (off) return
        call()
        next()
      })
    }
    next()
    return () => {
      off = true
    }
  }

  /** Makes every call that is due by `until` (by the clock, when left out), in order. */
  step(until = this.#clock.now()): void {
    while (this.#slice(until));
  }

  start(): void {
    this.#started = true
    this.#arm()
  }

  stop(): void {
    this.#started = false
    this.#disarm()
  }

  /** Works a slice off; true when there is more that is due. */
  #slice(until: number): boolean {
    const began = this.#stopwatch?.() ?? 0
    const running = this.#running
    this.#running = true
    try {
      for (;;) {
        const next = this.#tasks.peek()
        if (next === undefined || next.at > until) break
        this.#tasks.pop()
        this.#perform(next)
        if (this.#stopwatch && this.#stopwatch() - began > SLICE_MS) return true
      }
      this.#now = Math.max(this.#now, until)
      return false
    } finally {
      this.#running = running
    }
  }

  #perform(task: Task): void {
    if (task.off) return
    this.#now = Math.max(this.#now, task.at)
    task.call()
  }

  #arm(): void {
    const next = this.#tasks.peek()
    if (next === undefined || next.at >= this.#armedFor) return
    this.#disarm()
    this.#armedFor = next.at
    this.#cancel = this.#clock.after(Math.max(0, next.at - this.#clock.now()), () => {
      this.#armedFor = Number.POSITIVE_INFINITY
      this.#cancel = undefined
      this.#slice(this.#clock.now())
      if (this.#started) this.#arm()
    })
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
  }
}

/** How long ago something is that is told as the past, in milliseconds. */
const PAST_MS = 75 * 60_000
