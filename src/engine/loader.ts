import { didYouMean, quote, type Issue } from '../util/issues.ts'
import { parseJson, type JsonDocument, type JsonLimits, type Position } from '../util/json.ts'
import { draftRule, type Draft, type Drafted, type Names } from './draft.ts'
import { compileRule, Disabled } from './evaluate.ts'
import { circles } from './inhibits.ts'
import { checkOverrides, variants, type Limits, type Override } from './overrides.ts'
import { renderText } from './render.ts'
import type { CompiledRule, DisabledRule } from './rule.ts'
import { factTable } from './slots.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface RuleText {
  /** How the file is called in messages, and its place in the order of files. */
  readonly file: string
  readonly text: string
}

export interface LoadOptions {
  readonly overrides?: readonly Override[]
  /** How many questions and readings one evaluation of one rule may take before the rule is switched off. */
  readonly stepBudget?: number
  /** Is told after each file how many are done. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Something wrong with a rule file: what, and where. */
export interface Problem extends Position {
  readonly file: string
  readonly message: string
}

/** Rules that can run, and what is wrong with those that cannot. */
export interface RuleSet {
  /** In the order of their files. */
  readonly rules: readonly CompiledRule[]
  readonly problems: readonly Problem[]
  /** What is wrong with the overrides; paths start at their list. Overrides with a fault are not applied. */
  readonly overrideIssues: readonly Issue[]
  /** The rules that were switched off since, and why. */
  readonly disabled: () => readonly DisabledRule[]
}

const LIMITS: JsonLimits = { text: 2 ** 20, depth: 64, string: 4096, list: 1000 }
const MOST_PROBLEMS = 20
const STEP_BUDGET = 100_000

/**
 * Reads rule files. A file with a fault is refused with every fault named, and takes no other file down: rules that inhibit it stay,
 * and so does a later rule of the same id.
 */
export async function loadRules(
  files: readonly RuleText[],
  vocabulary: Vocabulary,
  options: LoadOptions = {},
): Promise<RuleSet> {
  const { overrides = [], stepBudget = STEP_BUDGET, onProgress } = options
  const loading = new Loading()
  const names: Names = { ...vocabulary, facts: factTable(vocabulary.facts), stepBudget }
  for (const [index, file] of files.entries()) {
    await loading.read(file, names)
    onProgress?.(index + 1, files.length)
  }
  const drafts = loading.accept()

  const byId = new Map(drafts.map((draft) => [draft.rule.id, draft]))
  const limits = new Map([...loading.ids].map((id) => [id, limitsOf(byId.get(id))]))
  const overrideIssues = checkOverrides(overrides, limits)
  const sound = overrides.filter((_, index) => overrideIssues.every(({ path }) => path[0] !== index))
  const disabled = new Disabled()
  return {
    rules: drafts.map((draft) => finish(draft, sound, { disabled, stepBudget })),
    problems: loading.problems,
    overrideIssues,
    disabled: () => disabled.list(),
  }
}

const limitsOf = (draft: Draft | undefined): Limits | undefined =>
  draft && { thresholds: Object.keys(draft.conditions.thresholds), forAtLeastMs: draft.forAtLeastMs }

function finish(draft: Draft, overrides: readonly Override[], host: Parameters<typeof compileRule>[1]): CompiledRule {
  const { rule, scope, texts, flickerMs, resolveAfterMs, conditions, hold } = draft
  const variantFor = variants(
    { conditions, severity: rule.severity, hold, resolveAfterMs },
    overrides.filter((override) => override.rule === rule.id),
  )
  return compileRule({ rule, scope, texts, flickerMs, variantFor }, host)
}

interface Read {
  readonly file: string
  readonly document: JsonDocument
  readonly draft: Draft
}

function duplicateOf({ draft }: Read, first: Read | undefined): Issue[] {
  if (first === undefined || first.draft === draft) return []
  return [{ path: ['id'], key: false, message: `the id "${draft.rule.id}" is already that of ${first.file}` }]
}

/** What fails on one file in a way that nobody foresaw must not take the other files down. */
async function draftSafely(value: unknown, file: string, names: Names): Promise<Drafted> {
  try {
    return await draftRule(value, file, names)
  } catch (error) {
    const message = `dogwatch failed on this rule: ${renderText(error instanceof Error ? error.message : String(error))}`
    return { issues: [{ path: [], key: false, message }] }
  }
}

/** The files of one load. */
class Loading {
  readonly problems: Problem[] = []
  /** Every id that a file claims, sound or not: naming a rule that is only broken today is no fault. */
  readonly ids = new Set<string>()
  readonly #read: Read[] = []

  async read({ file, text }: RuleText, names: Names): Promise<void> {
    this.ids.add(stemOf(file))
    const document = parseJson(text.startsWith('\uFEFF') ? text.slice(1) : text, LIMITS)
    if ('faults' in document) {
      for (const fault of document.faults.slice(0, MOST_PROBLEMS)) this.problems.push({ file, ...fault })
      return
    }
    const { id, draft, issues } = await draftSafely(document.value, file, names)
    if (id !== undefined) this.ids.add(id)
    this.#report({ file, document }, issues)
    if (draft !== undefined) this.#read.push({ file, document, draft })
  }

  /** The rules that are sound beside each other. */
  accept(): Draft[] {
    const first = new Map(this.#read.toReversed().map((one) => [one.draft.rule.id, one]))
    const single = this.#keep(this.#read, (one) => duplicateOf(one, first.get(one.draft.rule.id)))
    const linked = this.#keep(single, (one) => this.#unknownInhibits(one))
    const found = new Map(circles(linked.map(({ draft }) => draft.rule)).map(({ rule, way }) => [rule, way]))
    const sound = this.#keep(linked, ({ draft }) => {
      const way = found.get(draft.rule.id)
      if (way === undefined) return []
      return [{ path: ['inhibits'], key: true, message: `inhibits in a circle: ${way.join(' → ')}` }]
    })
    return sound.map(({ draft }) => draft)
  }

  #keep(read: readonly Read[], issuesOf: (one: Read) => readonly Issue[]): Read[] {
    return read.filter((one) => {
      const issues = issuesOf(one)
      this.#report(one, issues)
      return issues.length === 0
    })
  }

  #unknownInhibits({ draft }: Read): Issue[] {
    return draft.rule.inhibits.flatMap(({ rule }, index) =>
      this.ids.has(rule)
        ? []
        : [
            {
              path: ['inhibits', index, 'rule'],
              key: false,
              message: `unknown rule ${quote(rule)}${didYouMean(rule, this.ids)}`,
            },
          ],
    )
  }

  #report({ file, document }: Pick<Read, 'file' | 'document'>, issues: readonly Issue[]): void {
    for (const { path, key, message } of issues.slice(0, MOST_PROBLEMS))
      this.problems.push({ file, ...(key ? document.atKey(path) : document.at(path)), message })
  }
}

/** `rules/crash-loop.json` is the home of `crash-loop`. */
const stemOf = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).replace(/\.json$/, '')
