import type { Clock } from '../util/clock.ts'
import { Api } from './api.ts'
import { ClusterError } from './errors.ts'
import type { Transport } from './transport.ts'

/** Differences up to so many milliseconds are the rounding of the header and the way of the answer. */
const ROUNDING_MS = 2_000

/**
 * The time of a cluster: this machine's clock, set right by what the API server says. All times in objects are the cluster's, and a
 * machine whose clock is wrong by a day would take what has just begun for a day old. Until the server has spoken, and after a jump of
 * our clock until it speaks again, the time is not known.
 */
export class ServerTime {
  readonly #clock: Clock
  #skew = 0
  #known = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#clock.now() + this.#skew

  get known(): boolean {
    return this.#known
  }

  /** How far our clock is behind the server's, in milliseconds. */
  get skew(): number {
    return this.#skew
  }

  /** Asks the server what time it is; `false` when it cannot be asked. One that tells no time leaves us our own. */
  async ask(transport: Transport, signal: AbortSignal): Promise<boolean> {
    const api = new Api({ transport, clock: this.#clock, signal, tries: 1 })
    try {
      await api.read({ path: '/version' }, () => () => undefined)
    } catch (error) {
      if (error instanceof ClusterError) return false
      throw error
    }
    const skew = api.serverTime === undefined ? 0 : api.serverTime - this.#clock.now()
    if (Math.abs(skew - this.#skew) > ROUNDING_MS) this.#skew = Math.abs(skew) > ROUNDING_MS ? skew : 0
    this.#known = true
    return true
  }

  /** Our clock jumped. */
  doubt(): void {
    this.#known = false
  }
}
