import type { Render } from './report.ts'

// What `plainText` takes out for people. A tool gets it, but not so that a terminal would obey it when somebody looks.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string =>
  character === '\n'
    ? character
    : Array.from(
        { length: character.length },
        (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
      ).join('')

/** JSON for tools: the data as it is, with every control and format character in a string as an escape. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2).replaceAll(UNSAFE, escaped)}\n`

/** The same on one line. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value).replaceAll(UNSAFE, escaped)}\n`

export const json: Render = (envelope) => jsonText(envelope)
