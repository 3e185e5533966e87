import { sleep } from '../../util/clock.ts'
import { MINUTE, SECOND } from '../../util/time.ts'
import { Api } from '../api.ts'
import { projectObject } from '../dump.ts'
import type { Freshness, WatchState } from '../freshness.ts'
import { pathOf, type Target } from '../kind-look.ts'
import type { Mirror } from '../mirror.ts'
import type { WatchContext } from './context.ts'
import { isRaw } from './frame.ts'
import { PlaceStatus, STALE_AFTER } from './place-status.ts'
import { troubleOf, wordsOf, WatchError } from './trouble.ts'
import type { Watch } from './watch.ts'

export interface NamespacePollOptions {
  readonly context: WatchContext
  readonly mirror: Mirror
  readonly target: Target
  readonly namespaces: readonly string[]
  /** Whether namespaces may not be watched, so that each has to be asked for. */
  readonly needed: () => boolean
  readonly onState: (watch: Watch, before: WatchState) => void
}

/** Labels and annotations of a namespace change seldom. */
const EVERY = 5 * MINUTE
const APART = 8 * SECOND
const PATIENCE = 5 * SECOND
/** The first time there is nothing yet to go by. */
const SOON = 0.2 * SECOND

/** Reads some namespaces one by one, for whoever has rights in them and none to list them. */
export class NamespacePoll implements Watch {
  readonly target: Target
  readonly #options: NamespacePollOptions
  readonly #statuses: ReadonlyMap<string, PlaceStatus>
  readonly #uids = new Map<string, string>()

  constructor(options: NamespacePollOptions) {
    const { target, namespaces, context, onState } = options
    this.#options = options
    this.target = target
    const statusOf = (namespace: string): PlaceStatus =>
      new PlaceStatus({
        resource: target.resource,
        namespace,
        clock: context.clock,
        onChange: (before) => onState(this, before),
      })
    this.#statuses = new Map(namespaces.map((name) => [name, statusOf(name)]))
  }

  get settled(): boolean {
    return !this.#options.needed() || [...this.#statuses.values()].every(({ settled }) => settled)
  }

  freshness(): readonly Freshness[] {
    if (!this.#options.needed()) return []
    return [...this.#statuses].map(([name, status]) => status.freshness(this.#uids.has(name) ? 1 : 0))
  }

  clear(): void {
    for (const [name] of this.#statuses) this.#drop(name)
  }

  async run(signal: AbortSignal): Promise<void> {
    const { context, namespaces } = this.#options
    try {
      for (let wait = SOON; ; wait = Math.max(APART, EVERY / namespaces.length))
        for (const name of namespaces) {
          await this.#pass(signal)
          await this.#ask(name, signal)
          await sleep(context.clock, wait, signal)
        }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      for (const status of this.#statuses.values()) status.close()
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { context, needed } = this.#options
    while (!needed() || context.gate.closed) {
      if (needed()) this.#age()
      await sleep(context.clock, PATIENCE, signal)
    }
  }

  // What is not asked for gets old all the same.
  #age(): void {
    for (const [name, status] of this.#statuses)
      status.lost(`namespace ${name}: the API server does not answer`, STALE_AFTER)
  }

  async #ask(name: string, signal: AbortSignal): Promise<void> {
    const { context, target, mirror } = this.#options
    try {
      const api = new Api({ ...context, signal, tries: 1 })
      const raw = await api.read({ path: `${pathOf(target, undefined)}/${name}` }, () => () => undefined)
      signal.throwIfAborted()
      const object = isRaw(raw) ? projectObject(target, raw) : undefined
      if (object === undefined) throw new WatchError('frame', 'the answer is no namespace')
      mirror.put(object)
      this.#uids.set(name, object.metadata.uid)
      this.#statuses.get(name)?.synced({ continuous: true })
    } catch (error) {
      signal.throwIfAborted()
      this.#failed(name, error)
    }
  }

  #failed(name: string, error: unknown): void {
    const status = this.#statuses.get(name)
    const words = `namespace ${name}: ${wordsOf(error)}`
    const trouble = troubleOf(error)
    if (trouble === 'missing') this.#drop(name)
    if (trouble === 'missing') status?.is('failed', words)
    else if (trouble === 'forbidden') status?.is('forbidden', words)
    else status?.lost(words, STALE_AFTER)
  }

  #drop(name: string): void {
    const uid = this.#uids.get(name)
    if (uid !== undefined) this.#options.mirror.remove(uid, false)
    this.#uids.delete(name)
  }
}
