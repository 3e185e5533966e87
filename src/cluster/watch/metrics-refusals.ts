import type { Clock } from '../../util/clock.ts'
import type { Part } from './metrics-place.ts'
import { Resumption } from './resumption.ts'

/** Parts that may not be read, and when each is asked for again. */
export class Refusals {
  readonly #options: { readonly clock: Clock; readonly random: () => number }
  readonly #refused = new Map<Part, { readonly resumption: Resumption; until: number }>()

  constructor(options: { readonly clock: Clock; readonly random: () => number }) {
    this.#options = options
  }

  /** Whether a part is not to be asked for now. */
  holds(part: Part): boolean {
    return this.#options.clock.now() < (this.#refused.get(part)?.until ?? Number.NEGATIVE_INFINITY)
  }

  add(part: Part, error: unknown): void {
    const refusal = this.#refused.get(part) ?? { resumption: new Resumption(this.#options), until: 0 }
    refusal.until = this.#options.clock.now() + refusal.resumption.afterError(error)
    this.#refused.set(part, refusal)
  }

  over(part: Part): void {
    this.#refused.delete(part)
  }

  /** There are no other parts than these any more. */
  only(parts: ReadonlySet<Part>): void {
    for (const part of this.#refused.keys()) if (!parts.has(part)) this.#refused.delete(part)
  }
}
