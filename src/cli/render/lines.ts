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

/** Columns side by side, each as wide as its widest cell; the last one is wrapped into what is left. */
export function grid(sheet: Sheet, rows: readonly (readonly [...string[]])[], indent: number): string[] {
  const cells = rows.map((row) => row.map(safe))
  const last = Math.max(0, ...cells.map((row) => row.length - 1))
  const room = sheet.columns - indent
  const widths = Array.from({ length: last }, (_, at) => Math.max(0, ...cells.map((row) => widthOf(row[at] ?? ''))))
  const fixed = widths.reduce((sum, width) => sum + width + 2, 0)
  // Where the columns leave no room for the last one, it goes below the others.
  const below = room - fixed < Math.min(30, room / 2)
  return cells.flatMap((row) => {
    const lead = row
      .slice(0, last)
      .map((cell, at) => pad(cell, widths[at] ?? 0))
      .join('  ')
    const text = row[last] ?? ''
    if (!below) return entry(sheet, { indent, label: lead, labelWidth: fixed, labelTone: 'plain', text: text || '-' })
    const first = wrap(row.slice(0, last).join('  '), room).map((line) => ' '.repeat(indent) + line)
    return [...first, ...entry(sheet, { indent: indent + 2, text })]
  })
}
