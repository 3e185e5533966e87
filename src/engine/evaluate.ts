import type { Resource } from '../cluster/kinds.ts'
import { readFact } from '../facts/fact.ts'
import { unknown } from '../facts/reading.ts'
import type { Subject, View } from '../facts/subject.ts'
import type { Program } from './compile.ts'
import { explain, type Texts } from './explain.ts'
import type { Hold } from './holding.ts'
import { TRUE, UNKNOWN } from './logic.ts'
import { renderText } from './render.ts'
import type {
  CompiledRule,
  DisabledRule,
  Evaluation,
  Explanation,
  False,
  Naming,
  Rule,
  Severity,
  True,
} from './rule.ts'
import { Run, type Source } from './run.ts'
import { inScope, type Scope } from './scope.ts'

/** A rule as it applies to some of its subjects: itself, or changed by overrides. */
export interface Variant {
  readonly program: Program
  readonly severity: Severity
  readonly hold: Hold
  readonly resolveAfterMs: number
}

export interface PreparedRule {
  readonly rule: Rule
  readonly scope: Scope | undefined
  readonly texts: Texts
  readonly resources: readonly Resource[]
  readonly flickerMs: number
  /** What applies to a subject; `undefined` where an override switched the rule off. */
  readonly variantFor: (subject: Subject) => Variant | undefined
}

/** Keeps count of the rules that failed while they ran. A rule that failed once says nothing from then on. */
export class Disabled {
  readonly #reasons = new Map<string, string>()

  has(rule: string): boolean {
    return this.#reasons.has(rule)
  }

  add(rule: string, error: unknown): void {
    if (this.has(rule)) return
    this.#reasons.set(rule, renderText(error instanceof Error ? `${error.name}: ${error.message}` : String(error)))
  }

  get isEmpty(): boolean {
    return this.#reasons.size === 0
  }

  list(): DisabledRule[] {
    return [...this.#reasons].map(([rule, reason]) => ({ rule, reason }))
  }
}

export interface Host {
  readonly disabled: Disabled
  /** How many questions and readings one evaluation may take. */
  readonly stepBudget: number
}

/** A rule that evaluates subjects and never throws: what goes wrong switches this rule off and no other. */
export function compileRule(prepared: PreparedRule, host: Host): CompiledRule {
  const { rule } = prepared
  const applied = { prepared, host }
  return {
    rule,
    resources: prepared.resources,
    evaluate: (subject, view) => {
      if (host.disabled.has(rule.id)) return undefined
      try {
        const variant = inScope(prepared.scope, subject) ? prepared.variantFor(subject) : undefined
        return variant && evaluate(applied, variant, subject, view)
      } catch (error) {
        host.disabled.add(rule.id, error)
        return undefined
      }
    },
  }
}

interface Applied {
  readonly prepared: PreparedRule
  readonly host: Host
}

function evaluate(applied: Applied, variant: Variant, subject: Subject, view: View): Evaluation {
  const { host, prepared } = applied
  const { program } = variant
  const run = new Run(sourceOf(subject, view), host.stepBudget)
  const truth = program.truth(run)
  if (truth === UNKNOWN) return undecided(program, run)
  if (truth !== TRUE) return run.until === undefined ? QUIET : { truth: 'false', until: run.until }
  program.date(run)
  const found: True = {
    truth: 'true',
    severity: variant.severity,
    forMs: variant.hold(run),
    resolveAfterMs: variant.resolveAfterMs,
    flickerMs: prepared.flickerMs,
    explain: (naming) => explainSafely(applied, program, { run, subject, naming }),
  }
  return run.since === undefined && run.until === undefined ? found : { ...found, ...timesOf(run) }
}

const QUIET: False = { truth: 'false' }

function undecided(program: Program, run: Run): Evaluation {
  const { until } = run
  const { reason, detail } = program.doubt(run) ?? { reason: 'undecided', detail: 'nothing says why' }
  return { truth: 'unknown', reason, detail, ...(until === undefined ? {} : { until }) }
}

const timesOf = ({ since, until }: Run): Pick<True, 'since' | 'until'> => ({
  ...(since === undefined ? {} : { since }),
  ...(until === undefined ? {} : { until }),
})

const sourceOf =
  (subject: Subject, view: View): Source =>
  ({ facts, key, parameters }) => {
    const fact = facts.get(subject.kind)
    if (fact === undefined) return unknown('not-computable', `${key} is not there for a ${subject.kind}`)
    return readFact(fact, subject, { view, parameters })
  }

interface Match {
  readonly run: Run
  readonly subject: Subject
  readonly naming: Naming
}

// A text may read facts that the conditions did not need, and those may fail: the match stays, with what is known of it.
function explainSafely({ prepared, host }: Applied, program: Program, match: Match): Explanation {
  try {
    return explain(prepared.texts, program, match)
  } catch (error) {
    host.disabled.add(prepared.rule.id, error)
    return { title: `${prepared.rule.id}: ${match.naming.target}`, message: 'the explanation failed', evidence: [] }
  }
}
