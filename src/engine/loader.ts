import type { Issue } from '../util/issues.ts'
import { isAcksFile, readAcks, type Ack } from './acks.ts'
import { conflicts } from './conflicts.ts'
import type { Draft, Names } from './draft.ts'
import { compileRule, Disabled, type Host } from './evaluate.ts'
import { checkOverrides, variants, type Limits, type Override } from './overrides.ts'
import {
  admitted,
  isSound,
  readRuleFile,
  type Problem,
  type ReadFile,
  type RuleText,
  type SoundFile,
} from './rule-file.ts'
import type { CompiledRule, DisabledRule } from './rule.ts'
import { factTable } from './slots.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface LoadOptions {
  readonly overrides?: readonly Override[]
  /** How many questions and readings one evaluation of one rule may take before the rule is switched off. */
  readonly stepBudget?: number
  /** Is told after each file how many are done. */
  readonly onProgress?: (done: number, total: number) => void
  /** Waited for between files and between the steps of reading one, so that others get their turn. */
  readonly pause?: () => Promise<void>
}

/** Rules that can run, and what is wrong with those that cannot. */
export interface RuleSet {
  /** In the order of their files. */
  readonly rules: readonly CompiledRule[]
  readonly acks: readonly Ack[]
  readonly problems: readonly Problem[]
  /** What is wrong with the overrides; paths start at their list. Overrides with a fault are not applied. */
  readonly overrideIssues: readonly Issue[]
  /** The rules that were switched off since, and why. */
  readonly disabled: () => readonly DisabledRule[]
}

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
  const { overrides = [], onProgress, pause } = options
  const names = namesOf(vocabulary, options)
  const { files: ruleFiles, problems: beyond } = admitted(
    files.filter((file) => !isAcksFile(file)),
    new Map(),
  )
  const read: ReadFile[] = []
  for (const file of ruleFiles) {
    read.push(await readRuleFile(file, names))
    onProgress?.(read.length, ruleFiles.length)
    await pause?.()
  }
  const ids = new Set(read.flatMap(({ claims }) => claims))
  const clashes = conflicts(read.filter(isSound), ids, new Map())
  const refused = new Set(clashes.map(({ file }) => file))
  const sound = read.filter(isSound).filter(({ file }) => !refused.has(file))
  const checked = checkedOverrides(overrides, sound, ids)
  const host = { disabled: new Disabled(), stepBudget: names.stepBudget }
  const acks = files.filter(isAcksFile).map(readAcks)
  return {
    rules: sound.map(({ draft }) => finish(draft, checked.sound, host)),
    acks: acks.flatMap((one) => ('acks' in one ? one.acks : [])),
    problems: [
      ...beyond,
      ...read.flatMap((one) => one.problems),
      ...clashes,
      ...acks.flatMap((one) => ('problems' in one ? one.problems : [])),
    ],
    overrideIssues: checked.issues,
    disabled: () => host.disabled.list(),
  }
}

/** What rules may name, in the form they are read with. */
export const namesOf = (vocabulary: Vocabulary, { stepBudget = STEP_BUDGET, pause }: LoadOptions): Names => ({
  ...vocabulary,
  facts: factTable(vocabulary.facts),
  stepBudget,
  pause,
})

/** The overrides that can be applied to these rules, and what is wrong with the others. */
export function checkedOverrides(
  overrides: readonly Override[],
  files: readonly SoundFile[],
  ids: Iterable<string>,
): { readonly sound: readonly Override[]; readonly issues: readonly Issue[] } {
  const limits = new Map<string, Limits | undefined>([...ids].map((id) => [id, undefined]))
  for (const { draft } of files) limits.set(draft.rule.id, limitsOf(draft))
  const issues = checkOverrides(overrides, limits)
  return { sound: overrides.filter((_, index) => issues.every(({ path }) => path[0] !== index)), issues }
}

const limitsOf = ({ conditions, forAtLeastMs }: Draft): Limits => ({
  thresholds: Object.keys(conditions.thresholds),
  forAtLeastMs,
})

/** Makes a rule ready to run, with the overrides that are about it. */
export function finish(draft: Draft, overrides: readonly Override[], host: Host): CompiledRule {
  const { rule, scope, texts, resources, flickerMs, resolveAfterMs, conditions, hold } = draft
  const variantFor = variants(
    { conditions, severity: rule.severity, hold, resolveAfterMs },
    overrides.filter((override) => override.rule === rule.id),
  )
  return compileRule({ rule, scope, texts, resources, flickerMs, variantFor }, host)
}
