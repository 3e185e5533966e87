import type { Row } from './lines.ts'
import { cut, pad, safe, widthOf } from './width.ts'

const GAP = 2
/** A last column that is narrower than this says nothing. */
const NARROWEST = 8

interface Fitting {
  /** How wide a line may be. */
  readonly columns: number
  /** Columns of numbers, which end together. */
  readonly right?: readonly number[]
  /** Whether the last column takes what is left and is cut; else each column is as wide as its widest cell. */
  readonly cutLast?: boolean
}

/** One line for each row, whatever is in it. Where columns do not fit, the last ones are left out. Text is made safe. */
export function columnLines(rows: readonly Row[], fitting: Fitting): string[][] {
  const cells = rows.map((row) => row.map(safe))
  const count = Math.max(0, ...cells.map((row) => row.length))
  for (let shown = count; shown > 0; shown--) {
    const widths = widthsOf(cells, shown, fitting)
    if (widths) return cells.map((row) => padded(row.slice(0, shown), widths, fitting.right ?? []))
  }
  return cells.map(([first = '']) => [cut(first, fitting.columns)])
}

function widthsOf(
  cells: readonly string[][],
  shown: number,
  { columns, cutLast = false }: Fitting,
): number[] | undefined {
  const widths = Array.from({ length: shown }, (_, at) => Math.max(0, ...cells.map((row) => widthOf(row[at] ?? ''))))
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0)
  const last = widths.at(-1) ?? 0
  if (before + last <= columns) return widths
  const left = columns - before
  return cutLast && left >= NARROWEST ? [...widths.slice(0, -1), left] : undefined
}

const padded = (row: readonly string[], widths: readonly number[], right: readonly number[]): string[] =>
  widths.map((width, at) => {
    const cell = cut(row[at] ?? '', width)
    if (right.includes(at)) return ' '.repeat(Math.max(0, width - widthOf(cell))) + cell
    return at === widths.length - 1 ? cell : pad(cell, width)
  })

/** The cells of a line as they are printed. */
export const joined = (cells: readonly string[]): string => cells.join(' '.repeat(GAP)).trimEnd()
