import { byGravity } from '../../engine/gravity.ts'
import { plainText } from '../../util/text.ts'
import type { RuleView } from '../services.ts'
import { entry, grid, sheetOf } from './lines.ts'

interface Drawing {
  readonly columns: number
  readonly colour: boolean
}

/** The rules as a table, the gravest first. */
export function ruleList(rules: readonly RuleView[], drawing: Drawing): string {
  const rows = rules
    .toSorted(byGravity)
    .map(
      ({ severity, id, category, subjects, recommend }) =>
        [severity, id, category, subjects.join(', '), recommend.join(', ') || '-'] as const,
    )
  const heading = ['SEVERITY', 'RULE', 'CATEGORY', 'ABOUT', 'MAY PROPOSE'] as const
  return `${grid(sheetOf(drawing), [heading, ...rows], { indent: 0, flexible: 2 }).join('\n')}\n`
}

const LABEL = 14

/** One rule: what follows from it, then its file. */
export function ruleText(rule: RuleView, drawing: Drawing): string {
  const sheet = sheetOf(drawing)
  const labelled = (label: string, text: string): string[] =>
    entry(sheet, { indent: 0, label, labelWidth: LABEL, text })
  const inhibits = rule.inhibits.map(({ rule: other, via }) => `${other} (${via})`)
  const lines = [
    ...labelled('rule', `${rule.id}${rule.shipped ? ', ships with dogwatch' : ''}`),
    ...labelled('severity', rule.severity),
    ...labelled('category', rule.category),
    ...labelled('about', rule.subjects.join(', ')),
    ...labelled('explains', inhibits.join(', ')),
    ...labelled('may propose', rule.recommend.join(', ')),
    ...labelled('runbook', rule.runbook),
    ...labelled('file', rule.file),
    ...labelled('version', rule.version),
  ]
  return `${lines.join('\n')}\n\n${sourceText(rule.source)}\n`
}

// Printed as it is, so that it can be copied; but nothing in it may steer a terminal.
const sourceText = (source: string): string =>
  source
    .trimEnd()
    .split('\n')
    .map((line) => plainText(line.replaceAll('\t', '  ')).toWellFormed().trimEnd())
    .join('\n')
