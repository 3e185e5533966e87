const NOTE = '<!-- Made from the code by `npm run update`. Do not edit. -->'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

export const code = (text: string): string => `\`${text}\``

/** A generated page. */
export const page = (title: string, parts: readonly string[]): string =>
  `# ${title}\n\n${NOTE}\n\n${parts.join('\n\n')}\n`
