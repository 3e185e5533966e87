import type { Clock } from '../../util/clock.ts'
import { MINUTE, SECOND } from '../../util/time.ts'
import type { Freshness, WatchState } from '../freshness.ts'

/**
 * Milliseconds without a connection after which what is held counts as stale. An API server that is restarted is back within some 20 to
 * 40 seconds, and the waits of five tries fit in; nothing that a rule says about durations is as short.
 */
export const STALE_AFTER = 45 * SECOND
/** The same after a silence, of which nobody knows when it began: by then the connection may have been dead for long. */
export const STALE_AFTER_SILENCE = 10 * SECOND
/** How long a kind that was never seen whole may fail before that is more than a slow start. */
const FAILED_AFTER = 2 * MINUTE

export interface StatusOptions {
  readonly resource: string
  readonly namespace: string | undefined
  readonly clock: Clock
  /** Hears of each change of the state or the detail. */
  readonly onChange: (before: WatchState) => void
}

interface Counts {
  restarts: number
  relists: number
  missed: number
  malformed: number
}

/** How well one kind is watched in one place, and when that changes without anything being heard. */
export class PlaceStatus {
  readonly counts: Counts = { restarts: 0, relists: 0, missed: 0, malformed: 0 }
  readonly #options: StatusOptions
  #state: WatchState = 'syncing'
  #detail = 'waits for its turn'
  #syncedAt: number | undefined
  #heardAt: number | undefined
  #continuousSince: number | undefined
  /** Why what is held is not all there is, though it is up to date. */
  #partly: string | undefined
  #liveDetail = ''
  #wholeAt = 0
  #whole: (() => void) | undefined
  /** Calls off the end of patience. */
  #cancel: (() => void) | undefined

  constructor(options: StatusOptions) {
    this.#options = options
  }

  get state(): WatchState {
    return this.#state
  }

  get syncedAt(): number | undefined {
    return this.#syncedAt
  }

  /** Whether it is known how things stand: everything was seen once, or why it cannot be. */
  get settled(): boolean {
    return this.#state !== 'syncing'
  }

  freshness(objects: number): Freshness {
    const { resource, namespace } = this.#options
    const { restarts, relists, missed, malformed } = this.counts
    return {
      resource,
      namespace,
      state: this.#state,
      detail: this.#detail,
      objects,
      syncedAt: this.#syncedAt,
      heardAt: this.#heardAt,
      continuousSince: this.#continuousSince,
      restarts,
      relists,
      missed,
      malformed,
    }
  }

  /** Everything was seen. `continuous`: nothing of what happened before can have been missed. `detail`: what is said of it while it is live. */
  synced({ continuous, detail = '' }: { readonly continuous: boolean; readonly detail?: string }): void {
    this.#liveDetail = detail
    const now = this.#options.clock.now()
    this.#syncedAt = now
    if (!continuous || this.#continuousSince === undefined) this.#continuousSince = now
    this.connected()
  }

  /** What is held is not all there is; after `within` milliseconds that is of no interest any more. */
  partly(why: string, within: number | undefined): void {
    const { clock } = this.#options
    this.#partly = why
    this.#wholeAt = clock.now() + (within ?? Number.POSITIVE_INFINITY)
    if (within !== undefined) this.#whole ??= clock.after(within, () => this.#wholeSoon())
    if (this.#state === 'live' || this.#state === 'partial') this.#enter('partial', why)
  }

  #wholeSoon(): void {
    this.#whole = undefined
    const left = this.#wholeAt - this.#options.clock.now()
    if (left > 0) this.#whole = this.#options.clock.after(left, () => this.#wholeSoon())
    else this.whole()
  }

  /** What is held is all there is. */
  whole(): void {
    if (this.#partly === undefined) return
    this.#whole?.()
    this.#whole = undefined
    this.#partly = undefined
    if (this.#state === 'partial') this.#enter('live', this.#liveDetail)
  }

  /** The server tells what happens from where it was left. */
  connected(): void {
    this.heard()
    this.#disarm()
    if (this.#syncedAt === undefined) return
    if (this.#partly === undefined) this.#enter('live', this.#liveDetail)
    else this.#enter('partial', this.#partly)
  }

  /** The server sent something. */
  heard(): void {
    this.#heardAt = this.#options.clock.now()
  }

  /** Nothing is heard any more, for now; `within` milliseconds that does not matter. */
  lost(why: string, within: number): void {
    if (this.#state === 'syncing') this.#enter('syncing', why)
    const connected = this.#state === 'live' || this.#state === 'partial'
    if (this.#cancel || (this.#state !== 'syncing' && !connected)) return
    const first = this.#syncedAt === undefined
    this.#cancel = this.#options.clock.after(first ? FAILED_AFTER : within, () => {
      this.#cancel = undefined
      this.#enter(first ? 'failed' : 'stale', why)
    })
  }

  /** What is held cannot be relied on, as is known by now. */
  is(state: WatchState, why: string): void {
    this.#disarm()
    this.#enter(state, why)
  }

  /** Ends the waiting. */
  close(): void {
    this.#disarm()
    this.#whole?.()
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #enter(state: WatchState, detail: string): void {
    if (state === this.#state && detail === this.#detail) return
    const before = this.#state
    this.#state = state
    this.#detail = detail
    this.#options.onChange(before)
  }
}
