import { sleep } from '../../util/clock.ts'
import { SECOND } from '../../util/time.ts'
import { Api } from '../api.ts'
import { projectObject } from '../dump.ts'
import { messageOf } from '../errors.ts'
import type { Freshness, WatchState } from '../freshness.ts'
import { pathOf, type Target } from '../kind-look.ts'
import type { Mirror } from '../mirror.ts'
import type { WatchContext } from './context.ts'
import { isRaw } from './frame.ts'
import { metricsFault } from './metrics-guard.ts'
import { APART, EVERY, gapFor, intervalFor } from './metrics-pace.ts'
import { MetricsPlace, type Part } from './metrics-place.ts'
import { Refusals } from './metrics-refusals.ts'
import { Samples, timestampOf } from './metrics-samples.ts'
import { Resumption } from './resumption.ts'
import { troubleOf, wordsOf } from './trouble.ts'
import type { Watch } from './watch.ts'

export interface MetricsPollOptions {
  readonly context: WatchContext
  readonly mirror: Mirror
  readonly target: Target
  /** The namespaces that are told apart, or `undefined` alone for everywhere as one. */
  readonly places: readonly Part[]
  /** Where to ask, and `undefined` for everywhere: the parts are asked for one after the other, evenly over the interval. */
  readonly parts: () => readonly Part[]
  /** Whether it is known by now what there is to ask for. */
  readonly ready: () => boolean
  /** The latest time that the server has told. */
  readonly serverTime: () => number | undefined
  readonly onState: (watch: Watch, before: WatchState) => void
}

/** How often whether it may begin. */
const PATIENCE = SECOND

/** Asks for the samples of metrics.k8s.io, which cannot be watched. */
export class MetricsPoll implements Watch {
  readonly target: Target
  readonly #options: MetricsPollOptions
  readonly #places: ReadonlyMap<Part, MetricsPlace>
  readonly #resumption: Resumption
  readonly #refusals: Refusals
  readonly #samples: Samples
  #interval = EVERY
  #tried = false
  /** Whether all parts are still to be asked for the first time. */
  #first = true
  /** Whether the server has no such API. */
  #absent = false

  constructor(options: MetricsPollOptions) {
    const { target, context, places } = options
    this.#options = options
    this.target = target
    this.#samples = new Samples(target.kind)
    this.#resumption = new Resumption(context)
    this.#refusals = new Refusals(context)
    const onChange = (before: WatchState): void => options.onState(this, before)
    const placeOf = (namespace: Part): MetricsPlace =>
      new MetricsPlace({ resource: target.resource, namespace, clock: context.clock, onChange })
    this.#places = new Map(places.map((namespace) => [namespace, placeOf(namespace)]))
  }

  get settled(): boolean {
    return this.#tried || [...this.#places.values()].every(({ status }) => status.settled)
  }

  freshness(): readonly Freshness[] {
    return [...this.#places.values()].map((place) => place.freshness())
  }

  clear(): void {
    for (const namespace of this.#samples.namespaces()) this.#dropAll(namespace)
  }

  async run(signal: AbortSignal): Promise<void> {
    const { context, ready } = this.#options
    try {
      // During an outage the watches ask for the server, and one probe is enough.
      while (!ready() || context.gate.closed) await sleep(context.clock, PATIENCE, signal)
      this.#resumption.begin()
      for (;;) await this.#round(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      for (const { status } of this.#places.values()) status.close()
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.context
    const all = this.#options.parts()
    this.#absent = false
    this.#interval = intervalFor(all.length)
    this.#keepOnly(new Set(all))
    const gap = gapFor(this.#interval, all.length, this.#first)
    for (const part of all) {
      const began = clock.now()
      const wait = await this.#turn(part, gap, signal)
      if (part === all.at(-1) && !this.#absent) this.#whole()
      // What a question takes is part of the interval: of hundreds of parts that makes minutes.
      await sleep(clock, Math.max(0, wait - (clock.now() - began)), signal)
      await this.#sitOut(signal)
      // What is not there is not there for any of them.
      if (this.#absent) return
    }
    if (all.length === 0) await sleep(clock, EVERY, signal)
  }

  /** Each part was asked for. */
  #whole(): void {
    if (this.#first) for (const place of this.#places.values()) place.asked(this.#interval)
    this.#first = false
  }

  /** Parts that there are no more say nothing any more. */
  #keepOnly(parts: ReadonlySet<Part>): void {
    for (const place of this.#places.values()) place.only(parts)
    this.#refusals.only(parts)
    if (parts.has(undefined)) return
    for (const namespace of this.#samples.namespaces()) if (!parts.has(namespace)) this.#dropAll(namespace)
  }

  /** Asks for a part, unless it was refused not long ago; how long to wait, in milliseconds. */
  async #turn(part: Part, gap: number, signal: AbortSignal): Promise<number> {
    if (this.#refusals.holds(part)) return gap
    try {
      await this.#ask(part, signal)
      this.#refusals.over(part)
      this.#placeOf(part)?.read(part, this.#interval)
      return gap
    } catch (error) {
      signal.throwIfAborted()
      return Math.max(gap, this.#failed(part, error))
    } finally {
      this.#tried = true
    }
  }

  // What is not asked for gets old all the same.
  async #sitOut(signal: AbortSignal): Promise<void> {
    const { clock, gate } = this.#options.context
    while (gate.closed) {
      for (const namespace of this.#places.keys()) this.#lost(namespace, 'the API server does not answer')
      await sleep(clock, PATIENCE, signal)
    }
  }

  #placeOf(part: Part): MetricsPlace | undefined {
    return this.#places.get(part) ?? this.#places.get(undefined)
  }

  #lost(part: Part, why: string): void {
    this.#placeOf(part)?.status.lost(`${this.target.resource}: ${why}`, 1.5 * this.#interval)
  }

  async #ask(part: Part, signal: AbortSignal): Promise<void> {
    const { transport, clock } = this.#options.context
    const api = new Api({ transport, clock, signal, tries: 1 })
    const found = new Set<string>()
    const headers = { 'accept-encoding': 'identity' }
    await api.read({ path: pathOf(this.target, part), headers }, () => (item) => {
      signal.throwIfAborted()
      const uid = this.#take(item, part)
      if (uid !== undefined) found.add(uid)
    })
    signal.throwIfAborted()
    for (const namespace of part === undefined ? this.#samples.namespaces() : [part])
      for (const uid of this.#samples.uids(namespace)) if (!found.has(uid)) this.#drop(namespace, uid)
  }

  /** Stores one sample; the uid of what can be relied on. */
  #take(item: unknown, part: Part): string | undefined {
    const pollSeconds = this.#interval / SECOND
    const object = isRaw(item) ? projectObject(this.target, { ...item, pollSeconds }) : undefined
    const now = this.#options.serverTime() ?? this.#options.context.clock.now()
    if (object === undefined || metricsFault(object, now) !== undefined) {
      this.#bad(part)
      return undefined
    }
    const { uid, namespace } = object.metadata
    const timestamp = timestampOf(object)
    if (this.#samples.timeOf(object.metadata) === timestamp) return uid
    const stored = this.#survive(namespace, () => this.#options.mirror.put(object))
    if (!stored) return undefined
    const place = this.#placeOf(namespace)
    if (this.#samples.put(object.metadata, timestamp) && place) place.objects++
    return uid
  }

  #dropAll(namespace: Part): void {
    for (const uid of this.#samples.uids(namespace)) this.#drop(namespace, uid)
  }

  #drop(namespace: Part, uid: string): void {
    if (!this.#survive(namespace, () => this.#options.mirror.remove(uid, false))) return
    const place = this.#placeOf(namespace)
    if (this.#samples.drop(namespace, uid) && place) place.objects--
  }

  #survive(namespace: Part, act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      this.#bad(namespace)
      this.#options.context.logger.warn('a sample could not be stored', { why: messageOf(error) })
      return false
    }
  }

  #bad(part: Part): void {
    const place = this.#placeOf(part)
    if (place) place.status.counts.malformed++
  }

  /** Says what happened; how long to wait, in milliseconds. */
  #failed(part: Part, error: unknown): number {
    const trouble = troubleOf(error)
    if (trouble === 'forbidden') return this.#refused(part, error)
    if (trouble === 'missing') this.#missing()
    else this.#lost(part, wordsOf(error))
    const wait = this.#resumption.afterError(error)
    this.#resumption.begin()
    return Math.max(wait, trouble === 'missing' ? EVERY : APART)
  }

  // The others do not wait for one that may not be read.
  #refused(part: Part, error: unknown): number {
    this.#refusals.add(part, error)
    const where = part === undefined ? '' : ` in namespace ${part}`
    this.#placeOf(part)?.refuse(part, `${this.target.resource}${where}: ${wordsOf(error)}`)
    return 0
  }

  #missing(): void {
    // The first such answer may be of a server that has yet to learn of the kind.
    const gone = [...this.#places.values()].every(({ status }) => status.state === 'not-installed')
    if (gone) this.clear()
    for (const place of this.#places.values()) place.missing()
    this.#first = true
    this.#absent = true
  }
}
