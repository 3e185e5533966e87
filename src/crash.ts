import type { Clock } from './util/clock.ts'
import type { Logger } from './util/logger.ts'
import { plainText, truncate } from './util/text.ts'
import { SECOND } from './util/time.ts'

export interface CrashOptions {
  readonly clock: Clock
  /** Takes the line that says why, as long as nobody is entrusted with that. */
  readonly write: (line: string) => void
  /** Ends the process. */
  readonly end: () => void
}

/** Who says why the process ends, and what is to be written before. */
export interface Heir {
  readonly logger: Logger
  readonly save: () => Promise<void>
}

/** What cannot be written within so many milliseconds is not: a process that is broken must not stay. */
const MOST_MS = 10 * SECOND
const LONGEST = 500

/**
 * Something failed that nobody caught or waited for. What goes on after that goes on by chance, so the process ends: it says why in one
 * line, and what is to outlive it is written, if that can be done soon.
 */
export class Crash {
  readonly #options: CrashOptions
  #heir: Heir | undefined
  #met = false

  constructor(options: CrashOptions) {
    this.#options = options
  }

  /** From now on, and until it is given back, this is who says why and writes. */
  entrust(heir: Heir): Disposable {
    this.#heir = heir
    return { [Symbol.dispose]: () => (this.#heir = undefined) }
  }

  /** It failed: `origin` is what Node calls the way that it came. What fails after it, while it ends, is of no use to anybody. */
  async meet(thrown: unknown, origin: string): Promise<void> {
    if (this.#met) return
    this.#met = true
    const { clock, write, end } = this.#options
    clock.after(MOST_MS, end)
    const words = wordsOf(thrown)
    if (this.#heir) {
      this.#heir.logger.error('something failed that nobody expected; dogwatch ends', { origin, ...words })
      await this.#heir.save().catch(() => undefined)
    } else write(`dogwatch: something failed that nobody expected: ${truncate(plainText(words.why), LONGEST)}\n`)
    end()
  }
}

// A reason may be anything, and say anything: what it is made of is not asked again.
function wordsOf(error: unknown): { readonly why: string; readonly stack?: string | undefined } {
  try {
    if (!(error instanceof Error)) return { why: String(error) }
    return { why: `${error.name}: ${error.message}`, stack: error.stack?.split('\n    at ').slice(1).join('; ') }
  } catch {
    return { why: 'it cannot be said' }
  }
}
