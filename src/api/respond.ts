import { setImmediate } from 'node:timers/promises'
import type { Context } from 'hono'
import type { AppEnv } from './app.ts'

/** Bytes that go out at a time; an answer that is no larger goes out whole. */
const CHUNK = 128 * 1024

const JSON_TYPE = 'application/json'

export const json = (c: Context<AppEnv>, value: unknown, status: 200 | 503 = 200): Response =>
  c.body(`${JSON.stringify(value)}\n`, status, { 'content-type': JSON_TYPE })

/** Text, or JSON that is encoded already. */
type Source = Iterable<string | Uint8Array> | AsyncIterable<string>

/**
 * An answer in pieces, made only as fast as the client takes them: a slow client holds one chunk, not the whole.
 */
export async function pieces(
  c: Context<AppEnv>,
  source: Source,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const chunks: Chunks = inChunks(source)
  const first = await next(chunks)
  const second = first === undefined ? undefined : await next(chunks)
  const all = { 'content-type': JSON_TYPE, ...headers }
  if (first === undefined || second === undefined) return c.body(first ?? '', 200, all)
  return c.body(streamOf([first, second], chunks), 200, all)
}

function streamOf(begun: Bytes[], rest: Chunks): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const waiting = begun.shift()
        if (waiting !== undefined) return controller.enqueue(waiting)
        // Others get their turn: a client that takes all at once would else hold up the process for the whole answer.
        await setImmediate()
        const bytes = await next(rest)
        if (bytes === undefined) controller.close()
        else controller.enqueue(bytes)
      },
      async cancel() {
        await rest.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

type Bytes = Uint8Array<ArrayBuffer>
type Chunks = AsyncGenerator<Bytes, undefined>

const next = async (chunks: Chunks): Promise<Bytes | undefined> => (await chunks.next()).value

async function* inChunks(source: Source): Chunks {
  const chunk = new Chunk()
  // A turn of the event loop for each of many small pieces would cost more than the pieces.
  if (Symbol.iterator in source) for (const part of source) if (chunk.add(part)) yield chunk.take()
  if (Symbol.asyncIterator in source) for await (const part of source) if (chunk.add(part)) yield chunk.take()
  if (chunk.size > 0) yield chunk.take()
  return undefined
}

class Chunk {
  #parts: Uint8Array[] = []
  size = 0

  /** Whether it is large enough to go out. */
  add(part: string | Uint8Array): boolean {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    this.#parts.push(bytes)
    this.size += bytes.length
    return this.size >= CHUNK
  }

  take(): Bytes {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.size = 0
    return bytes
  }
}
