import type { Context } from 'hono'
import type { Sight } from '../sinks/published.ts'
import type { Resource } from './access/reviews.ts'
import type { ApiOptions } from './api.ts'
import type { AppEnv } from './app.ts'
import type { Limits } from './limits.ts'
import type { Parameter, Query } from './query.ts'

/** Who may read: those on this machine, everybody, or those whose token says so. */
export type Reads = 'loopback' | 'open' | 'token'

/** What routes answer from. */
export interface Rooms extends Pick<
  ApiOptions,
  'publication' | 'status' | 'snapshot' | 'metrics' | 'namespaces' | 'clock'
> {
  readonly limits: Limits
  readonly reads: Reads
  readonly secure: boolean
  /** Ends when the API is to stop. */
  readonly closing: AbortSignal
}

/** A request that was let in. */
export interface Asked {
  readonly context: Context<AppEnv>
  readonly query: Query
  readonly rooms: Rooms
  /** What the caller may see of what the route is about. */
  readonly sight: Sight
  /** The same as of now: to be asked for after waiting. */
  readonly again: () => Promise<Sight>
}

/** A request whose rights are not looked at yet. */
export type Request = Pick<Asked, 'context' | 'query' | 'rooms'>

/**
 * What a caller must be allowed to get. `namespaces`: the whole of it, or the part of some namespaces, of which these are to be tried.
 * `open`: says nothing that is not everybody's.
 */
export type Guard =
  | 'open'
  | { readonly resource: Resource; readonly namespaces?: (request: Request) => Iterable<string> }

/** One route: all are reads. */
export interface Route {
  /** As Hono writes it, such as `/findings/:id`. */
  readonly path: string
  readonly summary: string
  readonly guard: Guard
  readonly parameters: readonly Parameter[]
  readonly answer: (asked: Asked) => Promise<Response> | Response
}
