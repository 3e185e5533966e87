import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'

/** Bytes that are written at once. */
const CHUNK = 128 * 1024

/**
 * Writes texts as fast as the client takes them, and no faster: what it does not take is not made.
 * @returns whether the client is still there.
 */
export async function send(response: ServerResponse, texts: Iterable<string>): Promise<boolean> {
  let chunk = ''
  for (const text of texts) {
    chunk += text
    if (chunk.length < CHUNK) continue
    if (!(await write(response, chunk))) return false
    chunk = ''
  }
  return chunk === '' ? !response.destroyed : write(response, chunk)
}

async function write(response: ServerResponse, chunk: string): Promise<boolean> {
  if (response.destroyed) return false
  // All of it is ASCII.
  if (response.write(chunk, 'latin1')) await setImmediate()
  else await drained(response)
  return !response.destroyed
}

async function drained(response: ServerResponse): Promise<void> {
  const either = new AbortController()
  const { signal } = either
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })])
  either.abort()
}
