import { Backoff } from '../../util/backoff.ts'
import { sleep, type Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { MINUTE, SECOND } from '../../util/time.ts'
import { messageOf } from '../errors.ts'
import type { Freshness } from '../freshness.ts'
import { namesOf } from '../live-namespaces.ts'
import type { Mirror } from '../mirror.ts'
import type { Transport } from '../transport.ts'
import { Announcer } from './announcer.ts'
import type { WatchContext } from './context.ts'
import { CountedTransport, type RequestCount } from './counted-transport.ts'
import { hint } from './hints.ts'
import { OutageGate } from './outage-gate.ts'
import { OwnerWatch } from './owner-watch.ts'
import { isWell } from './probe.ts'
import { Roster } from './roster.ts'
import { ServerKnowledge } from './server-knowledge.ts'
import { Slots } from './slots.ts'
import { Tap } from './tap.ts'
import { builtInWatches, customWatches, type WatchesOptions } from './watches.ts'

export interface WatchOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** From 0 to 1: spreads what would else happen all at once. */
  readonly random: () => number
  readonly mirror: Mirror
  readonly logger: Logger
  /** Namespaces to watch; default all of them. */
  readonly namespaces?: readonly string[] | undefined
  /** The namespace to propose to a user who may not watch all of them. */
  readonly ownNamespace?: string | undefined
  /** Whether metrics.k8s.io is polled; default yes. */
  readonly metrics?: boolean | undefined
  /** Hears after each change of the state of a kind. */
  readonly onFreshness?: (() => void) | undefined
}

/** Kinds that are listed whole at a time, and watches that are being opened at a time. */
const SYNCS = 2
const OPENINGS = 4
/** So many watches of 5 to 10 minutes are opened once in about 11 seconds; more of them last longer instead. */
const USUAL = 40
/** How often it is looked whether new kinds own something. */
const TEND = 2 * SECOND

function contextOf(
  given: Omit<WatchContext, 'gate' | 'syncs' | 'openings' | 'stretch'>,
  roster: Roster,
  signal: AbortSignal,
): WatchContext {
  const probe = (): Promise<boolean> => isWell(given.transport, given.clock, signal)
  return {
    ...given,
    gate: new OutageGate({ ...given, signal, probe }),
    syncs: new Slots(SYNCS),
    openings: new Slots(OPENINGS),
    stretch: () => Math.max(1, roster.size / USUAL),
  }
}

/** Keeps a mirror equal to a live cluster, until it is stopped. Nothing is written, and no Secret is read. */
export class ClusterWatch {
  readonly #options: WatchOptions
  readonly #stop = new AbortController()
  readonly #transport: CountedTransport
  readonly #context: WatchContext
  readonly #tap: Tap
  readonly #roster: Roster
  readonly #owners: OwnerWatch
  readonly #announcer: Announcer
  readonly #server: ServerKnowledge
  #running: Promise<void> | undefined
  #hinted = false

  /** @throws ClusterError for what can be no namespace's name. */
  constructor(options: WatchOptions) {
    const { clock, random, logger, mirror } = options
    const { signal } = this.#stop
    this.#options = options
    this.#transport = new CountedTransport(options.transport)
    this.#server = new ServerKnowledge({ transport: this.#transport, clock, signal })
    this.#tap = new Tap(mirror)
    this.#roster = new Roster(logger)
    this.#context = contextOf({ clock, random, logger, transport: this.#transport }, this.#roster, signal)
    const watches = this.#watches()
    this.#owners = new OwnerWatch({
      owners: this.#tap.owners,
      roster: this.#roster,
      now: () => clock.now(),
      watchesOf: (target) => customWatches(watches, target),
      discover: (anew) => this.#server.discovery(anew),
    })
    this.#announcer = new Announcer({
      clock,
      logger,
      mirror,
      roster: this.#roster,
      owners: this.#owners,
      gate: this.#context.gate,
      told: () => this.#server.told,
      onChange: () => options.onFreshness?.(),
    })
    for (const watch of builtInWatches(watches)) this.#roster.add(watch)
  }

  /** Watches until stopped, whatever the server does; done when everything has come to rest. */
  start(): Promise<void> {
    this.#running ??= this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error
    })
    return this.#running
  }

  /** Ends every request; nothing reaches the mirror after it is called. Done when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#announcer.close()
    await this.#roster.end()
    await this.#running?.catch(() => undefined)
  }

  /** How well each kind is watched, and which are left out. */
  freshness(): readonly Freshness[] {
    return [...this.#roster.freshness(), ...this.#owners.freshness()]
  }

  /** Whether every kind has been seen whole, or cannot be seen and says why. */
  get synced(): boolean {
    return this.#announcer.synced
  }

  /** How many requests were sent. */
  get requests(): number {
    return this.#transport.requests
  }

  /** The same by what was asked for and what came of it. */
  requestCounts(): readonly RequestCount[] {
    return this.#transport.counts()
  }

  /** Such as `v1.36.3`; `undefined` until the server has told. */
  get serverVersion(): string | undefined {
    return this.#server.version
  }

  /** The uid of `kube-system`; `undefined` until it was seen, and when it may not be read. */
  get clusterId(): string | undefined {
    return this.#tap.cluster
  }

  /** Whether `clusterId` is known, or it is known that it may not be read. */
  get identified(): boolean {
    return this.clusterId !== undefined || this.#server.askedForId
  }

  /** The latest time that the server has told, in milliseconds since 1970. */
  get serverTime(): number | undefined {
    return this.#transport.serverTime
  }

  #watches(): WatchesOptions {
    const { namespaces, metrics = true } = this.#options
    return {
      context: this.#context,
      tap: this.#tap,
      namespaces: namespaces && namesOf(namespaces),
      metrics,
      serverTime: () => this.serverTime,
      onState: (watch, before) => this.#announcer.changed(watch, before),
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { clock } = this.#options
    this.#announcer.announce()
    await this.#begin(signal)
    this.#roster.begin()
    let minute = 0
    for (;;) {
      await sleep(clock, TEND, signal)
      await this.#tend().catch((error: unknown) => this.#survive(error))
      minute += TEND
      if (minute < MINUTE) continue
      minute = 0
      this.#tap.events.tick()
    }
  }

  /** The first question to the server; until it is answered nothing else is asked. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    const backoff = new Backoff(this.#options)
    let said = ''
    for (;;) {
      try {
        await this.#owners.followKnown(await this.#server.discovery(true))
        return
      } catch (error) {
        signal.throwIfAborted()
        const why = messageOf(error)
        if (why !== said) logger.warn('the API server cannot be asked; trying again', { why })
        said = why
        await sleep(clock, backoff.next(), signal)
      }
    }
  }

  async #tend(): Promise<void> {
    if (this.#context.gate.closed) return
    const before = this.#owners.complete && !this.#server.old
    if (this.#server.old) await this.#owners.followKnown(await this.#server.discovery(true))
    if (!this.#owners.complete || this.#owners.lingers) await this.#owners.tend()
    if (!before) this.#announcer.soon()
    if (this.#roster.settled) this.#hint()
    if (this.synced && !this.identified) this.#tap.cluster = await this.#server.clusterId()
  }

  #hint(): void {
    if (this.#hinted) return
    this.#hinted = true
    const { logger, namespaces: asked, ownNamespace } = this.#options
    hint(logger, { kinds: this.#roster.kinds(), asked, there: this.#tap.namespaces, ownNamespace })
  }

  #survive(error: unknown): void {
    this.#stop.signal.throwIfAborted()
    this.#options.logger.debug('what the server has could not be asked', { why: messageOf(error) })
  }
}
