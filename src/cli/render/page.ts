import { plainText } from '../../util/text.ts'
import { entry, grid, type Row, type Sheet } from './lines.ts'

const INDENT = 2

type Block =
  | { readonly kind: 'heading' | 'text'; readonly text: string }
  | { readonly kind: 'item'; readonly bullet: string; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'table'; readonly rows: readonly Row[] }
  | { readonly kind: 'gap' }

/** Where a block starts, and how many lines it takes. */
type Reader = (lines: readonly string[]) => { block: Block; taken: number } | undefined

const ITEM = /^(\s*(?:[-*]|\d+\.) )(.*)$/
const isBlank = (line: string): boolean => line.trim() === ''
const isFence = (line: string): boolean => line.trimStart().startsWith('```')
const isRow = (line: string): boolean => line.startsWith('|')
const startsBlock = (line: string): boolean =>
  isBlank(line) || isFence(line) || isRow(line) || line.startsWith('#') || ITEM.test(line)

function until(lines: readonly string[], from: number, stop: (line: string) => boolean): number {
  const found = lines.findIndex((line, at) => at >= from && stop(line))
  return found < 0 ? lines.length : found
}

const joined = (lines: readonly string[]): string => lines.map((line) => line.trim()).join(' ')

/** The cells of a line of a table; the line below the heads has none. */
function rowOf(line: string): Row[] {
  const [first = '', ...others] = line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => unmarked(cell.replaceAll(String.raw`\|`, '|').trim()))
  return [first, ...others].every((cell) => /^:?-+:?$/.test(cell)) ? [] : [[first, ...others]]
}

/** In the order they are tried on the first of the lines that are left; the last one takes anything. */
const READERS: readonly Reader[] = [
  ([first = '']) => (isBlank(first) ? { block: { kind: 'gap' }, taken: 1 } : undefined),
  (lines) => {
    if (!isFence(lines[0] ?? '')) return undefined
    const end = until(lines, 1, isFence)
    return { block: { kind: 'code', lines: lines.slice(1, end) }, taken: end + 1 }
  },
  (lines) => {
    const end = until(lines, 0, (line) => !isRow(line))
    return end === 0 ? undefined : { block: { kind: 'table', rows: lines.slice(0, end).flatMap(rowOf) }, taken: end }
  },
  ([first = '']) =>
    first.startsWith('#') ? { block: { kind: 'heading', text: first.replace(/^#+ */, '') }, taken: 1 } : undefined,
  (lines) => {
    const [, bullet, text] = ITEM.exec(lines[0] ?? '') ?? []
    if (bullet === undefined) return undefined
    const end = until(lines, 1, startsBlock)
    return { block: { kind: 'item', bullet, text: joined([text ?? '', ...lines.slice(1, end)]) }, taken: end }
  },
  (lines) => {
    const end = until(lines, 1, startsBlock)
    return { block: { kind: 'text', text: joined(lines.slice(0, end)) }, taken: end }
  },
]

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let rest: readonly string[] = text.trim().split('\n')
  while (rest.length > 0) {
    const left = rest
    const read = READERS.map((reader) => reader(left)).find((one) => one !== undefined)
    if (!read) break
    blocks.push(read.block)
    rest = rest.slice(read.taken)
  }
  return blocks.filter(({ kind }, at) => kind !== 'gap' || blocks[at - 1]?.kind !== 'gap')
}

function linesOf(block: Block, sheet: Sheet): string[] {
  if (block.kind === 'gap') return ['']
  if (block.kind === 'code') return block.lines.flatMap((line) => codeLine(line, sheet))
  if (block.kind === 'table')
    return grid(sheet, block.rows, { indent: INDENT, flexible: Math.max(0, ...block.rows.map((row) => row.length)) })
  const text = unmarked(block.text)
  if (block.kind === 'heading') return entry(sheet, { indent: INDENT, text, tone: 'strong' })
  const label = block.kind === 'item' ? block.bullet : ''
  return entry(sheet, { indent: INDENT, label, labelTone: 'plain', text })
}

// Spaces in front of code mean something; the rest of the line goes the way of all text.
function codeLine(line: string, sheet: Sheet): string[] {
  const plain = plainText(line)
  const indent = plain.length - plain.trimStart().length
  return entry(sheet, { indent: INDENT + 2 + Math.min(indent, 8), text: plain, tone: 'faint' })
}

const unmarked = (text: string): string =>
  text
    .replaceAll(/\[([^\]]*)\]\((https?:[^)]*)\)/g, '$1 ($2)')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*([^*]+)\*\*/g, '$1')
    .replaceAll(/`([^`]+)`/g, '$1')

/**
 * A page of Markdown as plain text for a terminal: headings stand out, paragraphs are wrapped, code is left as it is.
 * Knows what runbook pages use; anything else is text.
 */
export const pageLines = (text: string, sheet: Sheet): string[] =>
  blocksOf(text).flatMap((block) => linesOf(block, sheet))
