import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { App } from '../app.ts'
import { isWildcard } from '../hosts.ts'
import type { Limits } from '../limits.ts'
import { Connections } from './connections.ts'
import { refusalOf, refuse, refuseMalformed, responseTo } from './entrance.ts'
import type { Identity } from './tls.ts'

export interface ApiServerOptions {
  readonly host: string
  readonly port: number
  readonly limits: Limits
  readonly clock: Clock
  readonly logger: Logger
  /** Without it the server speaks plain HTTP. */
  readonly identity: Identity | undefined
  /** Aborted when the server is to stop: who waits is answered. */
  readonly closing: AbortController
}

/** The network side: bounds on time, size and number, before and behind the application. */
export class ApiServer {
  readonly #options: ApiServerOptions
  readonly #connections: Connections
  #server: Server | SecureServer | undefined
  #port: number

  constructor(options: ApiServerOptions) {
    this.#options = options
    this.#connections = new Connections(options.limits.connections)
    this.#port = options.port
  }

  /** The port that it listens on; before that, the one that it is to listen on. */
  get port(): number {
    return this.#port
  }

  /** @throws Error when the address is not to be had, or a certificate cannot be read. */
  async listen(app: App): Promise<string> {
    const { host, port, identity, limits, logger } = this.#options
    const settings = settingsOf(limits)
    const secure = identity && createSecureServer({ ...settings, ...(await identity.load()), minVersion: 'TLSv1.2' })
    const server = secure ?? createServer(settings)
    this.#server = server
    this.#guard(server, app)
    server.timeout = limits.idleAfter
    server.listen(port, host.replaceAll(/[[\]]/g, ''))
    await once(server, 'listening')
    // Without a listener a later fault of the socket would end the process.
    server.on('error', (error) => logger.error('api failed', { error: error.message }))
    if (secure) identity.keep((context) => secure.setSecureContext(context))
    const address = server.address()
    this.#port = typeof address === 'object' && address ? address.port : port
    return `${secure ? 'https' : 'http'}://${isWildcard(host) ? 'localhost' : host}:${this.#port}`
  }

  /** Takes no more, answers who waits, and lets what is under way end within `graceMs` milliseconds. */
  async close(graceMs: number): Promise<void> {
    const { closing, clock, identity } = this.#options
    closing.abort()
    identity?.release()
    const server = this.#server
    if (!server?.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const cancel = clock.after(graceMs, () => server.closeAllConnections())
    await closed
    cancel()
  }

  #guard(server: Server | SecureServer, app: App): void {
    // Requests of a page get the objects of the platform, not those of this adapter.
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler: responseTo })
    const receive = (request: IncomingMessage, response: ServerResponse): void => {
      this.#connections.begin(request, response)
      const refusal = refusalOf(request)
      if (refusal) refuse(refusal, request, response)
      else void listener(request, response)
    }
    server.on('connection', (socket: Socket) => this.#connections.add(socket))
    server.on('request', receive)
    // Somebody who asks whether to send a body is answered at once.
    server.on('checkContinue', receive)
    server.on('checkExpectation', receive)
    server.on('clientError', refuseMalformed)
  }
}

const settingsOf = (limits: Limits) => ({
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headersWithin,
  requestTimeout: limits.requestWithin,
  keepAliveTimeout: limits.keepAliveFor,
  connectionsCheckingInterval: limits.checkEvery,
  requireHostHeader: false,
  insecureHTTPParser: false,
  handshakeTimeout: limits.headersWithin,
})
