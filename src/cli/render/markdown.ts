import { CATEGORIES } from '../../engine/rule.ts'
import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import {
  counts,
  doubts,
  effectsOf,
  lookedAt,
  reportOf,
  type Drawing,
  type Place,
  type Render,
  type Report,
} from './report.ts'
import { safe } from './width.ts'
import { askedOf, factOf, fullName, ownerOf, seenOf, shortName, standing, unknownReason, verdictOf } from './words.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
/** Ends a word for whoever looks for names of people or numbers of issues in it, and shows nothing. */
const BREAK = '<!-- -->'

/** Text from a cluster for a page of Markdown: no markup of its own, no HTML, no mention of people or issues. */
export const escapeMarkdown = (text: string): string =>
  safe(text)
    .replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(/[\\`*_[\]|~$]/g, String.raw`\$&`)
    .replaceAll(/[@#](?=\w)/g, `$&${BREAK}`)

/** Text from a cluster as code, which is shown as it is. */
export function code(text: string): string {
  const plain = safe(text)
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return plain === '' ? '' : longest > 0 ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`
}

// A table splits at any pipe, in code too, and no escape is sure there.
const cell = (text: string): string => code(text.replaceAll('|', '¦'))

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const grid = (headings: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : [row(headings), row(headings.map(() => '---')), ...rows.map(row)]

const section = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`## ${heading}`, '', ...lines]

/** A report that can be put into an issue as it is. */
export const markdown: Render = (envelope, drawing) => {
  const report = reportOf(envelope)
  const parts = [
    head(envelope, report, drawing),
    ...report.places.map((place) => placeLines(place, { envelope, report, drawing })),
    section(
      'Worth knowing',
      report.notes.map((note) => noteLine(note)),
    ),
    section('Could not be read', unreadLines(envelope)),
    section('Unknown', unknownLines(envelope)),
    section('Suppressed', suppressedLines(report)),
    section(
      'Health',
      grid(
        ['category', 'of 100'],
        CATEGORIES.map((category) => [category, String(envelope.scores[category])]),
      ),
    ),
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function head(envelope: Envelope, report: Report, drawing: Drawing): string[] {
  const [first = '', ...others] = counts(envelope, report)
  const rest = [...others, ...doubts(envelope, drawing)]
  return [
    `# dogwatch: ${first}`,
    '',
    `Cluster ${code(envelope.cluster)}. ${lookedAt(envelope, drawing)}`,
    ...(rest.length > 0 ? [`Also: ${rest.join('; ')}.`] : []),
  ]
}

interface Page {
  readonly envelope: Envelope
  readonly report: Report
  readonly drawing: Drawing
}

function placeLines({ namespace, findings }: Place, page: Page): string[] {
  const heading = namespace === undefined ? 'Cluster' : `Namespace ${escapeMarkdown(namespace)}`
  return section(
    heading,
    findings.flatMap((finding, at) => [...(at === 0 ? [] : ['']), ...findingLines(finding, page)]),
  )
}

function findingLines(finding: FindingView, { envelope, report, drawing }: Page): string[] {
  const { severity, title, message, evidence, recommendations, rule } = finding
  const owner = ownerOf(finding)
  const effects = effectsOf(finding, report).map(escapeMarkdown)
  return [
    `### ${severity}: ${escapeMarkdown(title)}`,
    '',
    // Never at the beginning of a line, where it could begin a heading or a list of its own.
    `- seen: ${escapeMarkdown(message)}`,
    `- rule ${code(rule.id)}, ${standing(finding, envelope.generatedAt)}`,
    ...(effects.length === 0 ? [] : [`- explains ${effects.join('; ')}`]),
    ...(owner === undefined ? [] : [`- configured by ${escapeMarkdown(owner)}: mend it there`]),
    ...recommendations.map((one) => `- remedy: ${escapeMarkdown(one.effect)} (${escapeMarkdown(verdictOf(one))})`),
    ...(drawing.explain ? [`- more: ${code(drawing.explain(finding.id))}`] : []),
    '',
    ...grid(
      ['fact', 'asked', 'seen'],
      evidence.map((one) => [cell(factOf(one)), escapeMarkdown(askedOf(one)), escapeMarkdown(seenOf(one))]),
    ),
  ]
}

const noteLine = ({ severity, title, id }: FindingView): string =>
  `- ${severity}: ${escapeMarkdown(title)} (${code(id)})`

const unreadLines = ({ incomplete }: Envelope): string[] =>
  incomplete.map(
    ({ resource, reason, detail }) =>
      `- ${code(resource)}: ${reason === 'forbidden' ? 'no permission' : 'failed'} (${escapeMarkdown(detail)})`,
  )

const unknownLines = ({ unknown }: Envelope): string[] =>
  grid(
    ['rule', 'objects', 'what is missing'],
    unknown.map(({ rule, reason, detail, subjects: { count, sample } }) => [
      cell(rule),
      count === 1 && sample[0] !== undefined ? cell(shortName(sample[0])) : String(count),
      escapeMarkdown(detail ?? unknownReason(reason)),
    ]),
  )

const suppressedLines = ({ suppressed }: Report): string[] =>
  suppressed.map(
    ({ rule, target, suppressedBy }) =>
      `- ${code(rule.id)} of ${code(fullName(target))}: ${escapeMarkdown(suppressedBy?.reason ?? '')}`,
  )
