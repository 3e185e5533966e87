import type { Transport } from '../cluster/transport.ts'
import type { Publication } from '../sinks/publication.ts'
import type { Status } from '../sinks/status.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { Access } from './access/access.ts'
import { Reviews } from './access/reviews.ts'
import { createApp, type App } from './app.ts'
import { isLoopback, listenOf, type HostRules } from './hosts.ts'
import { LIMITS, type Limits } from './limits.ts'
import type { Rooms } from './route.ts'
import { ApiServer } from './server/server.ts'
import { identityFor, type TlsFiles } from './server/tls.ts'

/** The section `server` of the configuration. */
export interface ServerConfig {
  /** HOST:PORT */
  readonly listen: string
  readonly hosts: readonly string[]
  readonly tls?: TlsFiles | undefined
  readonly openReads: boolean
}

/** A request that was answered, for whoever counts them. */
export interface Answered {
  /** The pattern of the route, never the path that was asked for. */
  readonly route: string
  readonly method: 'GET' | 'HEAD' | 'other'
  readonly code: number
  readonly seconds: number
}

export interface ApiOptions {
  readonly publication: Publication
  readonly status: () => Status
  /** What `scan -f` reads back, whole or piece by piece. */
  readonly snapshot: () => AsyncIterable<string> | string
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  readonly config: ServerConfig
  /** Where tokens and rights are reviewed. Off loopback nobody is let in without it, unless reads are open. */
  readonly reviews?: Transport | undefined
  /** Namespaces that there are, beside those that have findings: where the rights of a caller are looked for. */
  readonly namespaces?: (() => Iterable<string>) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly answered?: ((request: Answered) => void) | undefined
  readonly limits?: Partial<Limits> | undefined
}

export interface Api {
  /** The application without a network. */
  readonly app: App
  /** @throws Error when the address is not to be had, or a certificate cannot be read. */
  listen(): Promise<{ readonly url: string }>
  /** Lets what is under way end, for so many milliseconds at most. */
  close(graceMs: number): Promise<void>
}

/** The HTTP API: reads alone. On loopback the names it answers to guard it; off loopback TLS, tokens and rights. */
export function createApi(options: ApiOptions): Api {
  const { config, clock, logger } = options
  const limits = { ...LIMITS, ...options.limits }
  const { host, port } = listenOf(config.listen)
  const loopback = isLoopback(host)
  const closing = new AbortController()
  const secure = !loopback || config.tls !== undefined
  const identity = secure ? identityFor(config, { host, clock, random: options.random, logger }) : undefined
  const server = new ApiServer({ host, port, limits, clock, logger, identity, closing })
  const hosts: HostRules = { names: config.hosts, listen: host, loopback, port: () => server.port }
  const reviews =
    options.reviews &&
    new Reviews({ transport: options.reviews, clock, failed: (why) => logger.warn('review failed', { why }) })
  const access = new Access({ open: loopback || config.openReads, reviews, limits, clock })
  const rooms: Rooms = {
    ...options,
    limits,
    closing: closing.signal,
    reads: readsOf(loopback, config.openReads),
    secure,
  }
  const app = createApp({ rooms, access, hosts, logger, answered: options.answered })
  return {
    app,
    listen: async () => {
      const url = await server.listen(app)
      logger.info('api listens', { url, reads: rooms.reads, fingerprint: identity?.fingerprint() })
      if (!loopback && config.openReads) logger.warn('api reads are open to everybody who reaches it', { url })
      return { url }
    },
    close: (graceMs) => server.close(graceMs),
  }
}

const readsOf = (loopback: boolean, open: boolean): Rooms['reads'] => (loopback ? 'loopback' : open ? 'open' : 'token')
