import { StatusError } from '../api.ts'
import { foreign } from '../errors.ts'
import { WatchError } from './trouble.ts'

export type Raw = Readonly<Record<string, unknown>>

/** One line of a watch. `opened` is not sent by the server: it stands for its answer that the watch has begun. */
export type Frame =
  | { readonly type: 'opened' }
  | { readonly type: 'changed' | 'deleted'; readonly object: Raw; readonly uid: string; readonly version: string }
  | { readonly type: 'bookmark'; readonly version: string; readonly allSent: boolean }

const NEWLINE = 0x0a
const GONE = 410
const ALL_SENT = 'k8s.io/initial-events-end'

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Cuts a stream of bytes into lines, wherever the bytes themselves were cut. */
export class LineReader {
  readonly #longest: number
  #parts: Uint8Array[] = []
  #length = 0

  /** `longest` in bytes. */
  constructor(longest: number) {
    this.#longest = longest
  }

  /**
   * The lines that end in this chunk, without those that are empty.
   * @throws WatchError when a line is too long; it would have to be held whole.
   */
  write(chunk: Uint8Array): string[] {
    const lines: string[] = []
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end))
      const line = this.end()
      if (line !== undefined) lines.push(line)
      from = end + 1
    }
    this.#keep(chunk.subarray(from))
    return lines
  }

  /** What stands after the last line break; `undefined` when that is nothing. */
  end(): string | undefined {
    const line = Buffer.concat(this.#parts, this.#length).toString().trim()
    this.#parts = []
    this.#length = 0
    return line === '' ? undefined : line
  }

  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length
    if (this.#length > this.#longest) throw new WatchError('frame', 'a frame is too long')
    if (bytes.length > 0) this.#parts.push(bytes)
  }
}

/**
 * Reads a line of a watch. `now` is in milliseconds.
 * @throws WatchError when it cannot be read, StatusError when it says that the watch failed.
 */
export function readFrame(line: string, now: number): Frame {
  const { type, object } = parse(line)
  if (!isRaw(object)) throw new WatchError('frame', 'a frame has no object')
  if (type === 'ERROR') throw failure(object, now)
  const metadata = isRaw(object['metadata']) ? object['metadata'] : {}
  const version = textIn(metadata['resourceVersion'])
  if (version === undefined) throw new WatchError('frame', 'a frame has no resourceVersion')
  if (type === 'BOOKMARK') {
    const annotations = metadata['annotations']
    return { type: 'bookmark', version, allSent: isRaw(annotations) && annotations[ALL_SENT] === 'true' }
  }
  const uid = textIn(metadata['uid'])
  if (uid === undefined || textIn(metadata['name']) === undefined)
    throw new WatchError('frame', 'a frame has an object without name or uid')
  return { type: changeOf(type), object, uid, version }
}

function changeOf(type: unknown): 'changed' | 'deleted' {
  if (type === 'DELETED') return 'deleted'
  if (type === 'ADDED' || type === 'MODIFIED') return 'changed'
  throw new WatchError('frame', 'a frame is of an unknown type')
}

function parse(line: string): Raw {
  try {
    const frame: unknown = JSON.parse(line)
    if (isRaw(frame)) return frame
  } catch {
    // Said below, as for any other text that is no frame.
  }
  throw new WatchError('frame', 'a frame is no JSON object')
}

function failure(status: Raw, now: number): Error {
  const { code, reason, message, details } = status
  if (code === GONE || reason === 'Expired' || reason === 'Gone')
    return new WatchError('gone', foreign(textIn(message) ?? 'too old resource version'))
  if (typeof code !== 'number' || code < 400) return new WatchError('frame', 'the watch ended with an unknown error')
  const seconds = isRaw(details) ? details['retryAfterSeconds'] : undefined
  const headers = typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {}
  return new StatusError({ status: code, headers }, foreign(textIn(message) ?? 'the watch failed'), now)
}
