import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { entry, grid, sheetOf, type Sheet } from './lines.ts'
import { pageLines } from './page.ts'
import { askedOf, factOf, fullName, ownerOf, plural, seenOf, standing, suppressionOf, verdictOf } from './words.ts'

/** What is known beside the finding itself. */
export interface Explained {
  readonly finding: FindingView
  readonly envelope: Envelope
  /** The text of the runbook page; `undefined` when it is elsewhere. */
  readonly runbook: string | undefined
}

type Part = (explained: Explained, sheet: Sheet) => string[]

const heading = (sheet: Sheet, text: string): string[] => entry(sheet, { indent: 0, text, tone: 'strong' })

const section = (sheet: Sheet, title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [...heading(sheet, title), ...lines]

const LABEL = 12

const head: Part = ({ finding, envelope }, sheet) => {
  const { severity, title, message, rule, state, target, container, id } = finding
  const labelled = (label: string, text: string): string[] =>
    entry(sheet, { indent: 2, label, labelWidth: LABEL, text })
  return [
    ...entry(sheet, {
      indent: 0,
      label: severity.toUpperCase(),
      labelWidth: severity.length + 2,
      labelTone: severity,
      text: title,
      tone: 'strong',
    }),
    ...entry(sheet, { indent: 2, text: message }),
    '',
    ...labelled('id', id),
    ...labelled('rule', `${rule.id} (${rule.version.slice(0, 19)})`),
    ...labelled('target', fullName(target)),
    ...labelled('container', container ?? ''),
    ...labelled('state', `${state}, ${standing(finding, envelope.generatedAt)} (since ${finding.since})`),
    ...labelled('fires at', finding.firesAt ?? ''),
    ...labelled('mend in', ownerOf(finding) ?? ''),
    ...labelled('suppressed', suppressionOf(finding)),
  ]
}

const evidence: Part = ({ finding }, sheet) =>
  section(
    sheet,
    'Evidence',
    grid(
      sheet,
      [['fact', 'asked', 'seen'], ...finding.evidence.map((one) => [factOf(one), askedOf(one), seenOf(one)] as const)],
      { indent: 2 },
    ),
  )

const subjects: Part = (
  {
    finding: {
      subjects: { count, sample },
    },
  },
  sheet,
) =>
  section(sheet, `Seen on ${plural(count, 'object')}`, [
    ...sample.flatMap((subject) => entry(sheet, { indent: 2, text: fullName(subject) })),
    ...(count > sample.length ? entry(sheet, { indent: 2, text: `and ${count - sample.length} more` }) : []),
  ])

const nameOf = ({ id, title }: FindingView): string => `${title} (${id})`

const cause: Part = ({ finding, envelope }, sheet) => {
  const root = envelope.items.find(({ id }) => id === finding.causedBy)
  const effects = envelope.items.filter(({ causedBy }) => causedBy === finding.id)
  return [
    ...section(sheet, 'Explained by', root ? entry(sheet, { indent: 2, text: nameOf(root) }) : []),
    ...section(
      sheet,
      'Explains',
      effects.flatMap((effect) => entry(sheet, { indent: 2, text: nameOf(effect) })),
    ),
  ]
}

const remedies: Part = ({ finding }, sheet) =>
  section(
    sheet,
    'What can be done',
    finding.recommendations.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...remedy(one, sheet)]),
  )

function remedy(one: FindingView['recommendations'][number], sheet: Sheet): string[] {
  const { action, effect, tier, reversible, decision, planHash, patch, object } = one
  const labelled = (label: string, text: string): string[] =>
    entry(sheet, { indent: 4, label, labelWidth: LABEL, text })
  return [
    ...entry(sheet, { indent: 2, text: `${action}: ${effect}` }),
    ...labelled('decision', `${decision.verdict}: ${verdictOf(one)}`),
    ...gateLines(decision.gates, sheet),
    ...labelled('effect', `${tier}, ${reversible ? 'can be undone' : 'cannot be undone'}`),
    ...labelled('writes to', fullName(object)),
    ...labelled('plan', planHash),
    ...labelled(
      'request',
      patch === null ? 'not shown: its body is made when it is sent' : `${patch.method} ${patch.path}`,
    ),
    ...bodyLines(patch, sheet),
  ]
}

function gateLines(gates: FindingView['recommendations'][number]['decision']['gates'], sheet: Sheet): string[] {
  const rows = gates.map(({ gate, answer, detail }) => [gate, answer, detail] as const)
  const [first = '', ...others] = grid(sheet, rows, { indent: 4 + LABEL })
  return first === '' ? [] : [`    ${sheet.paint('faint', 'gates')}${first.slice(4 + 'gates'.length)}`, ...others]
}

function bodyLines(patch: FindingView['recommendations'][number]['patch'], sheet: Sheet): string[] {
  if (patch === null) return []
  return JSON.stringify(patch.body, null, 2)
    .split('\n')
    .flatMap((line) => entry(sheet, { indent: 4 + LABEL + line.length - line.trimStart().length, text: line }))
}

const refused: Part = ({ finding }, sheet) =>
  section(
    sheet,
    'Not proposed',
    finding.refused.flatMap(({ action, detail }) => entry(sheet, { indent: 2, text: `${action}: ${detail}` })),
  )

const runbook: Part = ({ finding, runbook: text }, sheet) =>
  section(
    sheet,
    `Runbook: ${finding.runbook}`,
    text === undefined
      ? entry(sheet, { indent: 2, text: 'this page does not ship with dogwatch' })
      : pageLines(text, sheet),
  )

const PARTS: readonly Part[] = [head, evidence, subjects, cause, remedies, refused, runbook]

/** Everything there is to say about one finding, for a terminal. */
export function explain(explained: Explained, drawing: { columns: number; colour: boolean }): string {
  const sheet = sheetOf(drawing)
  return `${PARTS.map((part) => part(explained, sheet))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
