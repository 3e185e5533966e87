import type { Config } from './config.ts'
import { composeLasting } from './findings/compose.ts'
import type { Finding } from './findings/finding.ts'
import type { About, Standing as Place } from './findings/ledger.ts'
import { score, type Scores } from './findings/score.ts'
import type { UnknownSummary } from './findings/unknown.ts'
import type { Standing } from './policy/standing.ts'
import type { Reconciler } from './reconciler.ts'
import { ACTIONS } from './remediation/actions/index.ts'
import { advise, type Advice } from './remediation/recommend.ts'
import { viewOf, type FindingView } from './sinks/envelope.ts'
import { earliest, parseTime, SECOND } from './util/time.ts'

export interface ComposerOptions {
  readonly config: Pick<Config, 'policy' | 'capabilities'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How well dogwatch stands to judge, at this moment. */
  readonly standing: () => Standing
  readonly reconciler: Reconciler
  /** Keeps what fails of one finding to itself. */
  readonly isolate: <T>(where: string, work: () => T) => T | undefined
}

interface Shown {
  readonly finding: Finding
  readonly view: FindingView
}

const NO_ADVICE: Advice = { recommendations: [], refused: [] }

/** Says of each finding what it is now, and what could be done; and keeps what it said last. */
export class Composer {
  readonly #options: ComposerOptions
  readonly #shown = new Map<string, Shown>()

  constructor(options: ComposerOptions) {
    this.#options = options
  }

  /** A finding of an earlier run, to be shown until it is over. */
  recall(finding: Finding): void {
    const view = this.#options.isolate('recalling', () => viewOf(finding, NO_ADVICE))
    if (view) this.#shown.set(finding.id, { finding, view })
  }

  /** What a finding is now; `undefined` when it is over. One that cannot be composed stays as it was. */
  compose(id: string, place: Place | undefined): FindingView | undefined {
    const before = this.#shown.get(id)
    const shown = place && (this.#options.isolate('composing', () => this.#finding(id, place)) ?? before)
    if (shown) this.#shown.set(id, shown)
    else this.#shown.delete(id)
    return shown?.view
  }

  find(id: string): Finding | undefined {
    return this.#shown.get(id)?.finding
  }

  /** What a finding is of. */
  about(id: string): About | undefined {
    const finding = this.find(id)
    return finding && { rule: finding.rule.id, namespace: finding.target.namespace }
  }

  /** Every finding there is. */
  *views(): Generator<FindingView> {
    for (const { view } of this.#shown.values()) yield view
  }

  scores(unknown: readonly UnknownSummary[]): Scores {
    const rules = new Map(unknown.map((summary) => [summary.rule, summary]))
    return score(
      [...this.#shown.values()].map(({ finding }) => finding),
      rules.values(),
    )
  }

  #finding(id: string, place: Place): Shown | undefined {
    const { config, standing, reconciler } = this.#options
    const now = this.#options.now()
    const before = this.find(id)
    return reconciler.compose(id, now, ({ snapshot, past }) => {
      const finding = composeLasting(place, before, snapshot)
      if (!finding) return undefined
      const { policy, capabilities } = config
      const at = { snapshot, past, actions: ACTIONS, policy, capabilities, standing: standing(), now }
      const advice = advise([finding], at).get(id) ?? NO_ADVICE
      // A decision tells its end in whole seconds, cut off.
      const ends = advice.recommendations.map(({ decision }) => (parseTime(decision.until ?? undefined) ?? 0) + SECOND)
      reconciler.lookAgain(id, earliest(ends.filter((end) => end > now)))
      return { finding, view: viewOf(finding, advice) }
    })
  }
}
