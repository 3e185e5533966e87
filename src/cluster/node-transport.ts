import http from 'node:http'
import https from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { abortError, type Clock } from '../util/clock.ts'
import { Credentials } from './credentials.ts'
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

const UNAUTHORIZED = 401
/** Milliseconds of silence on a connection before the kernel asks whether the other end is still there. */
const KEEP_ALIVE = 30_000

/** Talks to a real API server, over connections that are kept. */
export class NodeTransport implements Transport {
  readonly place: string
  readonly #access: ClusterAccess
  readonly #limits: Required<NodeTransportOptions>
  readonly #credentials: Credentials

  constructor(access: ClusterAccess, options: NodeTransportOptions) {
    this.place = access.place
    this.#access = access
    this.#limits = { credentialsWithin: 60_000, connectWithin: 10_000, idleAfter: 30_000, ...options }
    this.#credentials = new Credentials(access, { clock: options.clock, within: this.#limits.credentialsWithin })
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const options = await this.#credentials.current()
    const { signal, idleAfter = this.#limits.idleAfter } = request
    const fault = (error: unknown): Error => (signal?.aborted ? abortError(signal) : networkFault(error, this.place))
    const response = await this.#send(request, options).catch((error: unknown) => {
      throw fault(error)
    })
    if (response.statusCode === UNAUTHORIZED) this.#credentials.refused()
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body: this.#read(response, { fault, idleAfter }),
    }
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#credentials.close()
  }

  #send(request: ApiRequest, options: https.RequestOptions): Promise<http.IncomingMessage> {
    const { clock, connectWithin } = this.#limits
    const { idleAfter = this.#limits.idleAfter } = request
    const url = new URL(this.#access.server)
    const secure = url.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const sent = (secure ? https : http).request(url, optionsFor(request, url, options))
      let cancel = clock.after(connectWithin, () => sent.destroy(this.#late('no connection', connectWithin)))
      const connected = (): void => {
        cancel()
        cancel = clock.after(idleAfter, () => sent.destroy(this.#late('no answer', idleAfter)))
      }
      sent.on('socket', (socket) => {
        socket.setKeepAlive(true, KEEP_ALIVE)
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
      sent.end(request.body)
    })
  }

  async *#read(
    response: http.IncomingMessage,
    { fault, idleAfter }: { fault: (error: unknown) => Error; idleAfter: number },
  ): AsyncGenerator<Uint8Array> {
    const { clock } = this.#limits
    const stream: Readable =
      response.headers['content-encoding'] === 'gzip' ? pipeline(response, createGunzip(), () => undefined) : response
    const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]()
    let whole = false
    try {
      while (!whole) {
        const cancel = clock.after(idleAfter, () => stream.destroy(this.#late('silence', idleAfter)))
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

  #late(what: string, ms: number): TransportError {
    return new TransportError('timeout', `${this.place}: ${what} for ${ms / 1000} s`)
  }
}

function optionsFor(request: ApiRequest, server: URL, options: https.RequestOptions): https.RequestOptions {
  const search = new URLSearchParams(request.query).toString()
  return {
    ...options,
    method: request.method,
    path: `${server.pathname.replace(/\/$/, '')}${request.path}${search ? `?${search}` : ''}`,
    headers: { ...OWN_HEADERS, ...bodyHeaders(request), ...request.headers, ...credentialsIn(options) },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  }
}

const OWN_HEADERS = { 'user-agent': 'dogwatch', 'accept-encoding': 'gzip' }

const bodyHeaders = ({ body }: ApiRequest): Record<string, string> =>
  body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }

// A token file usually ends with a line break, which no header may hold.
const credentialsIn = ({ headers = {} }: https.RequestOptions): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value).trim()]))

const headersOf = ({ headers }: http.IncomingMessage): ApiResponse['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
