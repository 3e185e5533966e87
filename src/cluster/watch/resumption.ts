import { Backoff } from '../../util/backoff.ts'
import type { Clock } from '../../util/clock.ts'
import { MINUTE, SECOND } from '../../util/time.ts'
import { retryAfterIn, troubleOf, type Trouble } from './trouble.ts'

/** What is done about trouble. */
export interface Answer {
  /** `soon`: within a second, unless it comes again and again. `slowly`: only a person can change it. */
  readonly wait: 'soon' | 'backoff' | 'slowly'
  /** Whether everything is listed anew: always, or when it comes a second time in a row, or never. */
  readonly relist: 'always' | 'repeated' | 'never'
  /** Whether others who ask the same server may meet it too. */
  readonly shared: boolean
}

const answer = (wait: Answer['wait'], relist: Answer['relist'], shared: boolean): Answer => ({ wait, relist, shared })

/** What is done about each trouble. No row gives up. */
export const ANSWERS: Readonly<Record<Trouble, Answer>> = {
  unreachable: answer('backoff', 'never', true),
  busy: answer('backoff', 'never', true),
  unauthorized: answer('backoff', 'never', true),
  forbidden: answer('slowly', 'never', false),
  missing: answer('slowly', 'never', false),
  gone: answer('soon', 'always', false),
  refused: answer('backoff', 'always', false),
  silence: answer('soon', 'repeated', false),
  frame: answer('soon', 'repeated', false),
  behind: answer('backoff', 'always', false),
  mirror: answer('soon', 'always', false),
  defect: answer('backoff', 'always', false),
}

/** A watch that ends sooner, in milliseconds, has hardly begun. */
const SHORT = 5 * SECOND
/** Milliseconds that a try has to go well for the next failure to be the first. */
const HEALTHY = 2 * MINUTE
/** Milliseconds that a try has to last to be no struggle: API servers are replaced one after the other, about as fast. */
const STEADY = 30 * SECOND
/** Failures in a row that a watch may have before it waits for others: a broken connection, and a version that is forgotten by then. */
const FEW = 2
/** Of several that resume, none in the same moment as another. */
const SOON = SECOND
/** Part of a `Retry-After` that may be added to it: never sooner, and not all at once. */
const LATER = 0.25

/** How long one watch waits before it asks again. */
export class Resumption {
  readonly #random: () => number
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #slow: Backoff
  readonly #met = new Set<Trouble>()
  #beganAt = 0
  #failures = 0
  #short = 0

  constructor(options: { readonly clock: Clock; readonly random: () => number }) {
    this.#clock = options.clock
    this.#random = options.random
    this.#backoff = new Backoff({ ...options, resetAfter: Number.POSITIVE_INFINITY })
    const slow = { first: MINUTE, longest: 5 * MINUTE, factor: 1.5, resetAfter: 10 * MINUTE }
    this.#slow = new Backoff({ ...options, ...slow })
  }

  /** Milliseconds after a watch that lasted so long and came to a regular end. */
  afterEnd(lasted: number): number {
    this.#short = lasted < SHORT ? this.#short + 1 : 0
    if (lasted > STEADY) this.#failures = 0
    return this.#short > 1 ? this.#backoff.next() : SOON * this.#random()
  }

  /** The server is asked now. */
  begin(): void {
    this.#beganAt = this.#clock.now()
  }

  /** Whether one failure follows another, and that is not just how an outage comes to its end. */
  get struggles(): boolean {
    return Math.max(this.#failures, this.#short) > FEW
  }

  /** Milliseconds after trouble. */
  afterError(error: unknown): number {
    const trouble = troubleOf(error)
    const { wait } = ANSWERS[trouble]
    const again = this.#count(trouble)
    // Half of it at random would be less than a minute between two questions that only a person can answer otherwise.
    if (wait === 'slowly') return Math.max(MINUTE, this.#slow.next()) + MINUTE * LATER * this.#random()
    const asked = (retryAfterIn(error) ?? 0) * (1 + LATER * this.#random())
    return Math.max(asked, wait === 'soon' && !again ? SOON * this.#random() : this.#backoff.next())
  }

  /** Counts trouble; whether the same was there since all was well. */
  #count(trouble: Trouble): boolean {
    const lasted = this.#clock.now() - this.#beganAt
    if (lasted > HEALTHY) {
      this.#met.clear()
      this.#backoff.reset()
    }
    this.#failures = lasted > STEADY ? 1 : this.#failures + 1
    const again = this.#met.has(trouble)
    this.#met.add(trouble)
    return again
  }
}
