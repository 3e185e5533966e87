import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../util/json-bytes.ts'

const KEY = Buffer.from('"managedFields":[')
/** What a watch says of a pod begins so, and its owners stand before its managed fields: that is how a server writes it. */
const OF_POD = Buffer.from('"object":{"kind":"Pod",')
const OWNERS = Buffer.from('"ownerReferences":[')
const CONTROLLED = Buffer.from('"controller":true')
const HEAD = 64

/**
 * The text of one line of a watch. If it is of a pod that a controller made, the list of its managed fields is left empty: its projection
 * drops them too (`metaOfMade`), and parsing them takes a third of the time of parsing such a pod, two fifths of which they are. As
 * part of a string no key can be met, since quotes are escaped there. Whatever is written in another way is given as it is, and so is a list
 * without an end, for whoever parses it to refuse; what is in the list is not looked at.
 */
export function textOf(line: Buffer): string {
  const begin = isOfPod(line) ? listIn(line) : undefined
  const end = begin === undefined ? undefined : endOfList(line, begin)
  return end === undefined ? line.toString() : line.toString('utf8', 0, begin) + line.toString('utf8', end)
}

const isOfPod = (line: Buffer): boolean => line.subarray(0, HEAD).includes(OF_POD)

/** Where the list of managed fields begins, if it is of an object that is controlled. */
function listIn(line: Buffer): number | undefined {
  const owners = line.indexOf(OWNERS)
  const key = owners < 0 ? -1 : line.indexOf(KEY, owners)
  return key >= 0 && line.subarray(owners, key).includes(CONTROLLED) ? key + KEY.length : undefined
}

/** Where the bracket stands that closes a list. */
function endOfList(line: Buffer, begin: number): number | undefined {
  let depth = 1
  for (let at = begin; at < line.length; at++) {
    const byte = line[at]
    if (byte === QUOTE) at = endOfString(line, at + 1)
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at
  }
  return undefined
}

/** Where the quote stands that closes a string. */
function endOfString(line: Buffer, begin: number): number {
  let at = begin
  while (at < line.length && line[at] !== QUOTE) at += line[at] === BACKSLASH ? 2 : 1
  return at
}
