import { pipeline, Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import { frameBytes, listBytes, oneChunk, type Answer, type Frame } from './answer.ts'

export interface Encoded {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: AsyncGenerator<Uint8Array>
}

/** From here on the real server compresses. */
const LARGE = 128 * 1024

/** Makes bytes of an answer; a large list is compressed for whoever takes that. `onFrames` may change the events of a watch. */
export async function encode(
  answer: Answer,
  acceptEncoding: string | undefined,
  onFrames: (frames: AsyncIterable<Frame>) => AsyncIterable<Frame>,
): Promise<Encoded> {
  const headers = { 'content-type': 'application/json', ...answer.headers }
  const { status } = answer
  if ('frames' in answer) return { status, headers, bytes: frameBytes(onFrames(answer.frames)) }
  if ('text' in answer) return { status, headers, bytes: oneChunk(answer.text) }
  if ('json' in answer) return { status, headers, bytes: oneChunk(`${JSON.stringify(answer.json)}\n`) }
  const bytes = listBytes(answer.list)
  if (acceptEncoding?.includes('gzip') !== true) return { status, headers, bytes }
  const { large, all } = await peek(bytes)
  if (!large) return { status, headers, bytes: all }
  return { status, headers: { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, bytes: gzipped(all) }
}

async function peek(bytes: AsyncGenerator<Uint8Array>): Promise<{ large: boolean; all: AsyncGenerator<Uint8Array> }> {
  const first: Uint8Array[] = []
  let size = 0
  while (size < LARGE) {
    const next = await bytes.next()
    if (next.done === true) break
    first.push(next.value)
    size += next.value.length
  }
  return { large: size >= LARGE, all: joined(first, bytes) }
}

async function* joined(first: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first
  yield* rest
}

async function* gzipped(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  // A failure of the source comes out of the compressed stream, so there is nothing left to do here.
  pipeline(Readable.from(bytes), gzip, () => undefined)
  for await (const chunk of gzip as AsyncIterable<Uint8Array>) yield chunk
}
