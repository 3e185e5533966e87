import { StatusError } from '../api.ts'
import { Encoded, readAs, type Raw } from '../encoded.ts'
import { foreign } from '../errors.ts'
import { at, object } from '../projection/object.ts'
import { mapWhere, string } from '../projection/shape.ts'
import { fieldOf, WireReader } from '../projection/wire.ts'
import { serverStatus, type ServerStatus } from '../server-status.ts'
import { WatchError } from './trouble.ts'

/** One event of a watch. `opened` is not sent by the server: it stands for its answer that the watch has begun. */
export type Frame =
  | { readonly type: 'opened' }
  | {
      readonly type: 'changed' | 'deleted'
      readonly object: Raw | Encoded
      readonly uid: string
      readonly version: string
    }
  | { readonly type: 'bookmark'; readonly version: string; readonly allSent: boolean }

const GONE = 410
const ALL_SENT = 'k8s.io/initial-events-end'

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const identity = object({
  metadata: at(
    1,
    object({
      name: at(1, string),
      uid: at(5, string),
      resourceVersion: at(6, string),
      annotations: at(
        12,
        mapWhere(string, (key) => key === ALL_SENT),
      ),
    }),
  ),
})

/**
 * Reads a line of a watch in JSON. `now` is in milliseconds.
 * @throws WatchError when it cannot be read, StatusError when it says that the watch failed.
 */
export function readFrame(line: string, now: number): Frame {
  const { type, object: raw } = parse(line)
  if (!isRaw(raw)) throw new WatchError('frame', 'a frame has no object')
  return frameOf(type, raw, now)
}

/** The same of an event in the binary form (`metav1.WatchEvent`). */
export function readBinaryFrame(bytes: Buffer, now: number): Frame {
  try {
    const { type, object: encoded } = eventIn(bytes)
    if (encoded === undefined) throw new WatchError('frame', 'a frame has no object')
    return frameOf(type, new Encoded(encoded), now)
  } catch (error) {
    if (error instanceof WatchError || error instanceof StatusError) throw error
    throw new WatchError('frame', 'a frame is not in the binary form')
  }
}

interface Event {
  type?: string
  /** In its envelope. */
  object?: Buffer
}

function eventIn(bytes: Buffer): Event {
  const reader = new WireReader(bytes)
  const event: Event = {}
  reader.fields((tag) => {
    if (fieldOf(tag) === 1) event.type = reader.text(tag)
    else if (fieldOf(tag) !== 2) return false
    else
      reader.message(tag, (part) => {
        if (fieldOf(part) !== 1) return false
        event.object = reader.bytes(part)
        return true
      })
    return true
  })
  return event
}

function frameOf(type: unknown, told: Raw | Encoded, now: number): Frame {
  if (type === 'ERROR') throw failure(readAs(serverStatus, told) ?? {}, now)
  const { name, uid, resourceVersion: version, annotations } = readAs(identity, told)?.metadata ?? {}
  if (!version) throw new WatchError('frame', 'a frame has no resourceVersion')
  if (type === 'BOOKMARK') return { type: 'bookmark', version, allSent: annotations?.[ALL_SENT] === 'true' }
  if (!uid || !name) throw new WatchError('frame', 'a frame has an object without name or uid')
  return { type: changeOf(type), object: told, uid, version }
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

const isGone = ({ code, reason }: ServerStatus): boolean => code === GONE || reason === 'Expired' || reason === 'Gone'

function failure(status: ServerStatus, now: number): Error {
  const { code, message = '', details } = status
  if (isGone(status)) return new WatchError('gone', foreign(message || 'too old resource version'))
  if (code === undefined || code < 400) return new WatchError('frame', 'the watch ended with an unknown error')
  const seconds = details?.retryAfterSeconds
  const headers = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  return new StatusError({ status: code, headers }, foreign(message || 'the watch failed'), now)
}
