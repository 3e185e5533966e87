import { sleep } from '../../util/clock.ts'
import { MINUTE, SECOND } from '../../util/time.ts'
import { Api } from '../api.ts'
import { projectObject } from '../dump.ts'
import { messageOf } from '../errors.ts'
import type { Freshness, WatchState } from '../freshness.ts'
import { pathOf, type Target } from '../kind-look.ts'
import type { AnyObject } from '../kinds.ts'
import type { Mirror } from '../mirror.ts'
import type { WatchContext } from './context.ts'
import { isRaw } from './frame.ts'
import { metricsFault } from './metrics-guard.ts'
import { PlaceStatus } from './place-status.ts'
import { Resumption } from './resumption.ts'
import { troubleOf, wordsOf } from './trouble.ts'
import type { Watch } from './watch.ts'

export interface MetricsPollOptions {
  readonly context: WatchContext
  readonly mirror: Mirror
  readonly target: Target
  /** Where to ask, and `undefined` for everywhere: the parts are asked for one after the other, evenly over the interval. */
  readonly parts: () => readonly (string | undefined)[]
  /** Whether it is known by now what there is to ask for. */
  readonly ready: () => boolean
  /** The latest time that the server has told. */
  readonly serverTime: () => number | undefined
  readonly onState: (watch: Watch, before: WatchState) => void
}

/** How often everything is asked for, in milliseconds, and how far apart parts are at least. */
const EVERY = MINUTE
const APART = 8 * SECOND
/** How often whether it may begin. */
const PATIENCE = SECOND

interface Sample {
  readonly namespace: string | undefined
  readonly timestamp: string | undefined
}

/** Milliseconds in which so many parts are asked for, each once. */
export const intervalFor = (parts: number): number => Math.max(EVERY, APART * (parts > 1 ? parts : 0))

/** Asks for the samples of metrics.k8s.io, which cannot be watched. */
export class MetricsPoll implements Watch {
  readonly target: Target
  readonly #options: MetricsPollOptions
  readonly #status: PlaceStatus
  readonly #resumption: Resumption
  readonly #samples = new Map<string, Sample>()
  #interval = EVERY
  #tried = false

  constructor(options: MetricsPollOptions) {
    this.#options = options
    this.target = options.target
    this.#resumption = new Resumption(options.context)
    this.#status = new PlaceStatus({
      resource: options.target.resource,
      namespace: undefined,
      clock: options.context.clock,
      onChange: (before) => options.onState(this, before),
    })
  }

  /** Milliseconds in which everything is asked for once. */
  get interval(): number {
    return this.#interval
  }

  get settled(): boolean {
    return this.#tried || this.#status.settled
  }

  freshness(): readonly Freshness[] {
    return [this.#status.freshness(this.#samples.size)]
  }

  clear(): void {
    for (const uid of this.#samples.keys()) this.#drop(uid)
  }

  async run(signal: AbortSignal): Promise<void> {
    const { context, ready } = this.#options
    try {
      // During an outage the watches ask for the server, and one probe is enough.
      while (!ready() || context.gate.closed) await sleep(context.clock, PATIENCE, signal)
      for (;;) await this.#round(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#status.close()
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { context, parts } = this.#options
    const all = parts()
    this.#interval = intervalFor(all.length)
    for (const [uid, { namespace }] of this.#samples)
      if (!all.includes(undefined) && !all.includes(namespace)) this.#drop(uid)
    for (const part of all) {
      const wait = await this.#ask(part, signal).then(
        () => this.#interval / all.length,
        (error: unknown) => this.#failed(error, signal),
      )
      await sleep(context.clock, wait, signal)
      await this.#sitOut(signal)
    }
    if (all.length === 0) await sleep(context.clock, EVERY, signal)
  }

  // What is not asked for gets old all the same.
  async #sitOut(signal: AbortSignal): Promise<void> {
    const { clock, gate } = this.#options.context
    while (gate.closed) {
      this.#lost('the API server does not answer')
      await sleep(clock, PATIENCE, signal)
    }
  }

  #lost(why: string): void {
    this.#status.lost(`${this.target.resource}: ${why}`, 1.5 * this.#interval)
  }

  async #ask(part: string | undefined, signal: AbortSignal): Promise<void> {
    const { transport, clock } = this.#options.context
    this.#resumption.begin()
    const api = new Api({ transport, clock, signal, tries: 1 })
    const found = new Set<string>()
    const headers = { 'accept-encoding': 'identity' }
    await api.read({ path: pathOf(this.target, part), headers }, () => (item) => {
      signal.throwIfAborted()
      const uid = this.#take(item)
      if (uid !== undefined) found.add(uid)
    })
    signal.throwIfAborted()
    for (const [uid, { namespace }] of this.#samples)
      if (!found.has(uid) && (part === undefined || part === namespace)) this.#drop(uid)
    this.#tried = true
    this.#status.synced({ continuous: true })
  }

  /** Stores one sample; the uid of what can be relied on. */
  #take(item: unknown): string | undefined {
    const object = isRaw(item) ? projectObject(this.target, item) : undefined
    const now = this.#options.serverTime() ?? this.#options.context.clock.now()
    if (object === undefined || metricsFault(object, now) !== undefined) {
      this.#status.counts.malformed++
      return undefined
    }
    const { uid, namespace } = object.metadata
    const timestamp = timestampOf(object)
    if (this.#samples.get(uid)?.timestamp === timestamp) return uid
    return this.#survive(() => {
      this.#options.mirror.put(object)
      this.#samples.set(uid, { namespace, timestamp })
    })
      ? uid
      : undefined
  }

  #drop(uid: string): void {
    this.#survive(() => {
      this.#options.mirror.remove(uid, false)
      this.#samples.delete(uid)
    })
  }

  #survive(act: () => void): boolean {
    try {
      act()
      return true
    } catch (error) {
      this.#status.counts.malformed++
      this.#options.context.logger.warn('a sample could not be stored', { why: messageOf(error) })
      return false
    }
  }

  #failed(error: unknown, signal: AbortSignal): number {
    signal.throwIfAborted()
    this.#tried = true
    const trouble = troubleOf(error)
    const words = `${this.target.resource}: ${wordsOf(error)}`
    if (trouble === 'missing') this.#status.is('not-installed', `${this.target.resource}: not installed`)
    else if (trouble === 'forbidden') this.#status.is('forbidden', words)
    else this.#lost(wordsOf(error))
    return Math.max(this.#resumption.afterError(error), trouble === 'missing' ? EVERY : APART)
  }
}

const timestampOf = (object: AnyObject): string | undefined =>
  'timestamp' in object && typeof object.timestamp === 'string' ? object.timestamp : undefined
