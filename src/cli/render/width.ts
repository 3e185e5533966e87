import { plainText } from '../../util/text.ts'

// East Asian wide and full-width characters, and what is drawn as a picture: two cells of a terminal each.
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u
const MARK = /[\p{Mn}\p{Me}]/u
const ASCII = /^[\x20-\x7E]*$/

/** How much of one text of a cluster is shown; a name or a message that is longer was made to flood a screen. */
const LONGEST = 1000

/** Text from a cluster made safe for one line: no control or format characters, no half of a character, no flood. */
export function safe(text: string): string {
  const plain = plainText(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
  return plain.toWellFormed().replaceAll(/\s+/g, ' ').trim()
}

const cells = (character: string): number => (MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** How many cells of a terminal a line takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const character of text) width += cells(character)
  return width
}

/** Fills a text up with spaces to a width. */
export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Cuts a text to a width, with `…` for what is gone. */
export function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${take(text, width - 1)}…`
}

/** The longest beginning of a text that fits; at least one character, so that whoever asks again comes to an end. */
function take(text: string, width: number): string {
  let taken = ''
  let used = 0
  for (const character of text) {
    used += cells(character)
    if (used > width && taken !== '') break
    taken += character
  }
  return taken
}

/** Breaks a text into lines of at most a width, between words where that is possible. An empty text is no line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((long) => pieces(long, width))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

function pieces(word: string, width: number): string[] {
  const found: string[] = []
  let rest = word
  while (widthOf(rest) > width) {
    const piece = take(rest, width)
    found.push(piece)
    rest = rest.slice(piece.length)
  }
  return rest === '' ? found : [...found, rest]
}
