import { Attention } from '../util/attention.ts'
import type { Clock } from '../util/clock.ts'
import { SECOND } from '../util/time.ts'
import { Api } from './api.ts'
import { ClusterError } from './errors.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'

/** Differences up to so many milliseconds are the rounding of the header and the way of the answer. */
const ROUNDING_MS = 2 * SECOND
/** A longer time without a beat may have been a jump of our clock as well. */
const LAPSE_MS = 30 * SECOND

export interface ServerTimeOptions {
  /** The machine's clock, right or wrong. */
  readonly clock: Clock
  /** From now on the time is not known: nobody watched for a while, or a clock jumped. */
  readonly doubted: () => void
  /** It is known (again). */
  readonly told: () => void
}

/**
 * The time of a cluster: this machine's clock, set right by what the API server says with each answer. All times in objects are the
 * cluster's, and a machine whose clock is wrong by a day would take what has just begun for a day old. It goes on without a leap when
 * our clock jumps; that nobody watched for so long is known only when the server speaks again.
 */
export class ServerTime implements Clock {
  readonly #options: ServerTimeOptions
  readonly #attention: Attention
  #skew = 0
  #known = false
  /** Counts doubts: an answer to a question from before the last one says nothing. */
  #doubts = 0

  constructor(options: ServerTimeOptions) {
    this.#options = options
    this.#attention = new Attention(options.clock, LAPSE_MS)
  }

  /** Whole milliseconds since 1970, whatever clock it goes by. */
  readonly now = (): number => Math.round(this.#own() + this.#skew)

  after(ms: number, call: () => void): () => void {
    return this.#options.clock.after(ms, call)
  }

  get known(): boolean {
    this.#own()
    return this.#known
  }

  /** How far our clock is behind the server's, in milliseconds. */
  get skew(): number {
    return this.#skew
  }

  /** Looks out for jumps of our clock, until it is stopped. */
  start(): void {
    this.#attention.start((lapse) => this.#lapsed(lapse))
  }

  stop(): void {
    this.#attention.stop()
  }

  /** A transport that hears what time it is with every answer. */
  heardOver(transport: Transport): Transport {
    return {
      place: transport.place,
      request: async (request: ApiRequest): Promise<ApiResponse> => {
        const sent = this.#own()
        const doubts = this.#doubts
        const response = await transport.request(request)
        this.#hear(response, { sent, doubts })
        return response
      },
    }
  }

  /** Asks the server what time it is. `transport` is one of `heardOver`. */
  async ask(transport: Transport, signal: AbortSignal): Promise<void> {
    const api = new Api({ transport, clock: this.#options.clock, signal, tries: 1 })
    try {
      await api.read({ path: '/version' }, () => () => undefined)
    } catch (error) {
      if (!(error instanceof ClusterError) && !signal.aborted) throw error
    }
  }

  // Whoever asks for the time may come before the beat that would notice a jump.
  #own(): number {
    const lapse = this.#attention.lapse()
    if (lapse) this.#lapsed(lapse)
    return this.#options.clock.now()
  }

  #lapsed({ from, to }: { readonly from: number; readonly to: number }): void {
    this.#skew -= to - from
    this.#doubt()
  }

  #doubt(): void {
    this.#known = false
    this.#doubts++
    this.#options.doubted()
  }

  #hear({ status, headers }: ApiResponse, { sent, doubts }: { readonly sent: number; readonly doubts: number }): void {
    const heard = this.#own()
    if (doubts !== this.#doubts) return
    const time = Date.parse(headers['date'] ?? '')
    if (Number.isNaN(time) && status !== 200) return
    // A server that tells no time leaves us our own. An answer may have taken long, and its time lies anywhere between.
    const [least, most] = Number.isNaN(time) ? [0, 0] : [time - heard - ROUNDING_MS, time - sent + ROUNDING_MS]
    const skew = nearest(this.#skew, least, most)
    if (this.#known && Math.abs(skew - this.#skew) > LAPSE_MS) this.#doubt()
    this.#skew = skew
    if (this.#known) return
    this.#known = true
    this.#options.told()
  }
}

/** What is known already where it fits, else our own clock where that fits. */
function nearest(skew: number, least: number, most: number): number {
  if (skew >= least && skew <= most) return skew
  return least <= 0 && most >= 0 ? 0 : Math.round((least + most) / 2)
}
