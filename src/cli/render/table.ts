import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { groupBy } from '../../util/order.ts'
import { entry, grid, sheetOf, type Sheet } from './lines.ts'
import { effectsOf, reportOf, type Drawing, type Place, type Render, type Report } from './report.ts'
import { summary } from './summary.ts'
import { widthOf } from './width.ts'
import {
  factOf,
  fullName,
  isVisible,
  ownerOf,
  plural,
  sampled,
  seenOf,
  askedOf,
  shortName,
  standing,
  suppressionOf,
  verdictOf,
} from './words.ts'

/** What is written about each finding. */
interface Detail {
  readonly envelope: Envelope
  readonly report: Report
  readonly drawing: Drawing
  readonly sheet: Sheet
  /** Whether nothing is left out. */
  readonly wide: boolean
  /** How more is had about a finding: the label, and what to type. */
  readonly more: (finding: FindingView) => readonly [label: string, text: string]
  /** Below everything, where the lines to type are too long to stand by each finding. */
  readonly footer: readonly string[]
}

const BODY = 12
const LABEL = 10

const write =
  (wide: boolean): Render =>
  (envelope, drawing) => {
    const report = reportOf(envelope)
    const sheet = sheetOf(drawing)
    const detail = { envelope, report, drawing, sheet, wide, ...moreOf(envelope, drawing, { sheet, wide }) }
    const parts = [
      ...report.places.map((place) => placeLines(place, detail)),
      noteLines(detail),
      wide ? suppressedLines(detail) : [],
      detail.footer,
      ...summary(envelope, report, { sheet, drawing }),
    ]
    return `${parts
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n')}\n`
  }

/** For a terminal: what is broken, what explains it, and what can be done. */
export const table = write(false)
/** The same with everything that is known: ids, evidence, subjects, what is explained or suppressed. */
export const wide = write(true)

type More = Pick<Detail, 'more' | 'footer'>

function moreOf(envelope: Envelope, { explain }: Drawing, { sheet, wide: all }: Pick<Detail, 'sheet' | 'wide'>): More {
  const ids = envelope.items.filter(isVisible).map(({ id }) => id)
  if (ids.length === 0 || explain === undefined) return { more: ({ id }) => ['id', id], footer: [] }
  if (!all && ids.every((id) => widthOf(explain(id)) <= sheet.columns - BODY - LABEL))
    return { more: ({ id }) => ['more', explain(id)], footer: [] }
  return {
    more: ({ id }) => ['id', id],
    footer: [
      ...entry(sheet, { indent: 0, text: 'More about one of them', tone: 'strong' }),
      ...entry(sheet, { indent: 2, text: explain('ID') }),
    ],
  }
}

function placeLines({ namespace, findings }: Place, detail: Detail): string[] {
  const { sheet } = detail
  const heading = namespace === undefined ? 'Cluster' : `Namespace ${namespace}`
  return [
    ...entry(sheet, { indent: 0, text: heading, tone: 'strong' }),
    ...findings.flatMap((finding, at) => [...(at === 0 ? [] : ['']), ...findingLines(finding, detail)]),
  ]
}

const shout = ({ severity }: FindingView): string => severity.toUpperCase()

function findingLines(finding: FindingView, detail: Detail): string[] {
  const { sheet, envelope } = detail
  const { severity, title, message } = finding
  const labelled = (label: string, text: string): string[] =>
    entry(sheet, { indent: BODY, label, labelWidth: LABEL, text })
  return [
    ...entry(sheet, {
      indent: 2,
      label: shout(finding),
      labelWidth: BODY - 2,
      labelTone: severity,
      text: title,
      tone: 'strong',
    }),
    ...entry(sheet, { indent: BODY, text: message }),
    ...labelled('rule', `${finding.rule.id}, ${standing(finding, envelope.generatedAt)}`),
    ...(detail.wide ? wideLines(finding, labelled) : []),
    ...explainsLines(finding, detail, labelled),
    ...labelled('mend in', ownerOf(finding) ?? ''),
    ...remedyLines(finding, labelled),
    ...labelled(...detail.more(finding)),
  ]
}

type Labelled = (label: string, text: string) => string[]

function wideLines(finding: FindingView, labelled: Labelled): string[] {
  const { target, container, subjects, evidence } = finding
  return [
    ...labelled('target', fullName(target)),
    ...labelled('container', container ?? ''),
    ...labelled('subjects', `${subjects.count}: ${sampled(subjects.sample.map(shortName), subjects.count)}`),
    ...evidence.flatMap((one, at) =>
      labelled(at === 0 ? 'evidence' : '', `${factOf(one)} is ${seenOf(one)} (asked: ${askedOf(one)})`),
    ),
  ]
}

const NAMED = 4

function explainsLines(finding: FindingView, { report, wide: all }: Detail, labelled: Labelled): string[] {
  const effects = effectsOf(finding, report)
  const rest = all || effects.length <= NAMED ? [] : [`and ${effects.length - NAMED} more`]
  return labelled('explains', [...effects.slice(0, all ? undefined : NAMED), ...rest].join('; '))
}

function remedyLines({ recommendations }: FindingView, labelled: Labelled): string[] {
  return recommendations.flatMap((recommendation, at) =>
    labelled(at === 0 ? 'remedy' : 'or', `${recommendation.effect} - ${verdictOf(recommendation)}`),
  )
}

// One line for each rule: the same note about forty workloads is one thing to know.
function noteLines(detail: Detail): string[] {
  const { sheet, report } = detail
  if (report.notes.length === 0) return []
  const heading = entry(sheet, { indent: 0, text: 'Worth knowing', tone: 'strong' })
  if (detail.wide) return [...heading, ...report.notes.flatMap((note) => findingLines(note, detail))]
  const rules = [...groupBy(report.notes, ({ rule, severity }) => `${severity} ${rule.id}`).values()]
  return [
    ...heading,
    ...rules.flatMap((notes) =>
      notes.length <= APART ? notes.flatMap((note) => noteEntry(note, detail)) : manyNotes(notes, detail),
    ),
  ]
}

/** How many notes of one rule are told one by one. */
const APART = 3

const noteLabel = (note: FindingView) => ({
  indent: 2,
  label: shout(note),
  labelWidth: BODY - 2,
  labelTone: note.severity,
})

const noteEntry = (note: FindingView, { sheet, more }: Detail): string[] => [
  ...entry(sheet, { ...noteLabel(note), text: note.title }),
  ...entry(sheet, { indent: BODY, text: note.message }),
  ...entry(sheet, { indent: BODY, text: more(note)[1], tone: 'faint' }),
]

function manyNotes(notes: readonly FindingView[], { sheet, more }: Detail): string[] {
  const [first] = notes
  if (!first) return []
  const names = notes.slice(0, APART).map(({ target }) => fullName(target))
  return [
    ...entry(sheet, {
      ...noteLabel(first),
      text: `${first.rule.id}: ${sampled(names, notes.length)} (-o wide lists them)`,
    }),
    ...entry(sheet, { indent: BODY, text: more(first)[1], tone: 'faint' }),
  ]
}

function suppressedLines({ sheet, report }: Detail): string[] {
  if (report.suppressed.length === 0) return []
  const rows = report.suppressed.map(
    (finding) => [finding.rule.id, fullName(finding.target), suppressionOf(finding)] as const,
  )
  return [
    ...entry(sheet, { indent: 0, text: `Suppressed: ${plural(rows.length, 'finding')}`, tone: 'strong' }),
    ...grid(sheet, rows, { indent: 2 }),
  ]
}
