import { painter, type Paint, type Tone } from './style.ts'
import { pad, safe, widthOf, wrap } from './width.ts'

/** No terminal is so narrow that words must be torn apart for it. */
const NARROWEST = 40

/** Something to write lines on: it knows how wide they may be and whether they have colours. */
export interface Sheet {
  readonly columns: number
  readonly paint: Paint
}

export const sheetOf = ({ columns, colour }: { columns: number; colour: boolean }): Sheet => ({
  columns: Math.max(NARROWEST, columns),
  paint: painter(colour),
})

/** A text with something in front of its first line; the other lines are indented to match. */
export interface Entry {
  readonly indent: number
  readonly label?: string
  /** How wide the label is drawn, with the space after it. */
  readonly labelWidth?: number
  readonly labelTone?: Tone
  readonly text: string
  readonly tone?: Tone
}

/** The lines of an entry; none for an empty text. */
export function entry({ columns, paint }: Sheet, { indent, label = '', labelWidth, ...rest }: Entry): string[] {
  const before = labelWidth ?? widthOf(label)
  const lines = wrap(safe(rest.text), columns - indent - before)
  const tone = (text: string): string => (rest.tone === undefined ? text : paint(rest.tone, text))
  return lines.map((line, index) => {
    const lead = pad(index === 0 ? label : '', before)
    const painted =
      index === 0 && label !== '' ? paint(rest.labelTone ?? 'faint', label) + lead.slice(label.length) : lead
    return `${' '.repeat(indent)}${painted}${tone(line)}`
  })
}

/** The cells of a row; the last ones are `flexible`: they are wrapped into what the others leave. */
export type Row = readonly [...string[]]

/** Columns side by side. Where the fixed ones leave no room for the flexible ones, these go below. */
export function grid(
  sheet: Sheet,
  rows: readonly Row[],
  { indent, flexible = 1 }: { indent: number; flexible?: number },
): string[] {
  const cells = rows.map((row) => row.map(safe))
  const fixed = Math.max(0, ...cells.map((row) => row.length)) - flexible
  const widths = Array.from({ length: fixed }, (_, at) => Math.max(0, ...cells.map((row) => widthOf(row[at] ?? ''))))
  const taken = indent + widths.reduce((sum, width) => sum + width + GAP, 0)
  const room = Math.floor((sheet.columns - taken - GAP * (flexible - 1)) / flexible)
  if (room < Math.min(NARROWEST / 2, sheet.columns / 4))
    return cells.flatMap((row) => stacked(row, { sheet, indent, fixed }))
  const all = [...widths, ...Array.from({ length: flexible }, () => room)]
  return cells.flatMap((row) => beside(row, all).map((line) => ' '.repeat(indent) + line))
}

const GAP = 2

function beside(row: Row, widths: readonly number[]): string[] {
  const columns = widths.map((width, at) => wrap(row[at] || '-', width))
  const height = Math.max(...columns.map((lines) => lines.length))
  return Array.from({ length: height }, (_, at) =>
    columns
      .map((lines, column) => pad(lines[at] ?? '', widths[column] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

function stacked(row: Row, { sheet, indent, fixed }: { sheet: Sheet; indent: number; fixed: number }): string[] {
  return [
    ...entry(sheet, { indent, text: row.slice(0, fixed).join('  ') }),
    ...row.slice(fixed).flatMap((text) => entry(sheet, { indent: indent + 2, text })),
  ]
}
