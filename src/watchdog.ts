import { performance } from 'node:perf_hooks'
import { Backlog } from './cluster/backlog.ts'
import { Composer } from './composer.ts'
import { LiveStore } from './cluster/live-store.ts'
import type { Change } from './cluster/mirror.ts'
import type { MeasuredUsage } from './cluster/prometheus.ts'
import type { Config } from './config.ts'
import { Memory } from './facts/memory.ts'
import type { Finding } from './findings/finding.ts'
import { resume } from './findings/resume.ts'
import type { Scores } from './findings/score.ts'
import type { Clock } from './findings/track.ts'
import type { UnknownSummary } from './findings/unknown.ts'
import type { Standing } from './policy/standing.ts'
import { Reconciler, type InForce } from './reconciler.ts'
import type { FindingView } from './sinks/envelope.ts'
import type { Isolation } from './util/isolation.ts'
import { inSlices } from './util/slices.ts'

export interface WatchdogOptions {
  readonly config: Pick<Config, 'policy' | 'capabilities' | 'suppressions'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What the cluster is called until it says so itself. */
  readonly cluster: string
  /** How well dogwatch stands to judge, at this moment. */
  readonly standing: () => Standing
  /** Is told after each change that there is something to do. */
  readonly stirred: () => void
  /** Hears how long after the change that asked for it an object was judged, in milliseconds. */
  readonly judged?: ((afterMs: number) => void) | undefined
  /** Keeps what fails of one object or finding to itself. Without it, it is thrown. */
  readonly isolation?: Isolation | undefined
  /** Milliseconds of the machine, to bound how long is worked at a time. */
  readonly stopwatch?: (() => number) | undefined
  /** How long an owner that is not there is waited for, in milliseconds; default not at all: a recording holds what there is. */
  readonly ownerMs?: number | undefined
}

/** What came of one round: findings that are new or may differ, and those that are over. */
export interface Round {
  readonly changed: readonly FindingView[]
  readonly gone: readonly string[]
}

/** At most so many objects are judged, clocks moved and findings composed between two turns. */
const MOST = { judged: 64, moved: 64, composed: 8 }

/** How long is judged before what came of it goes out, in milliseconds. */
const ROUND_MS = 1_000

/** The daemon's rooms without its doors: what happens in a cluster goes in, findings with their recommendations come out. */
export class Watchdog {
  readonly store: LiveStore
  readonly memory = new Memory()
  readonly reconciler: Reconciler
  readonly #options: WatchdogOptions
  readonly #composer: Composer
  readonly #isolate: <T>(where: string, work: () => T) => T | undefined
  #begun = false
  /** Whether everything was judged once. */
  #settled = false
  /** What changed since `hold`. */
  #backlog: Backlog | undefined
  /** Whether every pod was seen then. */
  #sawPods = false

  constructor(options: WatchdogOptions) {
    const { cluster, now, stirred, isolation } = options
    this.#options = options
    this.#isolate = (where, work) => (isolation ? isolation.run(where, work) : work())
    this.store = new LiveStore({
      now,
      cluster,
      onChange: (change) => this.#changed(change),
      onLooks: () => {
        if (this.#begun) this.reconciler.everything(now())
        stirred()
      },
    })
    const { ownerMs = 0 } = options
    const { suppressions } = options.config
    const failed = isolation && ((error: unknown) => isolation.failed('judging', error))
    this.reconciler = new Reconciler({ objects: this.store.objects, past: this.memory, suppressions, ownerMs, failed })
    this.#composer = new Composer({ ...options, isolate: this.#isolate, reconciler: this.reconciler })
  }

  /** From now on findings are looked for. Before everything was seen once there would be false ones: what is not there yet looks missing. */
  begin(): void {
    this.#begun = true
    this.#settled = false
    this.reconciler.everything(this.#options.now())
    this.#options.stirred()
  }

  get begun(): boolean {
    return this.#begun
  }

  /** Whether everything was judged once: what is told from then on is all there is. */
  get settled(): boolean {
    return this.#settled
  }

  /** Puts rules in force. */
  use(rules: InForce): void {
    this.reconciler.use(rules, this.#options.now())
    this.#options.stirred()
  }

  /** What is said of every finding is to be said again: dogwatch stands otherwise than before. */
  reconsider(): void {
    this.reconciler.everyFinding()
    this.#options.stirred()
  }

  /** Whether every pod is seen, as it is now. */
  get seesPods(): boolean {
    return this.store.objects.look('pods') === 'listed'
  }

  /** Drops what is remembered of what is gone. */
  sweep(): void {
    const now = this.#options.now()
    this.reconciler.remembered(this.memory.sweep(now), now)
  }

  /** Usage that somebody else has measured. */
  learn(measured: readonly MeasuredUsage[]): void {
    this.reconciler.remembered(this.memory.learn(measured, this.store.objects), this.#options.now())
    this.#options.stirred()
  }

  /** The time is not known: nothing is judged or remembered, and what changes is held back until `proceed`. */
  hold(): void {
    if (!this.#backlog) this.#sawPods = this.seesPods
    this.#backlog ??= new Backlog()
  }

  get held(): boolean {
    return this.#backlog !== undefined
  }

  /** Goes on. Nothing was watched between two times, in milliseconds: no condition held then, and none ended. */
  proceed(from: number, to: number): void {
    const backlog = this.#backlog
    this.#backlog = undefined
    this.memory.gap(from, to, this.#sawPods)
    const { ledger } = this.reconciler
    ledger.resume((clocks) => resume(clocks, { savedAt: from, now: to }))
    for (const change of backlog?.take((uid) => this.store.objects.byUid(uid), to) ?? []) this.#changed(change)
    this.reconciler.everything(to)
    this.#options.stirred()
  }

  /** Goes on from what an earlier run left: clocks, and what was last said of their findings, to be shown until they are over. */
  recall(clocks: ReadonlyMap<string, Clock>, findings: Iterable<Finding>): void {
    for (const finding of findings) if (clocks.has(finding.id)) this.#composer.recall(finding)
    this.reconciler.ledger.restore(clocks, (id) => this.#composer.about(id))
  }

  /** What was last said of findings that live on, those first that are not true at the moment: of them nobody could tell again. */
  *lasting(): Generator<Finding> {
    const { ledger } = this.reconciler
    for (const broken of [true, false])
      for (const [id, clock] of ledger.clocks()) {
        const finding = (clock.brokenSince !== null) === broken ? this.#composer.find(id) : undefined
        if (finding) yield finding
      }
  }

  /** Every finding there is. */
  findings(): Iterable<FindingView> {
    return this.#composer.views()
  }

  /**
   * Does what there is to do, in turns; nothing before `begin`. When more comes than can be judged it ends after a second, so that what
   * is known goes out; `stop` ends it at once.
   */
  async round(stop?: AbortSignal): Promise<Round> {
    const changed = new Map<string, FindingView>()
    const gone = new Set<string>()
    if (!this.#begun || this.held) return { changed: [], gone: [] }
    const { now, stopwatch = () => performance.now() } = this.#options
    this.reconciler.wake(now())
    const ends = stopwatch() + ROUND_MS
    // What nobody has seen whole yet is not told in part: a cause may be among what is still to be judged.
    const goesOn = (): boolean => stop?.aborted !== true && (!this.#settled || stopwatch() < ends)
    await inSlices({ most: MOST.judged, stopwatch }, () => goesOn() && this.#judgeOne())
    this.#settled ||= this.reconciler.idle
    if (!this.#settled) return { changed: [], gone: [] }
    await inSlices({ most: MOST.moved, stopwatch }, () => stop?.aborted !== true && this.reconciler.move(now(), 1))
    await inSlices({ most: MOST.composed, stopwatch }, () => {
      if (stop?.aborted === true) return false
      const settled = this.reconciler.settle(1)
      for (const [id, place] of settled) {
        const view = this.#composer.compose(id, place)
        if (view) changed.set(id, view)
        else changed.delete(id)
        if (view) gone.delete(id)
        else gone.add(id)
      }
      return settled.size > 0
    })
    return { changed: [...changed.values()], gone: [...gone] }
  }

  /** When there is something to do though nothing changes, in milliseconds; 0 for at once. */
  next(): number | undefined {
    return this.#begun ? this.reconciler.next() : undefined
  }

  unknown(): UnknownSummary[] {
    return this.reconciler.ledger.unknown()
  }

  scores(unknown: readonly UnknownSummary[]): Scores {
    return this.#composer.scores(unknown)
  }

  #changed(change: Change): void {
    if (this.#backlog) return this.#backlog.add(change)
    const keys = this.#isolate('remembering', () => this.memory.changed(change, this.store.objects)) ?? []
    if (!this.#begun) return
    this.reconciler.changed(change)
    this.reconciler.remembered(keys, change.observedAt)
    this.#options.stirred()
  }

  #judgeOne(): boolean {
    const { now, judged } = this.#options
    const askedAt = this.reconciler.step(now())
    if (askedAt !== undefined) judged?.(Math.max(0, now() - askedAt))
    return askedAt !== undefined
  }
}
