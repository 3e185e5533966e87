import * as z from 'zod'
import type { Resource } from '../cluster/kinds.ts'
import type { SubjectKind } from '../facts/subject.ts'
import { canonicalJson, sha256 } from '../util/hash.ts'
import { describeIssues, didYouMean, quote, schemaKeys, type Issue } from '../util/issues.ts'
import { compile } from './compile.ts'
import { disputedExamples, failedExamples, resolveExamples } from './examples.ts'
import type { Texts } from './explain.ts'
import { unguarded } from './guard.ts'
import { milliseconds, resolveHolding, type Hold } from './holding.ts'
import type { Conditions } from './conditions.ts'
import { resolveConditions } from './resolve.ts'
import type { Rule } from './rule.ts'
import { ruleSchema, type RawRule } from './schema.ts'
import { scopeIssues, type Scope } from './scope.ts'
import { resourcesOf } from './reads.ts'
import { SlotTable, type FactTable } from './slots.ts'
import { parseTemplate } from './template.ts'

/** What a rule may name. */
export interface Names {
  readonly facts: FactTable
  readonly actions: readonly string[]
  readonly relations: readonly string[]
  readonly stepBudget: number
  /** Waited for between the steps of reading one rule, so that others get their turn. */
  readonly pause?: (() => Promise<void>) | undefined
}

/** A rule that is sound by itself. */
export interface Draft {
  readonly rule: Rule
  readonly scope: Scope | undefined
  readonly conditions: Conditions
  readonly texts: Texts
  /** Every kind that its answer rests on. */
  readonly resources: readonly Resource[]
  readonly hold: Hold
  readonly resolveAfterMs: number
  readonly flickerMs: number
  /** The least that an override may ask of `for`, in milliseconds. */
  readonly forAtLeastMs: number
}

export interface Drafted {
  /** The id it claims, also when something else is wrong with it. */
  readonly id?: string
  readonly draft?: Draft
  readonly issues: readonly Issue[]
}

/** Reads one rule from the value of its file, and tries its examples. */
export async function draftRule(value: unknown, file: string, names: Names): Promise<Drafted> {
  const id = idOf(value)
  const claim = id === undefined ? {} : { id }
  const parsed = ruleSchema.safeParse(value)
  if (!parsed.success) return { ...claim, issues: describeIssues(parsed.error.issues, ruleKeys(), value) }

  const raw = parsed.data
  const slots = new SlotTable(names.facts, subjectsOf(raw))
  const { parts, issues } = resolveParts(raw, slots)
  const faults = [...nameIssues(raw, names), ...scopeIssues(raw.scope, slots.kinds), ...issues]
  if (parts === undefined || faults.length > 0) return { ...claim, issues: faults }
  const wrong = await exampleIssues(raw, slots, { ...names, conditions: parts.conditions })
  if (wrong.length > 0) return { ...claim, issues: wrong }
  const rule = ruleOf(raw, { file, kinds: slots.kinds, version: sha256(canonicalJson(value)) })
  return { ...claim, draft: { rule, ...parts }, issues: [] }
}

const ruleKeys = (): string[] => schemaKeys(z.toJSONSchema(ruleSchema, { io: 'input' }))

type Parts = Omit<Draft, 'rule'>

function resolveParts(raw: RawRule, slots: SlotTable): { parts?: Parts; issues: Issue[] } {
  const { conditions, issues } = resolveConditions(raw, slots)
  if (conditions !== undefined) issues.push(...unguarded(conditions))
  const keep = <T extends object>(result: T | Issue): T | undefined => {
    if (!isIssue(result)) return result
    issues.push(result)
    return undefined
  }
  const hold = keep(resolveHolding(raw.for, slots))
  // What only its texts read changes no answer.
  const resources = resourcesOf(slots)
  const title = keep(parseTemplate(raw.title, slots, 'title'))
  const explain = keep(parseTemplate(raw.explain, slots, 'explain'))
  if (conditions === undefined || hold === undefined || title === undefined || explain === undefined) return { issues }
  const times = {
    resolveAfterMs: milliseconds(raw.resolveAfter),
    flickerMs: milliseconds(raw.flicker),
    forAtLeastMs: milliseconds(raw.forAtLeast ?? '0s'),
  }
  return { parts: { scope: raw.scope, conditions, texts: { title, explain }, resources, hold, ...times }, issues }
}

const isIssue = (result: object): result is Issue => 'message' in result

async function exampleIssues(
  raw: RawRule,
  slots: SlotTable,
  { conditions, stepBudget, pause }: Pick<Names, 'stepBudget' | 'pause'> & { conditions: Conditions },
): Promise<readonly Issue[]> {
  const { cases, issues } = resolveExamples(raw, slots)
  if (issues.length > 0) return issues
  const failed = failedExamples(cases, compile(conditions), stepBudget)
  return failed.length > 0 ? failed : disputedExamples(cases, conditions, pause)
}

function idOf(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' ? id : undefined
}

const subjectsOf = ({ subject }: RawRule): SubjectKind[] => [...new Set(Array.isArray(subject) ? subject : [subject])]

function nameIssues({ recommend, inhibits }: RawRule, { actions, relations }: Names): Issue[] {
  const unknown = (what: string, word: string, right: readonly string[]) =>
    `unknown ${what} ${quote(word)}${didYouMean(word, right)}`
  return [
    ...recommend.flatMap((action, index) =>
      actions.includes(action)
        ? []
        : [{ path: ['recommend', index], key: false, message: unknown('action', action, actions) }],
    ),
    ...inhibits.flatMap(({ via }, index) =>
      relations.includes(via)
        ? []
        : [{ path: ['inhibits', index, 'via'], key: false, message: unknown('relation', via, relations) }],
    ),
  ]
}

function ruleOf(
  raw: RawRule,
  { file, kinds, version }: { file: string; kinds: readonly SubjectKind[]; version: string },
): Rule {
  const { id, severity, category, inhibits, recommend, runbook } = raw
  return { id, version, file, subjects: kinds, severity, category, inhibits, recommend, runbook }
}
