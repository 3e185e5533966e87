import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { groupBy } from '../../util/order.ts'
import { entry, grid, sheetOf, type Sheet } from './lines.ts'
import { reportOf, type Drawing, type Place, type Render, type Report } from './report.ts'
import { summary } from './summary.ts'
import {
  factOf,
  fullName,
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
}

const BODY = 12
const LABEL = 10

const write =
  (wide: boolean): Render =>
  (envelope, drawing) => {
    const report = reportOf(envelope)
    const detail = { envelope, report, drawing, sheet: sheetOf(drawing), wide }
    const parts = [
      ...report.places.map((place) => placeLines(place, detail)),
      noteLines(detail),
      wide ? suppressedLines(detail) : [],
      ...summary(envelope, report, { sheet: detail.sheet, drawing }),
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

function placeLines({ namespace, findings }: Place, detail: Detail): string[] {
  const { sheet } = detail
  const heading = namespace === undefined ? 'Cluster' : `Namespace ${namespace}`
  return [
    ...entry(sheet, { indent: 0, text: heading, tone: 'strong' }),
    ...findings.flatMap((finding, at) => [...(at === 0 ? [] : ['']), ...findingLines(finding, detail)]),
  ]
}

const shout = ({ severity, state }: FindingView): string => (state === 'pending' ? severity : severity.toUpperCase())

function findingLines(finding: FindingView, detail: Detail): string[] {
  const { sheet, drawing, envelope } = detail
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
    ...labelled('more', drawing.explain(finding.id)),
  ]
}

type Labelled = (label: string, text: string) => string[]

function wideLines(finding: FindingView, labelled: Labelled): string[] {
  const { id, target, container, subjects, evidence } = finding
  return [
    ...labelled('id', id),
    ...labelled('target', fullName(target)),
    ...labelled('container', container ?? ''),
    ...labelled('subjects', `${subjects.count}: ${sampled(subjects.sample.map(shortName), subjects.count)}`),
    ...evidence.flatMap((one, at) =>
      labelled(at === 0 ? 'evidence' : '', `${factOf(one)} is ${seenOf(one)} (asked: ${askedOf(one)})`),
    ),
  ]
}

function explainsLines({ id, target }: FindingView, { report, wide: all }: Detail, labelled: Labelled): string[] {
  const effects = report.explained.get(id) ?? []
  if (effects.length === 0) return []
  const names = effects.map((effect) => {
    const same = effect.target.uid === target.uid
    return same ? effect.rule.id : `${effect.rule.id} of ${shortName(effect.target)}`
  })
  const distinct = [...new Set(names)]
  const shown = all ? distinct : distinct.slice(0, 4)
  return labelled('explains', sampled(shown, distinct.length))
}

function remedyLines({ recommendations }: FindingView, labelled: Labelled): string[] {
  return recommendations.flatMap((recommendation, at) =>
    labelled(at === 0 ? 'remedy' : '', `${recommendation.effect} - ${verdictOf(recommendation)}`),
  )
}

// One line for each rule: the same note about forty workloads is one thing to know.
function noteLines(detail: Detail): string[] {
  const { sheet, report } = detail
  if (report.notes.length === 0) return []
  const heading = entry(sheet, { indent: 0, text: 'Worth knowing', tone: 'strong' })
  if (detail.wide) return [...heading, ...report.notes.flatMap((note) => findingLines(note, detail))]
  const rules = [...groupBy(report.notes, ({ rule, severity }) => `${severity} ${rule.id}`).values()]
  return [...heading, ...rules.flatMap((notes) => noteEntry(notes, detail))]
}

const NOTED = 3

function noteEntry(notes: readonly FindingView[], { sheet, drawing }: Detail): string[] {
  const [first] = notes
  if (!first) return []
  const label = { indent: 2, label: shout(first), labelWidth: BODY - 2, labelTone: first.severity }
  if (notes.length === 1)
    return [
      ...entry(sheet, { ...label, text: first.title }),
      ...entry(sheet, { indent: BODY, text: drawing.explain(first.id), tone: 'faint' }),
    ]
  const names = notes.slice(0, NOTED).map(({ target }) => fullName(target))
  return [
    ...entry(sheet, { ...label, text: `${first.rule.id}: ${sampled(names, notes.length)}` }),
    ...entry(sheet, { indent: BODY, text: drawing.explain(first.id), tone: 'faint' }),
  ]
}

function suppressedLines({ sheet, report }: Detail): string[] {
  if (report.suppressed.length === 0) return []
  const rows = report.suppressed.map(
    (finding) => [finding.rule.id, fullName(finding.target), suppressionOf(finding)] as const,
  )
  return [
    ...entry(sheet, { indent: 0, text: `Suppressed: ${plural(rows.length, 'finding')}`, tone: 'strong' }),
    ...grid(sheet, rows, 2),
  ]
}
