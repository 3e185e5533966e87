import type { Freshness } from '../freshness.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../../util/logger.ts'
import type { WatchedKind } from './looks-of.ts'
import type { Watch } from './watch.ts'

interface Entry {
  readonly stop: AbortController
  running: Promise<void> | undefined
}

/** Everything that is being watched. */
export class Roster {
  readonly #logger: Logger
  readonly #entries = new Map<Watch, Entry>()
  #begun = false
  #ended = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether of everything it is known how it stands. */
  get settled(): boolean {
    return [...this.#entries.keys()].every(({ settled }) => settled)
  }

  freshness(): readonly Freshness[] {
    return [...this.#entries.keys()].flatMap((watch) => watch.freshness())
  }

  /** All kinds, each with all its places. */
  kinds(): readonly WatchedKind[] {
    const kinds = new Map<string, { target: Watch['target']; places: Freshness[] }>()
    for (const watch of this.#entries.keys()) {
      const { target } = watch
      const kind = kinds.get(target.resource) ?? { target, places: [] }
      kind.places.push(...watch.freshness())
      kinds.set(target.resource, kind)
    }
    return [...kinds.values()]
  }

  /** Runs it, at once or as soon as all others begin. */
  add(watch: Watch): void {
    const entry: Entry = { stop: new AbortController(), running: undefined }
    this.#entries.set(watch, entry)
    if (this.#begun && !this.#ended) this.#run(watch, entry)
  }

  begin(): void {
    this.#begun = true
    for (const [watch, entry] of this.#entries) this.#run(watch, entry)
  }

  /** Ends it and takes back what it has put into the mirror. */
  async remove(watch: Watch): Promise<void> {
    const entry = this.#entries.get(watch)
    this.#entries.delete(watch)
    entry?.stop.abort()
    await entry?.running
    if (!this.#ended) watch.clear()
  }

  /** Ends everything; what is in the mirror stays. */
  async end(): Promise<void> {
    this.#ended = true
    for (const { stop } of this.#entries.values()) stop.abort()
    for (const { running } of this.#entries.values()) await running
  }

  #run(watch: Watch, entry: Entry): void {
    entry.running = watch.run(entry.stop.signal).catch((error: unknown) => {
      this.#logger.error('a watch ended unexpectedly', { kind: watch.target.resource, error: messageOf(error) })
    })
  }
}
