interface Chore {
  at: number
  /** Gives after how many milliseconds it is to be done again. */
  readonly work: () => number | Promise<number>
}

/** What is to be done every now and then. Times are milliseconds since 1970. */
export class Chores {
  readonly #from: number
  readonly #chores: Chore[] = []

  constructor(from: number) {
    this.#from = from
  }

  /** Adds a chore that is due the first time after so many milliseconds; what it gives is when it is due again. */
  add(afterMs: number, work: Chore['work']): void {
    this.#chores.push({ at: this.#from + afterMs, work })
  }

  /** Does what is due, one after another. */
  async run(now: number): Promise<void> {
    for (const chore of this.#chores) if (chore.at <= now) chore.at = now + (await chore.work())
  }
}
