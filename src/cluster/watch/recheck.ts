import { sleep } from '../../util/clock.ts'
import { MINUTE } from '../../util/time.ts'
import { ClusterError, messageOf } from '../errors.ts'
import type { AnyObject } from '../kinds.ts'
import type { WatchContext } from './context.ts'
import { Cut } from './deadline.ts'
import { isRaw } from './frame.ts'
import type { Held } from './held.ts'
import { readPages, type PagedQuestion } from './paged-list.ts'
import { goneFrom, readObject, type RelistOptions } from './relist.ts'
import { Turns } from './turns.ts'
import { WatchError } from './trouble.ts'
import { isEarlier } from './versions.ts'

export interface RecheckOptions {
  readonly context: WatchContext
  readonly held: Held
  readonly type: RelistOptions['type']
  readonly question: PagedQuestion
  readonly rank: number
  /** Whether the watch is up: without it there is nothing to be checked. */
  readonly ready: () => boolean
  /** Hears how many changes had been missed. */
  readonly onMissed: (count: number) => void
  readonly onBad: (why: string) => void
}

/** Half an hour to an hour between two lists. */
const EVERY = 30 * MINUTE
/** For the watch to come to where the list was; bookmarks alone bring it there within a minute. */
const CATCH_UP = 5 * MINUTE

/**
 * Lists everything now and then while the watch goes on, and compares once the watch has come to the state of the list. What differs
 * then was missed: a defect of the server's, or ours, and put right.
 */
export class Recheck {
  readonly #options: RecheckOptions

  constructor(options: RecheckOptions) {
    this.#options = options
  }

  /** Checks again and again until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { context, ready } = this.#options
    for (;;) {
      await sleep(context.clock, EVERY * (1 + context.random()), signal)
      if (ready()) await this.#once(signal).catch((error: unknown) => this.#survive(error, signal))
    }
  }

  // Whatever goes wrong here the watch itself meets too, and says.
  #survive(error: unknown, signal: AbortSignal): void {
    signal.throwIfAborted()
    if (!(error instanceof ClusterError)) this.#options.onBad(messageOf(error))
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { context, held, rank, question } = this.#options
    const done = await context.syncs.take(rank, signal)
    const from = held.relists
    const check = new Comparison(this.#options)
    held.watcher = check
    try {
      const list = await readPages(context, question, { signal, onItem: (raw) => check.add(raw) })
      done()
      await check.caughtUp(list.version, signal)
      // A relist in between has set everything right already.
      if (held.relists !== from || list.cut) return
      const missed = await check.settle(list.version, signal)
      if (missed > 0) this.#options.onMissed(missed)
    } finally {
      held.watcher = undefined
      done()
    }
  }
}

/** What a list holds that differs from what is held. */
class Comparison {
  readonly #options: RecheckOptions
  readonly #seen = new Set<string>()
  readonly #differing: AnyObject[] = []
  readonly #removed = new Set<string>()
  #advanced = (): void => undefined

  constructor(options: RecheckOptions) {
    this.#options = options
  }

  removed(uid: string): void {
    this.#removed.add(uid)
  }

  advanced(): void {
    this.#advanced()
  }

  add(raw: unknown): void {
    const metadata = isRaw(raw) && isRaw(raw['metadata']) ? raw['metadata'] : {}
    const { uid, resourceVersion } = metadata
    if (typeof uid !== 'string') return
    this.#seen.add(uid)
    if (this.#options.held.versionOf(uid) === resourceVersion) return
    const object = readObject(this.#options.type, raw)
    if (typeof object !== 'string') this.#differing.push(object)
  }

  /** Waits until the watch has told everything up to a version. */
  async caughtUp(version: string, signal: AbortSignal): Promise<void> {
    const { held, context } = this.#options
    const there = (): boolean => held.version !== undefined && !isEarlier(held.version, version)
    using cut = new Cut(context.clock, signal)
    cut.after(CATCH_UP, () => new WatchError('silence', 'the watch did not come to where the list was'))
    await new Promise<void>((resolve, reject) => {
      cut.signal.addEventListener('abort', () => reject(cut.signal.reason as Error), { once: true })
      this.#advanced = () => (there() ? resolve() : undefined)
      this.#advanced()
    })
  }

  /** Puts right what was missed; how much that was. The watch goes on meanwhile, so that each object is looked at right before. */
  async settle(version: string, signal: AbortSignal): Promise<number> {
    const { held } = this.#options
    const turns = new Turns()
    const { relists } = held
    const isLeft = (uid: string): boolean => !this.#seen.has(uid) && !isEarlier(version, held.versionOf(uid) ?? '')
    const gone = await goneFrom(held, isLeft, turns)
    const steps = [
      ...gone.map((uid) => () => held.versionOf(uid) !== undefined && this.#works(() => held.remove(uid, false))),
      ...this.#differing.map((object) => () => this.#isMissed(object) && this.#works(() => held.put(object))),
    ]
    let missed = 0
    for (const step of steps) {
      if (held.relists !== relists) return missed
      if (step()) missed++
      if (turns.object()) await turns.pass()
      signal.throwIfAborted()
    }
    return missed
  }

  #isMissed({ metadata: { uid, resourceVersion = '' } }: AnyObject): boolean {
    const held = this.#options.held.versionOf(uid)
    return held === undefined ? !this.#removed.has(uid) : isEarlier(held, resourceVersion)
  }

  #works(step: () => void): boolean {
    try {
      step()
      return true
    } catch (error) {
      this.#options.onBad(messageOf(error))
      return false
    }
  }
}
