import { bytesOf, delimited, message, type Piece } from './binary.ts'
import { status } from './question.ts'
import type { LoadKind } from './slot.ts'
import type { Form } from './template.ts'

const GONE = 410
const EXPIRED = status(GONE, 'Expired', 'too old resource version')
const END = { 'k8s.io/initial-events-end': 'true' }

/** How the events of a watch are written. */
export interface StreamForm {
  readonly form: Form
  readonly contentType: string
  /** An event about an object that is written in this form. */
  readonly event: (type: string, kind: LoadKind, object: string) => string
  /** `ended`: everything that there was at first has been sent. */
  readonly bookmark: (kind: LoadKind, rv: number, ended: boolean) => string
  readonly expired: string
  /** An event that breaks off. */
  readonly truncated: string
  /** An event that is none. */
  readonly garbled: string
}

const textEvent = (type: string, object: string): string => `{"type":"${type}","object":${object}}\n`

const TEXT: StreamForm = {
  form: 'text',
  contentType: 'application/json',
  event: (type, _kind, object) => textEvent(type, object),
  bookmark: ({ kind, apiVersion }, rv, ended) => {
    const metadata = { resourceVersion: String(rv), annotations: ended ? END : {} }
    return textEvent('BOOKMARK', JSON.stringify({ kind, apiVersion, metadata }))
  },
  expired: textEvent('ERROR', EXPIRED),
  truncated: '{"type":"MODIFIED","object":{"kind":"Pod","metadata":{"na',
  garbled: '{"type":"MODIFIED","object":}\n',
}

const HEAD = 4
const BYTE = 256
const framed = (bytes: string): string => {
  let [head, rest] = ['', bytes.length]
  for (let at = 0; at < HEAD; at++, rest = Math.floor(rest / BYTE)) head = String.fromCharCode(rest % BYTE) + head
  return head + bytes
}
const binaryEvent = (type: string, of: Pick<LoadKind, 'apiVersion' | 'kind'>, object: string): string => {
  const envelope = `k8s\0${delimited(1, delimited(1, of.apiVersion) + delimited(2, of.kind))}${delimited(2, object)}`
  return framed(delimited(1, type) + delimited(2, delimited(1, envelope)))
}
const constant = (piece: Piece): string => bytesOf(piece, {})
const BROKEN = binaryEvent('MODIFIED', { apiVersion: 'v1', kind: 'Pod' }, delimited(1, 'x'.repeat(40)))

const BINARY: StreamForm = {
  form: 'binary',
  contentType: 'application/vnd.kubernetes.protobuf;stream=watch',
  event: binaryEvent,
  bookmark: (kind, rv, ended) => {
    const metadata = { resourceVersion: String(rv), annotations: ended ? END : {} }
    return binaryEvent('BOOKMARK', kind, delimited(1, constant(message(metadata, 'ObjectMeta'))))
  },
  expired: binaryEvent('ERROR', { apiVersion: 'v1', kind: 'Status' }, constant(message(JSON.parse(EXPIRED), 'Status'))),
  truncated: BROKEN.slice(0, HEAD + HEAD),
  garbled: framed('\xff'.repeat(HEAD)),
}

/** The form that is asked for first among those that there are. */
export const streamForm = (accept: string | undefined): StreamForm =>
  accept?.startsWith('application/vnd.kubernetes.protobuf') === true ? BINARY : TEXT
