import type { Isolation } from './isolation.ts'

interface Chore {
  readonly name: string
  readonly everyMs: number
  readonly work: () => void | Promise<void>
  at: number
  running: boolean
}

/** What is to be done every now and then. Times are milliseconds since 1970. */
export class Chores {
  readonly #from: number
  readonly #isolation: Isolation
  readonly #chores: Chore[] = []

  constructor(from: number, isolation: Isolation) {
    this.#from = from
    this.#isolation = isolation
  }

  /** Adds a chore, due again and again after so many milliseconds. What takes a while goes on beside the rest, and never twice at a time. */
  add(name: string, everyMs: number, work: Chore['work']): void {
    this.#chores.push({ name, everyMs, work, at: this.#from + everyMs, running: false })
  }

  /** The clock was set anew by so many milliseconds: what is left to wait stays the same. */
  shift(ms: number): void {
    for (const chore of this.#chores) chore.at += ms
  }

  /** When the next one is due, in milliseconds since 1970; one that goes on is not. */
  next(): number {
    return Math.min(...this.#chores.filter(({ running }) => !running).map(({ at }) => at))
  }

  /** Begins what is due. One that fails takes no other with it. */
  run(now: number): void {
    for (const chore of this.#chores) {
      if (chore.at > now || chore.running) continue
      chore.at = now + chore.everyMs
      chore.running = true
      void this.#isolation
        .wait(chore.name, async () => chore.work())
        .then(() => {
          chore.running = false
        })
    }
  }
}
