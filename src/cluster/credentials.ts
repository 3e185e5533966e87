import type http from 'node:http'
import type https from 'node:https'
import type { Clock } from '../util/clock.ts'
import { SECOND } from '../util/time.ts'
import { credentialFault } from './credential-faults.ts'
import type { ClusterAccess } from './kubeconfig.ts'
import { TransportError } from './transport.ts'

export interface CredentialsOptions {
  readonly clock: Clock
  /** Milliseconds for credentials to be had; a plugin may open a browser. */
  readonly within: number
}

/** Idle connections that are kept; those of watches are in use and do not count. */
const MOST_IDLE = 8
/** Milliseconds between two readings that refusals ask for: many requests are refused at once, and a plugin may ask a person. */
const RENEW_AFTER = 10 * SECOND
/** What of the settings a connection is made with; all of it may change while this runs. */
const TLS = ['ca', 'cert', 'key'] as const

/** What requests to one cluster are made with: a token, certificates, and connections that are kept. */
export class Credentials {
  readonly #access: ClusterAccess
  readonly #options: CredentialsOptions
  #config: ClusterAccess['config']
  #agent: http.Agent | undefined
  #reading: Promise<https.RequestOptions> | undefined
  #renewAt = Number.NEGATIVE_INFINITY
  #refused = false

  constructor(access: ClusterAccess, options: CredentialsOptions) {
    this.#access = access
    this.#config = access.config
    this.#options = options
  }

  /**
   * As they are now; files are read again, and of many who ask at once one reads.
   * @throws TransportError when they cannot be had.
   */
  current(): Promise<https.RequestOptions> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  /** The server did not accept them: the next who asks gets them read anew. */
  refused(): void {
    this.#refused = true
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent?.destroy()
  }

  async #read(): Promise<https.RequestOptions> {
    const { clock, within } = this.#options
    this.#renew(clock.now())
    const options: https.RequestOptions = {}
    let cancel = (): void => undefined
    const late = new Promise<never>((_, reject) => {
      const words = `${this.#access.place}: no credentials for ${within / SECOND} s`
      cancel = clock.after(within, () => reject(new TransportError('credentials', words)))
    })
    try {
      await Promise.race([this.#config.applyToHTTPSOptions(options), late])
    } catch (error) {
      throw credentialFault(error, this.#access)
    } finally {
      cancel()
    }
    return { ...options, agent: this.#kept(options) }
  }

  #renew(now: number): void {
    if (!this.#refused || Math.abs(now - this.#renewAt) < RENEW_AFTER) return
    this.#refused = false
    this.#renewAt = now
    this.#config = this.#access.renewed()
  }

  // One agent for good, as the kubeconfig asks for it (proxy, certificates). It would go on with the certificates that it was made with,
  // so it is given those of now; connections that were made with others are never used again, since an agent tells them apart by these.
  #kept({ agent, ...options }: https.RequestOptions): http.Agent | boolean | undefined {
    if (typeof agent !== 'object') return agent
    this.#agent ??= Object.assign(agent, { keepAlive: true, maxFreeSockets: MOST_IDLE })
    if ('options' in this.#agent && typeof this.#agent.options === 'object' && this.#agent.options !== null)
      Object.assign(this.#agent.options, Object.fromEntries(TLS.map((name) => [name, options[name]])))
    return this.#agent
  }
}
