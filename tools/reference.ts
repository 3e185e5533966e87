import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fact } from '../src/facts/fact.ts'
import { FACTS } from '../src/facts/index.ts'
import { SUBJECT_KINDS } from '../src/facts/subject.ts'
import { RELATIONS } from '../src/findings/relations.ts'
import { ACTIONS } from '../src/remediation/actions/index.ts'
import { code, page, table } from './markdown.ts'

const RULES = join(import.meta.dirname, '../rules')

const list = (words: readonly string[]): string => words.map(code).join(', ')

/** `docs/facts.md`: what rules can ask, subject by subject. */
export function factsReference(): string {
  const sections = SUBJECT_KINDS.map((kind) => {
    const facts = FACTS.filter((fact) => fact.subjects.includes(kind))
    const rows = facts.map((fact) => [nameOf(fact), typeOf(fact), fact.description, readsOf(fact)])
    return `## ${kind}\n\n${rows.length === 0 ? 'No facts yet.' : table(['fact', 'type', 'what it says', 'reads'], rows)}`
  })
  return page('Facts', [
    'What a rule can ask of a subject. Any fact may be unknown: then the rule is, and says why. A count may be bounds: "at least 2".',
    'A number carries its unit in its name. `reads` are the kinds that it needs beside the subject itself; in parentheses, those it can do without.',
    ...sections,
  ])
}

const nameOf = ({ name, parameters = {} }: Fact): string => {
  const names = Object.entries(parameters).map(([key, { default: value }]) =>
    value === undefined ? key : `${key}=${value}`,
  )
  return code(names.length === 0 ? name : `${name}(${names.join(', ')})`)
}

const typeOf = ({ type, nullable, values }: Fact): string =>
  `${values ? list(values) : type === 'strings' ? 'list of strings' : type}${nullable ? ' or null' : ''}`

const readsOf = ({ reads }: Fact): string =>
  reads.map(({ resource, optional }) => (optional ? `(${resource})` : resource)).join(', ')

interface RuleFile {
  readonly id: string
  readonly subject: string | readonly string[]
  readonly severity: string
  readonly category: string
  readonly title: string
  readonly recommend?: readonly string[]
  readonly inhibits?: readonly { readonly rule: string; readonly via: string }[]
  readonly runbook: string
}

const ruleFiles = (): RuleFile[] =>
  readdirSync(RULES)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(RULES, name), 'utf8')) as RuleFile)

/** `docs/rules.md`: the shipped rules. */
export function rulesReference(): string {
  const rows = ruleFiles().map(({ id, subject, severity, category, recommend = [], inhibits = [], runbook }) => [
    `[${code(id)}](${runbook.replace(/^docs\//, '')})`,
    severity,
    category,
    [subject].flat().join(', '),
    list(recommend),
    list([...new Set(inhibits.map(({ rule }) => rule))]),
  ])
  const relations = Object.entries(RELATIONS).map(([name, { description }]) => [code(name), description])
  return page('Rules', [
    'The rules that ship, each with the page for the person who is called. A finding of a rule explains findings of the rules in its last column: those are shown under it.',
    table(['rule', 'severity', 'category', 'subject', 'recommends', 'explains'], rows),
    '## Relations\n\nWhat `via` of `inhibits` may be.',
    table(['relation', 'when one explains the other'], relations),
  ])
}

/** `docs/actions.md`: what can be recommended. */
export function actionsReference(): string {
  const rows = ACTIONS.map(({ name, tier, resources, inverse, description }) => [
    code(name),
    tier,
    description,
    resources.join(', '),
    inverse === null ? 'no' : code(inverse),
  ])
  return page('Actions', [
    'The closed catalogue. The tier goes by the effect on what runs. Nothing here is carried out yet: each is planned, hashed and judged by the policy.',
    table(['action', 'tier', 'what it does', 'on', 'way back'], rows),
  ])
}
