import type { Freshness } from '../freshness.ts'
import type { Target } from '../kind-look.ts'

/** One kind, kept up to date by whatever means, in one place or several. */
export interface Watch {
  readonly target: Target
  /** How well, in each place. */
  freshness(): readonly Freshness[]
  /** Whether it is known how things stand: everything was seen once, or why it cannot be. */
  readonly settled: boolean
  /** Goes on until the signal; afterwards nothing is under way any more. */
  run(signal: AbortSignal): Promise<void>
  /** Takes back what was put into the mirror, when it does not run any more. */
  clear(): void
}
