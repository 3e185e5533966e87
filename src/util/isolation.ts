import type { Logger } from './logger.ts'

/** Keeps what fails from taking other things with it: it is said once, and counted each time. */
export class Isolation {
  readonly #logger: Logger
  readonly #counted: (where: string) => void
  readonly #said = new Map<string, string>()

  /** `counted` hears of each failure, with the fixed name of the place. */
  constructor(logger: Logger, counted: (where: string) => void) {
    this.#logger = logger
    this.#counted = counted
  }

  /** What `work` gives, or nothing when it throws. */
  run<T>(where: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.failed(where, error)
      return undefined
    }
  }

  /** The same of something that takes a while. */
  async wait<T>(where: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.failed(where, error)
      return undefined
    }
  }

  /** Something failed. */
  failed(where: string, error: unknown): void {
    this.#counted(where)
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    // The same object may fail with each of its changes.
    if (this.#said.get(where) === why) return
    this.#said.set(where, why)
    this.#logger.error('something failed and was left out', { where, why })
  }
}
