import { SECOND } from '../../util/time.ts'
import type { Freshness } from '../freshness.ts'
import { PlaceStatus, type StatusOptions } from './place-status.ts'

/** One part of a place may be refused and another one not. `undefined` stands for everywhere. */
export type Part = string | undefined

/** How well samples are known of one namespace, or of all that are asked for one after the other. */
export class MetricsPlace {
  readonly status: PlaceStatus
  readonly #resource: string
  readonly #refused = new Map<Part, string>()
  /** How many samples there are. */
  objects = 0
  /** Whether a part could be read. */
  #read = false
  /** Whether each part was asked for once: before that nothing is known of the place as a whole. */
  #asked = false

  constructor(options: StatusOptions) {
    this.#resource = options.resource
    this.status = new PlaceStatus(options)
  }

  freshness(): Freshness {
    return this.status.freshness(this.objects)
  }

  /** A part was read; everything is, within so many milliseconds. */
  read(part: Part, interval: number): void {
    this.#refused.delete(part)
    this.#read = true
    if (this.#asked) this.#settle(interval)
  }

  /** A part may not be read. */
  refuse(part: Part, words: string): void {
    this.#refused.set(part, words)
    if (this.#asked) this.#settle(0)
  }

  /** All parts were asked for. */
  asked(interval: number): void {
    this.#asked = true
    this.#settle(interval)
  }

  /** There are no other parts than these any more. */
  only(parts: ReadonlySet<Part>): void {
    for (const part of this.#refused.keys()) if (!parts.has(part)) this.#refused.delete(part)
  }

  /** There is no such API. */
  missing(): void {
    this.#read = false
    this.#asked = false
    this.status.is('not-installed', `${this.#resource}: not installed`)
  }

  // Where all is looked at as one, what cannot be seen anywhere makes it blind: nobody could tell what is missing.
  #settle(interval: number): void {
    const [words] = this.#refused.values()
    const more = this.#refused.size > 1 ? ` (and in ${this.#refused.size - 1} more namespaces)` : ''
    if (words !== undefined) this.status.is('forbidden', `${words}${more}`)
    else if (this.#read)
      this.status.synced({ continuous: true, detail: `asked for every ${Math.round(interval / SECOND)} s` })
  }
}
