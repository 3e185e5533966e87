const KEY = Buffer.from('"managedFields":[')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * The JSON text in these bytes with its lists of managed fields emptied, as servers write them. They are two fifths of a pod and nobody here
 * reads them, yet parsing them takes a third of the time of parsing all. As part of a string the key cannot be met: its quotes are escaped
 * there. What has no end stands as it is, for whoever parses it to refuse; what is in the lists is not looked at.
 */
export function withoutManagedFields(bytes: Buffer): string {
  let text = ''
  let from = 0
  for (let key = bytes.indexOf(KEY); key >= 0; key = bytes.indexOf(KEY, from)) {
    const begin = key + KEY.length
    const end = endOfList(bytes, begin)
    if (end === undefined) break
    text += bytes.toString('utf8', from, begin)
    from = end
  }
  return text + bytes.toString('utf8', from)
}

/** Where the bracket stands that closes a list. */
function endOfList(bytes: Buffer, begin: number): number | undefined {
  let depth = 1
  for (let at = begin; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at + 1)
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at
  }
  return undefined
}

/** Where the quote stands that closes a string. */
function endOfString(bytes: Buffer, begin: number): number {
  let at = begin
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
