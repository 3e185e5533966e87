import type * as z from 'zod'
import type { Transport } from '../../cluster/transport.ts'
import type { Clock } from '../../util/clock.ts'
import { unavailable, type Refusal } from '../errors.ts'
import { Turns } from './turns.ts'

export interface ReviewClientOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** Milliseconds for one review. */
  readonly within?: number | undefined
  /** Reviews under way at a time, and waiting for their turn. */
  readonly atOnce?: number | undefined
  readonly waiting?: number | undefined
  /** Told each time that a review could not be had. */
  readonly failed?: ((why: string) => void) | undefined
}

const LARGEST_ANSWER = 256 * 1024
/** Milliseconds in which nobody is asked again after a review that could not be had. */
const PAUSE = 5000

/** A review that could not be had, whatever the reason: nobody is let in for that. */
const refusal = (): Refusal =>
  unavailable(
    'unavailable',
    'the Kubernetes API cannot be asked who you are and what you may read; try again',
    PAUSE / 1000,
  )

/** Asks the API server for reviews: within a time, few at once, and with a pause after a failure. */
export class ReviewClient {
  readonly #options: ReviewClientOptions
  readonly #turns: Turns
  #failedAt: number | undefined

  constructor(options: ReviewClientOptions) {
    this.#options = options
    this.#turns = new Turns(options.atOnce ?? 16, options.waiting ?? 512)
  }

  /**
   * Posts a review and reads what the server made of it.
   * @throws Refusal when there is no answer in time, or none that can be understood.
   */
  async review<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> {
    if (this.#turns.full) throw unavailable('busy', 'too many callers are being looked up; try again', 1)
    return this.#turns.run(async () => {
      this.#checkPause()
      try {
        return await this.#within((signal) => this.#post({ path, body: JSON.stringify(body), signal }, schema))
      } catch (error) {
        this.#failedAt = this.#options.clock.now()
        this.#options.failed?.(error instanceof Error ? error.message : String(error))
        throw refusal()
      }
    })
  }

  #checkPause(): void {
    const since = this.#options.clock.now() - (this.#failedAt ?? -Infinity)
    if (since >= 0 && since < PAUSE) throw refusal()
  }

  async #within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, within = 5000 } = this.#options
    const abort = new AbortController()
    const late = new Error(`no answer within ${within} ms`)
    let cancel = (): void => undefined
    const timeout = new Promise<never>((_, reject) => {
      cancel = clock.after(within, () => {
        reject(late)
        abort.abort(late)
      })
    })
    try {
      return await Promise.race([work(abort.signal), timeout])
    } finally {
      cancel()
    }
  }

  async #post<T>(request: { path: string; body: string; signal: AbortSignal }, schema: z.ZodType<T>): Promise<T> {
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    const response = await this.#options.transport.request({ ...request, method: 'POST', headers })
    const text = await readText(response.body)
    if (response.status !== 201 && response.status !== 200) throw new Error(`HTTP status ${response.status}`)
    return understand(text, schema)
  }
}

// What JSON.parse and zod say of a text quotes it, and a TokenReview that comes back holds the token.
function understand<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new Error('the answer is no review')
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > LARGEST_ANSWER) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
