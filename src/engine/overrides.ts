import * as z from 'zod'
import type { Subject } from '../facts/subject.ts'
import { formatDuration } from '../util/duration.ts'
import { didYouMean, quote, type Issue } from '../util/issues.ts'
import { compile } from './compile.ts'
import type { Variant } from './evaluate.ts'
import { milliseconds } from './holding.ts'
import type { Conditions } from './conditions.ts'
import { SEVERITIES } from './rule.ts'
import { duration, globsSchema, labelSelectorSchema } from './schema.ts'
import { inScope } from './scope.ts'

/** One entry of `overrides` in the configuration: it changes a rule in a scope. Later entries win. */
export const overrideSchema = z
  .strictObject({
    rule: z.string().min(1).meta({ description: 'The id of the rule.' }),
    namespaces: globsSchema.optional(),
    labels: labelSelectorSchema.optional(),
    disabled: z.boolean().optional().meta({ description: 'Switches the rule off, or on again, in this scope.' }),
    severity: z.enum(SEVERITIES).optional(),
    for: duration.optional(),
    resolveAfter: duration.optional(),
    thresholds: z
      .record(z.string(), z.number())
      .refine((map) => Object.keys(map).length > 0, 'an empty map changes nothing: leave it out')
      .optional()
      .meta({ description: "Numbers in place of the rule's own `thresholds`." }),
  })
  .refine(
    ({ rule: _rule, namespaces: _namespaces, labels: _labels, ...changes }) => Object.keys(changes).length > 0,
    'this override changes nothing: give disabled, severity, for, resolveAfter or thresholds',
  )
  .meta({ id: 'override', description: 'Changes a rule in a scope, without a copy of it.' })

export type Override = z.infer<typeof overrideSchema>

/** What overrides of a rule may say. */
export interface Limits {
  readonly thresholds: readonly string[]
  /** The least that `for` may be, in milliseconds. */
  readonly forAtLeastMs: number
}

/**
 * What is wrong with overrides, given the limits of each rule by id, `undefined` of a rule whose file is broken today. Paths start at
 * the list.
 */
export function checkOverrides(
  overrides: readonly Override[],
  rules: ReadonlyMap<string, Limits | undefined>,
): Issue[] {
  return overrides.flatMap((override, index): Issue[] => {
    const { rule } = override
    const limits = rules.get(rule)
    if (limits) return [...durationIssues(override, limits), ...thresholdIssues(override, limits)].map(at(index))
    if (rules.has(rule)) return []
    return [
      { path: [index, 'rule'], key: false, message: `unknown rule ${quote(rule)}${didYouMean(rule, rules.keys())}` },
    ]
  })
}

const at =
  (index: number) =>
  (issue: Issue): Issue => ({ ...issue, path: [index, ...issue.path] })

function durationIssues({ rule, for: asked }: Override, { forAtLeastMs }: Limits): Issue[] {
  if (asked === undefined || milliseconds(asked) >= forAtLeastMs) return []
  const message = `the rule "${rule}" has to hold for at least ${formatDuration(forAtLeastMs)}, whoever asks for less`
  return [{ path: ['for'], key: false, message }]
}

const thresholdIssues = ({ rule, thresholds = {} }: Override, { thresholds: names }: Limits): Issue[] =>
  Object.keys(thresholds)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: ['thresholds', name],
      key: true,
      message: `the rule "${rule}" has no threshold ${quote(name)}${didYouMean(name, names)}`,
    }))

/** A rule before overrides. */
type Base = Omit<Variant, 'program'> & { readonly conditions: Conditions }

/** The variant of a rule for each subject. There is one per combination of overrides that apply, not one per subject. */
export function variants(base: Base, overrides: readonly Override[]): (subject: Subject) => Variant | undefined {
  const unchanged = applyAll(base, [])
  if (overrides.length === 0) return () => unchanged
  const scoped = overrides.map((override) => ({ override, scope: scopeOf(override) }))
  const known = new Map([['', unchanged]])
  return (subject) => {
    const applying = scoped.filter(({ scope }) => inScope(scope, subject))
    const combination = applying.map((one) => scoped.indexOf(one)).join(',')
    if (!known.has(combination)) known.set(combination, applyAll(base, applying.map(overrideOf)))
    return known.get(combination)
  }
}

const overrideOf = ({ override }: { readonly override: Override }): Override => override

function scopeOf({ namespaces, labels }: Override): Parameters<typeof inScope>[0] {
  return { ...(namespaces === undefined ? {} : { namespaces }), ...(labels === undefined ? {} : { labels }) }
}

function applyAll(base: Base, overrides: readonly Override[]): Variant | undefined {
  const { conditions, ...rest } = base
  const merged: Partial<Override> = {}
  const thresholds = { ...conditions.thresholds }
  for (const override of overrides) {
    Object.assign(merged, override)
    Object.assign(thresholds, override.thresholds)
  }
  if (merged.disabled === true) return undefined
  const forMs = merged.for === undefined ? undefined : milliseconds(merged.for)
  return {
    program: compile({ ...conditions, thresholds }),
    severity: merged.severity ?? rest.severity,
    hold: forMs === undefined ? rest.hold : () => forMs,
    resolveAfterMs: merged.resolveAfter === undefined ? rest.resolveAfterMs : milliseconds(merged.resolveAfter),
  }
}
