import { ServerTime } from './cluster/server-time.ts'
import { ClusterWatch } from './cluster/watch/cluster-watch.ts'
import type { DaemonOptions } from './daemon-options.ts'
import { Keeper, type Kept } from './keeper.ts'
import { Outlet } from './outlet.ts'
import { standingOf, type Standing } from './policy/standing.ts'
import { RuleBook } from './rule-book.ts'
import { unreadOf, type Status } from './sinks/status.ts'
import { statusOf } from './status.ts'
import { Attention, type Lapse } from './util/attention.ts'
import { Chores } from './util/chores.ts'
import { sleep } from './util/clock.ts'
import { parseDuration } from './util/duration.ts'
import { MINUTE, SECOND } from './util/time.ts'
import { Watchdog } from './watchdog.ts'

/** Changes are gathered for so long before they are judged, in milliseconds: what changes often is judged once. */
const GATHER_MS = 100
/** It is looked at least so often whether anything is due. */
const BEAT_MS = 5 * SECOND
const LAPSE_MS = 30 * SECOND
const SWEEP_MS = 5 * MINUTE
const ASK_TIME_MS = 10 * MINUTE
/** How long requests to the API may go on at the end. */
const CLOSE_MS = 5 * SECOND

/** The long-lived program: a watch of the cluster, the rooms, what goes out. It writes nothing to the cluster. */
export class Daemon {
  readonly rules: RuleBook
  readonly #options: DaemonOptions
  readonly #time: ServerTime
  readonly #keeper: Keeper
  readonly #watchdog: Watchdog
  readonly #watch: ClusterWatch
  readonly #outlet: Outlet
  readonly #startedAt: number
  /** Since when it was watched without a lapse. */
  #watchedSince: number
  #standing: Standing | undefined
  #stirred = false
  #wake: () => void = () => undefined

  private constructor(options: DaemonOptions, parts: { rules: RuleBook; keeper: Keeper; memory: Kept['memory'] }) {
    const { config, clock, wall, transport, random, logger, namespaces, ownNamespace } = options
    this.rules = parts.rules
    this.#options = options
    this.#keeper = parts.keeper
    this.#time = new ServerTime(clock)
    this.#startedAt = this.#watchedSince = clock.now()
    const { now } = this.#time
    const stirred = (): void => this.#stir()
    this.#watchdog = new Watchdog({
      config,
      now,
      stirred,
      cluster: config.cluster ?? 'unknown',
      standing: () => (this.#standing ??= this.#stand()),
      memory: parts.memory,
      judged: (afterMs) => this.#outlet.metrics.found(afterMs / SECOND),
    })
    const mirror = this.#watchdog.store
    this.#watch = new ClusterWatch({
      transport,
      clock,
      random,
      logger,
      mirror,
      namespaces,
      ownNamespace,
      onFreshness: () => this.#freshened(),
    })
    this.#outlet = new Outlet({
      now,
      random,
      logger,
      wall,
      server: config.server,
      reviews: transport,
      watchdog: () => this.#watchdog,
      status: () => this.status(),
      freshness: () => this.#watch.freshness(),
      requests: () => this.#watch.requestCounts(),
    })
  }

  /** Makes a daemon ready: rules are read, and what an earlier run left. */
  static async open(options: DaemonOptions): Promise<Daemon> {
    const { config, clock, logger } = options
    const rules = new RuleBook({
      clock,
      logger,
      directories: config.rules.directories,
      overrides: config.overrides,
      changed: () => daemon.#ruled(),
    })
    const keeper = await Keeper.open(config.checkpoint.path, logger)
    const [kept] = await Promise.all([keeper.load(clock.now()), rules.open()])
    const daemon = new Daemon(options, { rules, keeper, memory: options.memory ?? kept.memory })
    rules.recall(kept.blasts)
    daemon.#watchdog.recall(kept.findings)
    daemon.#watchdog.reconciler.ledger.restore(kept.clocks)
    daemon.#watchdog.use(rules.rules)
    return daemon
  }

  /** Runs until stopped; done when everything has come to rest. Gives what could not be ended as it should, a line each. */
  async run(stop: AbortSignal): Promise<readonly string[]> {
    const { told, logger, clock } = this.#options
    told.listening(await this.#outlet.listen())
    const attention = new Attention(clock, LAPSE_MS)
    attention.start((lapse) => this.#lapsed(lapse))
    const watching = this.#watch.start()
    const chores = this.#chores(stop)
    try {
      while (!stop.aborted) {
        await chores.run(clock.now())
        if (this.#time.known) await this.#round()
        await this.#pause(stop)
      }
    } finally {
      logger.info('stopping')
      attention.stop()
      await Promise.all([this.#watch.stop(), watching, this.#outlet.close(CLOSE_MS), this.rules.close()])
      await this.#save()
      await this.#keeper.close()
    }
    return this.#keeper.problem === undefined ? [] : [this.#keeper.problem]
  }

  status(): Status {
    return statusOf({
      version: this.#options.version,
      level: this.#options.config.policy.level,
      startedAt: this.#startedAt,
      now: this.#time.now(),
      rows: this.#watch.freshness(),
      rules: this.rules.status(),
      watchdog: this.#watchdog,
      keeper: this.#keeper,
    })
  }

  #chores(stop: AbortSignal): Chores {
    const chores = new Chores(this.#startedAt)
    const every = parseDuration(this.#options.config.checkpoint.every) ?? MINUTE
    let saving: Promise<void> | undefined
    chores.add(0, () => this.#askTime(stop))
    chores.add(SWEEP_MS, () => {
      this.#watchdog.sweep()
      return SWEEP_MS
    })
    // Beside the rest: it takes a while on a large cluster.
    chores.add(every, () => {
      saving ??= this.#save().finally(() => (saving = undefined))
      return every
    })
    return chores
  }

  async #round(): Promise<void> {
    if (!this.#watchdog.begun && this.#watch.synced) this.#begin()
    const began = performance.now()
    const round = await this.#watchdog.round()
    if (this.#watchdog.begun && this.rules.isToBeCounted) await this.#count()
    const turns = this.#outlet.publish(round, unreadOf(this.#watch.freshness()))
    if (turns.length > 0) this.#options.told.changed(turns)
    this.#outlet.metrics.evaluated((performance.now() - began) / SECOND)
  }

  #begin(): void {
    const { clusterId, serverVersion } = this.#watch
    const { objects } = this.#watchdog.store
    objects.learn({ cluster: this.#options.config.cluster ?? clusterId ?? 'unknown' })
    this.#options.logger.info('everything was seen', { objects: objects.size, server: serverVersion })
    this.#watchdog.begin()
  }

  async #count(): Promise<void> {
    await this.rules.count(this.#watchdog.reconciler.judged())
    this.#standing = undefined
    this.#watchdog.reconsider()
  }

  async #askTime(stop: AbortSignal): Promise<number> {
    const { transport, logger } = this.#options
    const { skew } = this.#time
    const told = await this.#time.ask(transport, stop)
    if (this.#time.skew !== skew)
      logger.warn('the clock of this machine is not that of the server', { seconds: this.#time.skew / SECOND })
    return told ? ASK_TIME_MS : BEAT_MS
  }

  #lapsed({ from, to }: Lapse): void {
    this.#options.logger.warn('nothing was watched for a while', { seconds: (to - from) / SECOND })
    this.#time.doubt()
    this.#watchedSince = to
    this.#watchdog.gap(from, to)
  }

  #freshened(): void {
    this.#standing = undefined
    this.#options.told.fresh(this.#watch.freshness())
    this.#stir()
  }

  #ruled(): void {
    this.#standing = undefined
    this.#watchdog.use(this.rules.rules)
  }

  #stand(): Standing {
    const { resourcesOf: readsOf, objections } = this.rules
    const freshness = this.#watch.freshness()
    return standingOf({ freshness, startedAt: this.#watchedSince, now: this.#time.now(), readsOf, objections })
  }

  async #save(): Promise<void> {
    if (this.#watchdog.begun && this.#keeper.path !== null)
      await this.#keeper.save(this.#watchdog, this.rules.blasts.values(), this.#time.now())
  }

  #stir(): void {
    this.#stirred = true
    this.#wake()
  }

  // Waits for something to do, and then a little for more of it.
  async #pause(stop: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const idle = new AbortController()
    this.#wake = () => idle.abort()
    const next = this.#watchdog.next() ?? Infinity
    const wait = this.#stirred ? 0 : Math.min(BEAT_MS, Math.max(0, next - this.#time.now()))
    if (wait > GATHER_MS) await sleep(clock, wait, AbortSignal.any([idle.signal, stop])).catch(() => undefined)
    await sleep(clock, GATHER_MS, stop).catch(() => undefined)
    this.#stirred = false
  }
}
