import { createApp } from '../src/app.ts'
import { run } from '../src/cli/program.ts'
import { demoShop } from './demo-shop.ts'

const COLUMNS = 100
const LINES = 46

const WIDTH = 8.4
const HEIGHT = 18
const MARGIN = 16

/** Colours of a terminal on a dark ground, by the number of the escape sequence. */
const COLOURS: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
  91: '#ffa198',
}

/** `docs/scan.svg`: what a terminal shows of a scan of the demo shop, as far as a README wants it. */
export async function picture(): Promise<string> {
  let out = ''
  const io = {
    out: (text: string) => void (out += text),
    error: () => {},
    terminal: { out: true, error: false, columns: COLUMNS, rows: 24, drawable: false, colour: true },
    stop: new AbortController().signal,
    env: {},
  }
  const stdin = ReadableStream.from([demoShop()])
  const services = createApp({ env: {}, stdin, now: () => 0, stop: new AbortController().signal })
  await run(['scan', '-f', '-'], { services, io, called: 'dogwatch' })
  const lines = ['\u001b[1m$ dogwatch scan\u001b[22m', '', ...out.replaceAll(' -f -', '').split('\n').slice(0, LINES)]
  return svg([...lines, '\u001b[90m…\u001b[39m'])
}

function svg(lines: readonly string[]): string {
  const width = Math.ceil(COLUMNS * WIDTH + 2 * MARGIN)
  const height = lines.length * HEIGHT + 2 * MARGIN
  const rows = lines.map((line, i) => row(line, MARGIN + (i + 1) * HEIGHT - 4))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="dogwatch scan of a small broken shop">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

interface Style {
  readonly fill: string | undefined
  readonly bold: boolean
  readonly dim: boolean
}

const PLAIN: Style = { fill: undefined, bold: false, dim: false }

function row(line: string, y: number): string {
  let style = PLAIN
  const spans = line.split('\u001b[').map((part, i) => {
    const end = i === 0 ? 0 : part.indexOf('m') + 1
    if (i > 0)
      style = part
        .slice(0, end - 1)
        .split(';')
        .reduce(next, style)
    return end === part.length ? '' : `<tspan${attributes(style)}>${escape(part.slice(end))}</tspan>`
  })
  return `<text x="${MARGIN}" y="${y}">${spans.join('')}</text>`
}

function next(style: Style, code: string): Style {
  if (code === '0' || code === '') return PLAIN
  if (code === '1') return { ...style, bold: true }
  if (code === '2') return { ...style, dim: true }
  if (code === '22') return { ...style, bold: false, dim: false }
  if (code === '39') return { ...style, fill: undefined }
  return { ...style, fill: COLOURS[code] ?? style.fill }
}

const attributes = ({ fill, bold, dim }: Style): string =>
  `${fill ? ` fill="${fill}"` : ''}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
