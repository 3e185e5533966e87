import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { LiveStore } from './cluster/live-store.ts'
import type { Change } from './cluster/mirror.ts'
import type { Config } from './config.ts'
import { Memory } from './facts/memory.ts'
import { compose, laidOver } from './findings/compose.ts'
import type { Finding } from './findings/finding.ts'
import type { Standing as Place } from './findings/ledger.ts'
import { resume } from './findings/resume.ts'
import { score, type Scores } from './findings/score.ts'
import type { UnknownSummary } from './findings/unknown.ts'
import type { Standing } from './policy/standing.ts'
import { Reconciler, type InForce, type Settled } from './reconciler.ts'
import { ACTIONS } from './remediation/actions/index.ts'
import { advise } from './remediation/recommend.ts'
import { viewOf, type FindingView } from './sinks/envelope.ts'
import { parseTime } from './util/time.ts'

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
  /** What an earlier run remembered. */
  readonly memory?: Memory | undefined
  /** Hears how long after the change that asked for it an object was judged, in milliseconds. */
  readonly judged?: ((afterMs: number) => void) | undefined
}

/** What came of one round: findings that are new or may differ, and those that are over. */
export interface Round {
  readonly changed: readonly FindingView[]
  readonly gone: readonly string[]
}

// Others (watches that must be read, requests to the API) get their turn after so many milliseconds.
const TURN_MS = 4
/** How many findings are settled and composed between two turns. */
const BATCH = 16

/** The daemon's rooms without its doors: what happens in a cluster goes in, findings with their recommendations come out. */
export class Watchdog {
  readonly store: LiveStore
  readonly memory: Memory
  readonly reconciler: Reconciler
  readonly #options: WatchdogOptions
  /** Every finding as it was last composed, with its view. */
  readonly #shown = new Map<string, { readonly finding: Finding; readonly view: FindingView }>()
  #begun = false

  constructor(options: WatchdogOptions) {
    const { cluster, now, stirred } = options
    this.#options = options
    this.memory = options.memory ?? new Memory()
    this.store = new LiveStore({
      now,
      cluster,
      onChange: (change) => this.#changed(change),
      onLooks: () => {
        if (this.#begun) this.reconciler.everything(now())
        stirred()
      },
    })
    const { suppressions } = options.config
    this.reconciler = new Reconciler({ objects: this.store.objects, past: this.memory, suppressions })
  }

  /** From now on findings are looked for. Before everything was seen once there would be false ones: what is not there yet looks missing. */
  begin(): void {
    this.#begun = true
    this.reconciler.everything(this.#options.now())
    this.#options.stirred()
  }

  get begun(): boolean {
    return this.#begun
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

  /** Drops what is remembered of what is gone. */
  sweep(): void {
    const now = this.#options.now()
    this.reconciler.remembered(this.memory.sweep(now), now)
  }

  /** Nothing was watched between two times, in milliseconds: no condition held then, and none ended. */
  gap(from: number, to: number): void {
    this.memory.gap(from, to)
    this.reconciler.ledger.resume((clocks) => resume(clocks, { savedAt: from, now: to }))
    this.reconciler.everything(to)
    this.#options.stirred()
  }

  /** Findings of an earlier run that are not true at the moment, to be shown until they are over. */
  recall(findings: Iterable<Finding>): void {
    for (const finding of findings) this.#shown.set(finding.id, { finding, view: viewOf(finding, NO_ADVICE) })
  }

  /** The findings that live on though they are not true at the moment. */
  *lingering(): Generator<Finding> {
    for (const [id, clock] of this.reconciler.ledger.clocks()) {
      const shown = clock.brokenSince === null ? undefined : this.#shown.get(id)
      if (shown) yield shown.finding
    }
  }

  /** Every finding there is. */
  *findings(): Generator<FindingView> {
    for (const { view } of this.#shown.values()) yield view
  }

  /** Does all there is to do, in turns; nothing before `begin`. */
  async round(): Promise<Round> {
    const changed = new Map<string, FindingView>()
    const gone = new Set<string>()
    if (!this.#begun) return { changed: [], gone: [] }
    const { now } = this.#options
    this.reconciler.wake(now())
    await inTurns(() => this.#judgeOne())
    await inTurns(() => {
      const settled = this.reconciler.settle(now(), BATCH)
      for (const [id, view] of this.#compose(settled)) {
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
    const rules = new Map(unknown.map((summary) => [summary.rule, summary]))
    return score(
      [...this.#shown.values()].map(({ finding }) => finding),
      rules.values(),
    )
  }

  #changed(change: Change): void {
    const keys = this.memory.changed(change, this.store.objects)
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

  *#compose(settled: Settled): Generator<[string, FindingView | undefined]> {
    for (const [id, place] of settled) {
      const shown = place && this.#finding(id, place)
      if (shown) this.#shown.set(id, shown)
      else this.#shown.delete(id)
      yield [id, shown?.view]
    }
  }

  #finding(id: string, place: Place): { finding: Finding; view: FindingView } | undefined {
    const before = this.#shown.get(id)?.finding
    const now = this.#options.now()
    return this.reconciler.compose(id, now, ({ snapshot }) => {
      const { roll, holds } = place
      const finding =
        roll && (holds || !before) ? compose(roll, place, snapshot) : before && { ...before, ...laidOver(place) }
      if (!finding) return undefined
      const { policy, capabilities } = this.#options.config
      const at = { snapshot, actions: ACTIONS, policy, capabilities, standing: this.#options.standing(), now }
      const advice = advise([finding], at).get(id) ?? NO_ADVICE
      const ends = advice.recommendations.map(({ decision }) => parseTime(decision.until ?? undefined))
      this.reconciler.lookAgain(id, earliest(ends.filter((end) => end !== undefined && end > now)))
      return { finding, view: viewOf(finding, advice) }
    })
  }
}

const NO_ADVICE = { recommendations: [], refused: [] }

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

/** Works until there is nothing more to do, and lets others have their turn. */
async function inTurns(work: () => boolean): Promise<void> {
  let began = performance.now()
  while (work()) {
    if (performance.now() - began < TURN_MS) continue
    await setImmediate()
    began = performance.now()
  }
}
