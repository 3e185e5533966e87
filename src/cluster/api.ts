import { setImmediate } from 'node:timers/promises'
import { sleep, type Clock } from '../util/clock.ts'
import { JsonListReader } from '../util/json-list.ts'
import { formatBytes } from '../util/quantity.ts'
import { isBinary } from './encoded.ts'
import { ClusterError, foreign } from './errors.ts'
import { retryAfterOf } from './retry-after.ts'
import { messageIn } from './server-status.ts'
import { TransportError, type ApiRequest, type ApiResponse, type Transport } from './transport.ts'

export interface ApiOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** How often one thing is asked for before it counts as failed. */
  readonly tries?: number
  /** Longest Retry-After, in milliseconds, that is waited for. */
  readonly longestWait?: number
  /** Most bytes of one answer. */
  readonly largestAnswer?: number
}

/** A refusal by the API server, in its own words. */
export class StatusError extends ClusterError {
  readonly status: number
  /** Milliseconds after which the server wants to be asked again; `undefined` when it does not say. */
  readonly retryAfter: number | undefined

  constructor({ status, headers }: Pick<ApiResponse, 'status' | 'headers'>, message: string, now: number) {
    super(message)
    this.status = status
    this.retryAfter = retryAfterOf(headers, now)
  }
}

/** What is asked for: a path below the server's root and its query. */
export type Question = Pick<ApiRequest, 'path' | 'query' | 'headers' | 'idleAfter'>

const TOO_MANY_REQUESTS = 429
/** Without another word of the server, milliseconds before it is asked again. */
const SHORT_WAIT = 1000
/** Bytes that are read before others get their turn: about a millisecond's work. */
const TURN = 64 * 1024
const LARGEST_REFUSAL = 64 * 1024

/** Reads JSON from an API server: with patience where it asks for patience, within bounds, and never holding up the process. */
export class Api {
  readonly place: string
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  readonly #options: ApiOptions
  #requests = 0
  #serverTime: number | undefined

  constructor(options: ApiOptions) {
    this.#options = options
    this.place = options.transport.place
    this.clock = options.clock
    this.signal = options.signal
  }

  /** How many requests were sent. */
  get requests(): number {
    return this.#requests
  }

  /** The latest time that the server has told, in milliseconds: this machine's clock may be wrong, and all times in objects are the cluster's. */
  get serverTime(): number | undefined {
    return this.#serverTime
  }

  /**
   * Reads an object; of a List, each item is handed on as it arrives and is left out of what is returned.
   * After a failure it may begin again, so `start` is called before each try and gives the handler of that try's items.
   * @throws StatusError when the server refuses, TransportError when it cannot be asked, ClusterError when its answer is useless.
   */
  async read(question: Question, start: () => (item: unknown) => void): Promise<unknown> {
    const { tries = 4 } = this.#options
    for (let left = tries - 1; ; left--) {
      try {
        return await this.#once(question, start())
      } catch (error) {
        const wait = left > 0 ? this.#waitBeforeRetry(error) : undefined
        if (wait === undefined) throw error
        await sleep(this.clock, wait, this.signal)
      }
    }
  }

  #waitBeforeRetry(error: unknown): number | undefined {
    const { longestWait = 30_000 } = this.#options
    if (error instanceof TransportError) return error.fault === 'reset' ? SHORT_WAIT : undefined
    if (!(error instanceof StatusError)) return undefined
    const wait = error.retryAfter ?? (error.status === TOO_MANY_REQUESTS ? SHORT_WAIT : undefined)
    return wait !== undefined && wait <= longestWait ? wait : undefined
  }

  async #once(question: Question, onItem: (item: unknown) => void): Promise<unknown> {
    this.#requests++
    const response = await this.#options.transport.request({
      method: 'GET',
      ...question,
      headers: { accept: 'application/json', ...question.headers },
      signal: this.signal,
    })
    const time = Date.parse(response.headers['date'] ?? '')
    if (!Number.isNaN(time)) this.#serverTime = Math.max(time, this.#serverTime ?? 0)
    if (response.status !== 200) throw await refusalOf(response, this.clock.now())
    const reader = new JsonListReader(onItem)
    const { largestAnswer = 2 ** 28 } = this.#options
    try {
      for await (const chunk of bounded(response.body, largestAnswer)) reader.write(chunk)
      return reader.end()
    } catch (error) {
      if (error instanceof SyntaxError) throw new ClusterError(`${question.path}: the answer is no JSON`)
      throw error
    }
  }
}

async function* bounded(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let total = 0
  let turn = 0
  for await (const chunk of body) {
    total += chunk.length
    if (total > most) throw new ClusterError(`the answer is larger than ${formatBytes(most)}`)
    for (let from = 0; from < chunk.length; from += TURN) {
      const part = chunk.subarray(from, from + TURN)
      turn += part.length
      yield part
      if (turn < TURN) continue
      turn = 0
      await setImmediate()
    }
  }
}

/** What an answer that is no success says, in the server's own words. `now` is for a date that it may name. */
export async function refusalOf(response: ApiResponse, now: number): Promise<StatusError> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > LARGEST_REFUSAL) break
  }
  const bytes = Buffer.concat(chunks)
  const type = response.headers['content-type']
  const words = messageIn(bytes, type) ?? (isBinary(type) ? '' : bytes.toString())
  return new StatusError(response, foreign(words) || `HTTP status ${response.status}`, now)
}
