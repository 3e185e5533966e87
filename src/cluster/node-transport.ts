import http from 'node:http'
import https from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { abortError, type Clock } from '../util/clock.ts'
import { credentialFault } from './credential-faults.ts'
import type { ClusterAccess } from './kubeconfig.ts'
import { networkFault } from './network-faults.ts'
import { TransportError, type ApiRequest, type ApiResponse, type Transport } from './transport.ts'

export interface NodeTransportOptions {
  readonly clock: Clock
  /** Milliseconds for credentials to be had; a plugin may open a browser. */
  readonly credentialsWithin?: number
  /** Milliseconds for a connection to be made. */
  readonly connectWithin?: number
  /** Milliseconds of silence, before an answer or in the middle of one, after which it is given up. */
  readonly idleAfter?: number
}

/** Talks to a real API server, over connections that are kept. */
export class NodeTransport implements Transport {
  readonly place: string
  readonly #access: ClusterAccess
  readonly #limits: Required<NodeTransportOptions>
  readonly #agents = new Set<http.Agent>()

  constructor(access: ClusterAccess, options: NodeTransportOptions) {
    this.place = access.place
    this.#access = access
    this.#limits = { credentialsWithin: 60_000, connectWithin: 10_000, idleAfter: 30_000, ...options }
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const options = await this.#credentials()
    const { signal } = request
    const fault = (error: unknown): Error => (signal?.aborted ? abortError(signal) : networkFault(error, this.place))
    const response = await this.#send(request, options).catch((error: unknown) => {
      throw fault(error)
    })
    return { status: response.statusCode ?? 0, headers: headersOf(response), body: this.#read(response, fault) }
  }

  /** Closes the connections that are kept. */
  close(): void {
    for (const agent of this.#agents) agent.destroy()
  }

  async #credentials(): Promise<https.RequestOptions> {
    const { clock, credentialsWithin } = this.#limits
    const options: https.RequestOptions = {}
    let cancel = (): void => undefined
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(credentialsWithin, () =>
        reject(this.#late('credentials', 'no credentials', credentialsWithin)),
      )
    })
    try {
      await Promise.race([this.#access.config.applyToHTTPSOptions(options), late])
    } catch (error) {
      throw credentialFault(error, this.#access)
    } finally {
      cancel()
    }
    return { ...options, agent: this.#kept(options.agent) }
  }

  // The agent as the kubeconfig asks for it (proxy, certificates), but without one connection for each request.
  #kept(agent: http.Agent | boolean | undefined): http.Agent | boolean | undefined {
    if (typeof agent !== 'object') return agent
    this.#agents.add(agent)
    return Object.assign(agent, { keepAlive: true })
  }

  #send(request: ApiRequest, options: https.RequestOptions): Promise<http.IncomingMessage> {
    const { clock, connectWithin, idleAfter } = this.#limits
    const url = new URL(this.#access.server)
    const secure = url.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const sent = (secure ? https : http).request(url, optionsFor(request, url, options))
      let cancel = clock.after(connectWithin, () => sent.destroy(this.#late('timeout', 'no connection', connectWithin)))
      const connected = (): void => {
        cancel()
        cancel = clock.after(idleAfter, () => sent.destroy(this.#late('timeout', 'no answer', idleAfter)))
      }
      sent.on('socket', (socket) => {
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected)
        else connected()
      })
      sent.on('response', (response) => {
        cancel()
        resolve(response)
      })
      sent.on('error', (error) => {
        cancel()
        reject(error)
      })
      sent.end()
    })
  }

  async *#read(response: http.IncomingMessage, fault: (error: unknown) => Error): AsyncGenerator<Uint8Array> {
    const { clock, idleAfter } = this.#limits
    const stream: Readable =
      response.headers['content-encoding'] === 'gzip' ? pipeline(response, createGunzip(), () => undefined) : response
    const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]()
    let whole = false
    try {
      while (!whole) {
        const cancel = clock.after(idleAfter, () => stream.destroy(this.#late('timeout', 'silence', idleAfter)))
        const next = await chunks.next().finally(cancel)
        whole = next.done === true
        if (next.done !== true) yield next.value
      }
    } catch (error) {
      throw fault(error)
    } finally {
      // Half-read, the connection is of no more use.
      if (!whole) response.destroy()
    }
  }

  #late(fault: 'timeout' | 'credentials', what: string, ms: number): TransportError {
    return new TransportError(fault, `${this.place}: ${what} for ${ms / 1000} s`)
  }
}

function optionsFor(request: ApiRequest, server: URL, options: https.RequestOptions): https.RequestOptions {
  const search = new URLSearchParams(request.query).toString()
  return {
    ...options,
    method: request.method,
    path: `${server.pathname.replace(/\/$/, '')}${request.path}${search ? `?${search}` : ''}`,
    headers: { 'user-agent': 'dogwatch', 'accept-encoding': 'gzip', ...request.headers, ...credentialsIn(options) },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  }
}

// A token file usually ends with a line break, which no header may hold.
const credentialsIn = ({ headers = {} }: https.RequestOptions): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value).trim()]))

const headersOf = ({ headers }: http.IncomingMessage): ApiResponse['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
