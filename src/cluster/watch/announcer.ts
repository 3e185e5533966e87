import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { messageOf } from '../errors.ts'
import type { Freshness, WatchState } from '../freshness.ts'
import type { Looks } from '../look.ts'
import type { Mirror } from '../mirror.ts'
import { looksOf, signatureOf } from './looks-of.ts'
import type { OutageGate } from './outage-gate.ts'
import type { OwnerWatch } from './owner-watch.ts'
import type { Roster } from './roster.ts'
import type { Watch } from './watch.ts'

export interface AnnouncerOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly mirror: Mirror
  readonly roster: Roster
  readonly owners: OwnerWatch
  readonly gate: OutageGate
  /** Whether the server told all that it has. */
  readonly told: () => boolean
  readonly onChange: () => void
}

/** Many kinds change together, when a server comes or goes: they are told of together, so many milliseconds later. */
const TOGETHER = 50

const WORDS: Readonly<Record<WatchState, string>> = {
  syncing: 'a kind is being listed',
  live: 'a kind is up to date',
  partial: 'of a kind there is more than is held',
  stale: 'a kind is out of date',
  forbidden: 'a kind may not be watched',
  failed: 'a kind cannot be watched',
  'not-installed': 'a kind is not installed',
  'left-out': 'a kind is left out',
}

const BAD = new Set<WatchState>(['partial', 'stale', 'forbidden', 'failed', 'left-out'])

/** Tells the mirror and the log what can be relied on, when that changes. */
export class Announcer {
  readonly #options: AnnouncerOptions
  readonly #complained = new Set<string>()
  readonly #left = new Set<string>()
  #announced = ''
  #synced = false
  #cancel: (() => void) | undefined
  #closed = false

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** Whether of every kind it is known how it stands, and at least one was seen whole. */
  get synced(): boolean {
    return this.#synced
  }

  /** A kind is watched better or worse than before. */
  changed(watch: Watch, before: WatchState): void {
    if (this.#closed) return
    for (const place of watch.freshness()) this.#log(place, before)
    this.soon()
  }

  /** Something may have changed. */
  soon(): void {
    if (this.#closed) return
    this.#cancel ??= this.#options.clock.after(TOGETHER, () => {
      this.#cancel = undefined
      this.announce()
    })
  }

  /** Tells the mirror what can be relied on, where that is not what it was told before. */
  announce(): void {
    const looks = this.#looks()
    const signature = signatureOf(looks)
    if (signature !== this.#announced) this.#tell(looks)
    this.#announced = signature
    if (!this.#synced) this.#see()
    this.#sayLeft()
    this.#options.onChange()
  }

  #tell(looks: Looks): void {
    const { mirror, logger } = this.#options
    try {
      mirror.watch(looks)
    } catch (error) {
      logger.error('what can be relied on could not be told', { error: messageOf(error) })
    }
  }

  #see(): void {
    const { roster, owners, logger } = this.#options
    const seen = roster.freshness().filter(({ syncedAt }) => syncedAt !== undefined)
    this.#synced = roster.settled && owners.complete && seen.length > 0
    if (!this.#synced) return
    const objects = seen.reduce((sum, place) => sum + place.objects, 0)
    logger.info('everything was seen once', { kinds: seen.length, objects })
  }

  // Who may create objects can make up hundreds of kinds: one line stands for all.
  #sayLeft(): void {
    const { owners, logger } = this.#options
    const news = owners.complete ? owners.left().filter(({ target }) => !this.#left.has(target.resource)) : []
    for (const { target } of news) this.#left.add(target.resource)
    if (news[0]) logger.warn('kinds are left out', { kinds: news.length, why: news[0].why.detail })
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #looks(): Looks {
    const { roster, owners, told } = this.#options
    // Until its owners are known to be watched or not to be there, a kind without a word may be either.
    const unnamed = told() && owners.complete ? 'not-installed' : 'not-listed'
    const looks = looksOf(roster.kinds(), unnamed)
    const left = owners.left().map(({ target, why }) => [target.resource, why] as const)
    return { ...looks, blind: new Map([...looks.blind, ...left]) }
  }

  /** In an outage one line stands for all kinds; and a kind that is seen for the first time is as it should be. */
  #log(place: Freshness, before: WatchState): void {
    const { resource, namespace, state, detail, objects } = place
    if (state === before) return
    const fields = { resource, namespace, objects, why: detail === '' ? undefined : detail }
    this.#options.logger[this.#levelOf(place)](WORDS[state], fields)
  }

  #levelOf({ resource, namespace, state }: Freshness): 'warn' | 'info' | 'debug' {
    const key = `${resource}/${namespace ?? ''}`
    if (BAD.has(state)) {
      if (this.#options.gate.closed) return 'debug'
      this.#complained.add(key)
      return 'warn'
    }
    const complained = this.#complained.has(key)
    if (state === 'live') this.#complained.delete(key)
    return complained ? 'info' : 'debug'
  }
}
