import { setImmediate } from 'node:timers/promises'
import { abortError, sleep } from '../util/clock.ts'
import { NetworkFault, type FaultEffect, type FaultTools } from './faults.ts'
import { failure } from './status.ts'
import type { ObjectTable } from './table.ts'

const REASONS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden'],
  404: ['NotFound', 'the server could not find the requested resource'],
  410: ['Expired', 'too old resource version'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  500: ['InternalError', 'Internal error occurred: etcdserver: request timed out'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
}
/** What a proxy in between says, which is no Status. */
const PROXY: Readonly<Record<number, string>> = { 502: '502 Bad Gateway\n' }

export interface Refused {
  /** The header as it is sent: seconds, a date, or nonsense. */
  readonly retryAfter?: string | undefined
  readonly message?: string | undefined
}

/** Answers with a status and no more, in place of what the server has to say. */
export function refuseWith(status: number, { retryAfter, message }: Refused = {}): FaultEffect {
  const [reason = 'Unknown', words = `HTTP status ${status}`] = REASONS[status] ?? []
  const text = PROXY[status]
  const headers = {
    'content-type': text === undefined ? 'application/json' : 'text/plain; charset=utf-8',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  }
  return {
    answer: () => ({ status, headers, body: text ?? JSON.stringify(failure(status, reason, message ?? words)) }),
  }
}

/** 429 as priority and fairness sends it: text, not a Status. `undefined`: without the header. */
export const throttle = (retryAfter: string | undefined = '1'): FaultEffect => ({
  answer: () => ({
    status: 429,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    },
    body: 'Too many requests, please try again later.\n',
  }),
})

/** No connection is made; over HTTP, where there is one already, it breaks before a byte comes. */
export const refuseConnection = (): FaultEffect => ({
  before: async (tools) => {
    tools.reached()
    throw new NetworkFault('ECONNREFUSED')
  },
})

/** The answer begins so many milliseconds late; without a number it never does. */
export const answerLate = (ms = Number.POSITIVE_INFINITY): FaultEffect => ({
  before: async (tools) => {
    tools.reached()
    await pause(tools, ms)
  },
})

/** Answers from an older (or another) state of the cluster. */
export const answerFrom = (table: ObjectTable): FaultEffect => ({ from: table })

/** Where on its way something happens to an answer. */
export interface Place {
  /** After so many events of a watch. */
  readonly frames?: number | undefined
  /** After so many bytes. */
  readonly bytes?: number | undefined
}

/** The connection breaks. */
export const resetAfter = (place: Place): FaultEffect =>
  stopAt(place, async (tools) => {
    tools.reached()
    throw new NetworkFault('ECONNRESET')
  })

/** From there on nothing is sent any more, and the connection stays. */
export const stallAfter = (place: Place): FaultEffect =>
  stopAt(place, async (tools) => {
    tools.reached()
    await pause(tools, Number.POSITIVE_INFINITY)
  })

/** The answer ends there as if it were whole; by bytes that may be in the middle of an event. */
export const cutAfter = (place: Place): FaultEffect =>
  stopAt(place, async (tools) => {
    tools.reached()
    tools.ends('cut')
  })

function stopAt({ frames, bytes }: Place, stop: (tools: FaultTools) => Promise<void>): FaultEffect {
  if (frames === undefined) return { bytes: (chunks, tools) => firstBytes(chunks, bytes ?? 0, () => stop(tools)) }
  return {
    frames: async function* (all, tools) {
      let left = frames
      if (left > 0)
        for await (const frame of all) {
          yield frame
          if (--left === 0) break
        }
      if (left === 0) await stop(tools)
    },
  }
}

async function* firstBytes(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
  stop: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let left = count
  if (left > 0)
    for await (const chunk of chunks) {
      yield chunk.subarray(0, left)
      left -= Math.min(left, chunk.length)
      if (left === 0) break
    }
  if (left === 0) await stop()
}

/** The bytes come in pieces of these sizes, over and over. */
export const splitInto = (sizes: readonly number[]): FaultEffect => ({
  bytes: async function* (chunks, tools) {
    let turn = 0
    for await (const chunk of chunks)
      for (let from = 0; from < chunk.length;) {
        const size = Math.max(1, sizes[turn++ % sizes.length] ?? chunk.length)
        tools.reached()
        yield chunk.subarray(from, from + size)
        from += size
        if (turn % 256 === 0) await setImmediate()
      }
  },
})

/** So many bytes at a time, so many milliseconds apart: `trickle(1, 1000)` is one byte a second. */
export const trickle = (bytes: number, ms: number): FaultEffect => ({
  bytes: async function* (chunks, tools) {
    for await (const chunk of chunks)
      for (let from = 0; from < chunk.length; from += bytes) {
        await pause(tools, ms)
        tools.reached()
        yield chunk.subarray(from, from + bytes)
      }
  },
})

/** Waits, for ever if need be; fails when the exchange is over. */
export function pause({ clock, signal }: Pick<FaultTools, 'clock' | 'signal'>, ms: number): Promise<void> {
  if (Number.isFinite(ms)) return sleep(clock, ms, signal)
  return new Promise((_, reject) => {
    const stop = (): void => reject(abortError(signal))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
