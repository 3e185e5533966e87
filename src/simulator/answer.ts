import { setImmediate } from 'node:timers/promises'
import type { Draft } from './object.ts'

/** One event of a watch. Its object is any JSON, since a fault may put anything there. */
export interface Frame {
  readonly type: string
  readonly object: unknown
  /** The line to send, when it is not what these make. */
  readonly text?: string | undefined
}

/** What the server answers: JSON, text, a list that is written piece by piece, or the events of a watch. */
export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
} & (
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly list: ListAnswer }
  | { readonly frames: AsyncGenerator<Frame> }
)

export interface ListAnswer {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: object
  readonly objects: Iterable<unknown>
}

/** Bytes of a list that are made before others get their turn: some two milliseconds' work. */
const TURN = 256 * 1024
const PIECE = 64 * 1024

/** Writes a list without ever holding all of its text. */
export async function* listBytes({ kind, apiVersion, metadata, objects }: ListAnswer): AsyncGenerator<Uint8Array> {
  const head = JSON.stringify({ kind, apiVersion, metadata })
  let text = `${head.slice(0, -1)},"items":[`
  let first = true
  let turn = 0
  for (const object of objects) {
    text += first ? JSON.stringify(object) : `,${JSON.stringify(object)}`
    first = false
    if (text.length < PIECE) continue
    yield Buffer.from(text)
    turn += text.length
    text = ''
    if (turn < TURN) continue
    turn = 0
    await setImmediate()
  }
  yield Buffer.from(`${text}]}\n`)
}

/** Writes the events of a watch, a line each. */
export async function* frameBytes(frames: AsyncIterable<Frame>): AsyncGenerator<Uint8Array> {
  let turn = 0
  for await (const frame of frames) {
    const line = Buffer.from(lineOf(frame))
    yield line
    turn += line.length
    if (turn < TURN) continue
    turn = 0
    await setImmediate()
  }
}

const lineOf = ({ type, object, text }: Frame): string =>
  text ?? `{"type":${JSON.stringify(type)},"object":${JSON.stringify(object)}}\n`

export async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** An item of a list of a built-in kind: what it is, the list says for all. */
export const withoutType = (object: Draft): object => ({ ...object, kind: undefined, apiVersion: undefined })
