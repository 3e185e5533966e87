import { setImmediate } from 'node:timers/promises'
import type { Context } from 'hono'
import type { AppEnv } from './app.ts'

/** Bytes that go out at a time; an answer that is no larger goes out whole. */
const CHUNK = 64 * 1024

const JSON_TYPE = 'application/json'

export const json = (c: Context<AppEnv>, value: unknown, status: 200 | 503 = 200): Response =>
  c.body(`${JSON.stringify(value)}\n`, status, { 'content-type': JSON_TYPE })

/**
 * An answer in pieces, made only as fast as the client takes them: a slow client holds one chunk, not the whole.
 */
export async function pieces(
  c: Context<AppEnv>,
  source: Iterable<string> | AsyncIterable<string>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const chunks: Chunks = inChunks(source)
  const first = await textOf(chunks)
  const second = first === undefined ? undefined : await textOf(chunks)
  const all = { 'content-type': JSON_TYPE, ...headers }
  if (first === undefined || second === undefined) return c.body(first ?? '', 200, all)
  return c.body(streamOf([first, second], chunks), 200, all)
}

function streamOf(begun: string[], rest: Chunks): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const waiting = begun.shift()
        if (waiting !== undefined) return controller.enqueue(encoder.encode(waiting))
        // Others get their turn: a client that takes all at once would else hold up the process for the whole answer.
        await setImmediate()
        const text = await textOf(rest)
        if (text === undefined) controller.close()
        else controller.enqueue(encoder.encode(text))
      },
      async cancel() {
        await rest.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

type Chunks = AsyncGenerator<string, undefined>

const textOf = async (chunks: Chunks): Promise<string | undefined> => (await chunks.next()).value

async function* inChunks(source: Iterable<string> | AsyncIterable<string>): Chunks {
  const chunk = new Chunk()
  // A turn of the event loop for each of many small pieces would cost more than the pieces.
  if (Symbol.iterator in source) for (const part of source) if (chunk.add(part)) yield chunk.take()
  if (Symbol.asyncIterator in source) for await (const part of source) if (chunk.add(part)) yield chunk.take()
  if (chunk.size > 0) yield chunk.take()
  return undefined
}

class Chunk {
  #parts: string[] = []
  size = 0

  /** Whether it is large enough to go out. */
  add(part: string): boolean {
    this.#parts.push(part)
    this.size += part.length
    return this.size >= CHUNK
  }

  take(): string {
    const text = this.#parts.join('')
    this.#parts = []
    this.size = 0
    return text
  }
}
