import { Attendance } from './attendance.ts'
import type { ServerTime } from './cluster/server-time.ts'
import type { Transport } from './cluster/transport.ts'
import { ClusterWatch } from './cluster/watch/cluster-watch.ts'
import { NAMELESS, PACE, type DaemonOptions } from './daemon-options.ts'
import { Keeper } from './keeper.ts'
import { measure } from './measuring.ts'
import { Outlet } from './outlet.ts'
import { Saving } from './saving.ts'
import { logTurns } from './turns.ts'
import { standingOf, type Standing } from './policy/standing.ts'
import { RuleBook } from './rule-book.ts'
import { unreadOf, type Status } from './sinks/status.ts'
import { statusOf } from './status.ts'
import { Bell } from './util/bell.ts'
import { Chores } from './util/chores.ts'
import { Isolation } from './util/isolation.ts'
import { SECOND } from './util/time.ts'
import { Watchdog } from './watchdog.ts'

/** The long-lived program: a watch of the cluster, the rooms, what goes out. It writes nothing to the cluster. */
export class Daemon {
  readonly rules: RuleBook
  readonly saving: Saving
  readonly #options: DaemonOptions
  readonly #attendance: Attendance
  readonly #time: ServerTime
  readonly #transport: Transport
  readonly #isolation: Isolation
  readonly #keeper: Keeper
  readonly #watchdog: Watchdog
  readonly #watch: ClusterWatch
  readonly #outlet: Outlet
  readonly #chores: Chores
  readonly #bell: Bell
  #startedAt: number
  /** Since when it was watched without a lapse. */
  #watchedSince: number
  #recalled = false
  #standing: Standing | undefined

  private constructor(options: DaemonOptions, keeper: Keeper) {
    const { config, clock, wall, random, logger, stopwatch } = options
    const stirred = (): void => this.#bell.ring()
    this.#options = options
    this.#keeper = keeper
    this.#isolation = new Isolation(logger, (where) => this.#outlet.metrics.failed(where))
    const freshness = () => this.#watch.freshness()
    this.#attendance = new Attendance({ clock, logger, freshness, lost: () => this.#watchdog.hold(), found: stirred })
    this.#time = this.#attendance.time
    this.#transport = this.#time.heardOver(options.transport)
    const { now } = this.#time
    this.#startedAt = this.#watchedSince = now()
    this.#chores = new Chores(now(), this.#isolation)
    this.#bell = new Bell(this.#time)
    this.rules = this.#ruleBook()
    this.#watchdog = new Watchdog({
      config,
      now,
      stirred,
      stopwatch,
      isolation: this.#isolation,
      ownerMs: PACE.ownerMs,
      cluster: config.cluster ?? NAMELESS,
      standing: () => (this.#standing ??= this.#stand()),
      judged: (afterMs) => this.#outlet.metrics.found(afterMs / SECOND),
    })
    this.#watchdog.hold()
    const at = (): number => this.#attendance.lostAt ?? now()
    this.saving = new Saving({ keeper, watchdog: this.#watchdog, rules: this.rules, at })
    this.#watch = this.#clusterWatch()
    this.#outlet = new Outlet({
      now,
      random,
      logger,
      wall,
      server: config.server,
      reviews: options.transport,
      watchdog: () => this.#watchdog,
      status: () => this.status(),
      checkpointAt: () => keeper.savedAt,
      rules: () => this.rules.status(),
      freshness,
      requests: () => this.#watch.requestCounts(),
    })
  }

  #clusterWatch(): ClusterWatch {
    const { random, logger, namespaces, ownNamespace } = this.#options
    return new ClusterWatch({
      random,
      logger,
      namespaces,
      ownNamespace,
      transport: this.#transport,
      clock: this.#time,
      mirror: this.#watchdog.store,
      onFreshness: () => this.#freshened(),
    })
  }

  #ruleBook(): RuleBook {
    const { config, logger } = this.#options
    const { rules, overrides } = config
    return new RuleBook({ clock: this.#time, logger, ...rules, overrides, changed: () => this.#ruled() })
  }

  /** Makes a daemon ready: rules are read, and what an earlier run left is looked at. */
  static async open(options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(options, await Keeper.open(options.config.checkpoint.path, options.logger))
    await daemon.rules.open()
    daemon.#watchdog.use(daemon.rules.rules)
    return daemon
  }

  /** Runs until stopped; done when everything has come to rest. Gives what could not be ended as it should, a line each. */
  async run(stop: AbortSignal): Promise<readonly string[]> {
    const { told, logger } = this.#options
    let watching: Promise<void> | undefined
    try {
      told.listening(await this.#outlet.listen())
      this.#time.start()
      watching = this.#watch.start()
      this.#plan(stop)
      while (!stop.aborted) {
        await this.#isolation.wait('the loop', () => this.#turn(stop))
        const next = Math.min(this.#watchdog.next() ?? Infinity, this.#chores.next())
        await this.#bell.wait(Math.min(PACE.beatMs, Math.max(0, next - this.#time.now())), PACE.gatherMs, stop)
      }
    } finally {
      logger.info('stopping')
      this.#time.stop()
      await Promise.all([this.#watch.stop(), watching, this.#outlet.close(PACE.closeMs)])
      await this.saving.all()
      await this.close()
      logger.info('stopped', this.#keeper.rest())
    }
    return this.#keeper.problem === undefined ? [] : [this.#keeper.problem]
  }

  /** Ends what `open` began, when nothing comes of it. */
  async close(): Promise<void> {
    await Promise.all([this.rules.close(), this.#keeper.close()])
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
      told: this.#outlet.told,
      keeper: this.#keeper,
    })
  }

  #plan(stop: AbortSignal): void {
    this.#chores.add('asking for the time', PACE.askTimeMs, async () => {
      if (!this.#time.known) await this.#time.ask(this.#transport, stop)
    })
    this.#chores.add('forgetting', PACE.sweepMs, () => this.#watchdog.sweep())
    this.saving.plan(this.#chores, this.#options.config.checkpoint)
  }

  async #turn(stop: AbortSignal): Promise<void> {
    this.#chores.run(this.#time.now())
    if (this.#watchdog.held && this.#attendance.isFull && this.#isSeen) await this.#proceed()
    if (!this.#watchdog.held) await this.#round(stop)
  }

  // What is remembered of a pod goes to its root owner, which may be seen later than the pod.
  get #isSeen(): boolean {
    return this.#watchdog.begun || (this.#watch.synced && this.#watch.identified)
  }

  /** We are there (again): what was held back counts from now on. */
  async #proceed(): Promise<void> {
    if (!this.#recalled) await this.#recall(this.#time.now())
    if (!this.#attendance.isFull) return
    const { from, to } = this.#attendance.begin()
    this.#watchedSince = to
    this.#chores.shift(to - from)
    this.#watchdog.proceed(from, to)
  }

  async #recall(now: number): Promise<void> {
    this.#recalled = true
    // The clock of this machine was taken for right until now.
    this.#startedAt = now
    this.#chores.shift(this.#time.skew)
    this.#watchdog.store.objects.learn({ cluster: this.#options.config.cluster ?? this.#watch.clusterId ?? NAMELESS })
    await this.#keeper.recall(this.#watchdog, this.rules, now)
    this.#outlet.recall(this.#watchdog.findings())
  }

  async #round(stop: AbortSignal): Promise<void> {
    if (!this.#watchdog.begun) this.#begin(stop)
    const { stopwatch = () => performance.now(), told, logger } = this.#options
    const began = stopwatch()
    // It knows what time it was, and time goes on.
    this.#standing = undefined
    const round = await this.#watchdog.round(stop)
    if (!this.#watchdog.settled) return
    await this.#count()
    const turns = this.#outlet.publish(round, unreadOf(this.#watch.freshness()))
    this.saving.turned(turns)
    logTurns(turns, logger)
    if (turns.length > 0) this.#isolation.run('telling', () => told.changed(turns))
    this.#outlet.metrics.evaluated((stopwatch() - began) / SECOND)
  }

  #begin(stop: AbortSignal): void {
    const { config, logger } = this.#options
    const { store } = this.#watchdog
    logger.info('everything was seen', { objects: store.objects.size, server: this.#watch.serverVersion })
    this.#watchdog.begin()
    // Beside all else: it may take long to answer, or not be there.
    const measuring = { config, logger, watchdog: this.#watchdog, clock: this.#time }
    void this.#isolation.wait('asking Prometheus', () => measure(measuring, stop))
  }

  async #count(): Promise<void> {
    const standing = (this.#standing ??= this.#stand())
    const sees = (rule: string): boolean => standing.unfresh({ rule, namespace: undefined }) === undefined
    if (await this.rules.count(this.#watchdog.reconciler, { sees, now: this.#time.now() })) this.#watchdog.reconsider()
  }

  #freshened(): void {
    this.#attendance.announced()
    this.#standing = undefined
    this.#isolation.run('telling', () => this.#options.told.fresh(this.#watch.freshness()))
    this.#bell.ring()
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
}
