import { CATEGORIES } from '../../engine/rule.ts'
import type { Envelope } from '../../sinks/envelope.ts'
import { entry, grid, type Sheet } from './lines.ts'
import { counts, doubts, lookedAt, type Drawing, type Report } from './report.ts'
import { isVisible, listed, plural, unknownReason, unreadText } from './words.ts'

interface Page {
  readonly sheet: Sheet
  readonly drawing: Drawing
}

/** What stands below the findings: what is not known, how healthy it all is, and one last line of counts. */
export function summary(envelope: Envelope, report: Report, page: Page): string[][] {
  return [
    unreadLines(envelope, page.sheet),
    unknownLines(envelope, page.sheet),
    scoreLines(envelope, page.sheet),
    countLines(envelope, report, page),
  ]
}

function unreadLines({ incomplete }: Envelope, sheet: Sheet): string[] {
  if (incomplete.length === 0) return []
  return [
    ...entry(sheet, { indent: 0, text: 'Could not be read', tone: 'bad' }),
    ...incomplete.flatMap((unread) => entry(sheet, { indent: 2, text: unreadText(unread) })),
  ]
}

function unknownLines({ unknown }: Envelope, sheet: Sheet): string[] {
  if (unknown.length === 0) return []
  const rows = unknown.map(
    ({ rule, reason, detail, subjects }) =>
      [rule, plural(subjects.count, 'object'), detail ?? unknownReason(reason)] as const,
  )
  return [...entry(sheet, { indent: 0, text: 'Unknown', tone: 'strong' }), ...grid(sheet, rows, { indent: 2 })]
}

const BAR = 10

function scoreLines({ scores }: Envelope, { columns, paint }: Sheet): string[] {
  const cells = CATEGORIES.map((category) => {
    const score = scores[category]
    const full = Math.floor((score / 100) * BAR)
    const bar = '█'.repeat(full) + '░'.repeat(BAR - full)
    const tone = score === 100 ? 'good' : score >= 75 ? 'medium' : 'bad'
    const text = `${category.padEnd(10)} ${bar} ${String(score).padStart(3)}`
    return { width: text.length, text: text.replace(bar, paint(tone, bar)) }
  })
  const perLine = Math.max(1, Math.floor((columns + 3) / ((cells[0]?.width ?? 0) + 3)))
  return Array.from({ length: Math.ceil(cells.length / perLine) }, (_, line) =>
    cells
      .slice(line * perLine, (line + 1) * perLine)
      .map(({ text }) => text)
      .join('   '),
  )
}

function countLines(envelope: Envelope, report: Report, { sheet, drawing }: Page): string[] {
  const open = doubts(envelope, drawing)
  const quiet = !envelope.items.some(isVisible)
  const found = quiet ? quietLine(report, open) : [...counts(envelope, report), ...open].join('; ')
  const tone = quiet && open.length === 0 ? 'good' : 'strong'
  return entry(sheet, { indent: 0, text: `${found}. ${lookedAt(envelope, drawing)}`, tone })
}

function quietLine({ suppressed }: Report, open: readonly string[]): string {
  const beside = suppressed.length > 0 ? ` (${suppressed.length} suppressed)` : ''
  return open.length === 0 ? `All is well: no fault found${beside}` : `No fault found${beside}, but ${listed(open)}`
}
