import type { Freshness } from './cluster/freshness.ts'
import type { Transport } from './cluster/transport.ts'
import type { Config } from './config.ts'
import type { Turn } from './turns.ts'
import type { Clock } from './util/clock.ts'
import type { Logger } from './util/logger.ts'
import { MINUTE, SECOND } from './util/time.ts'

/** What a daemon is made of. */
export interface DaemonOptions {
  readonly version: string
  readonly config: Config
  readonly transport: Transport
  /** The cluster's time; it may run faster than the machine's. */
  readonly clock: Clock
  /** The machine's time, by which callers of the API are waited for. */
  readonly wall: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly logger: Logger
  readonly namespaces: readonly string[] | undefined
  /** The namespace to propose to a user who may not watch all of them. */
  readonly ownNamespace: string | undefined
  /** Milliseconds of the machine, to bound how long is worked at a time; in virtual time one that stands still. */
  readonly stopwatch?: (() => number) | undefined
  readonly told: DaemonEvents
}

export interface DaemonEvents {
  readonly listening: (url: string) => void
  readonly fresh: (rows: readonly Freshness[]) => void
  readonly changed: (turns: readonly Turn[]) => void
}

/** What a cluster is called that tells no name. */
export const NAMELESS = 'dump'

/** How a daemon goes about it, in milliseconds. */
export const PACE = {
  /** Changes are gathered for so long before they are judged: what changes often is judged once. */
  gatherMs: 100,
  /** It is looked at least so often whether anything is due. */
  beatMs: 5 * SECOND,
  sweepMs: 5 * MINUTE,
  /** Kinds are heard one after the other, and what a gone owner left is collected within moments. */
  ownerMs: 30 * SECOND,
  /** How often the server is asked for the time while it is not known; all that is asked for else tells it too. */
  askTimeMs: 5 * SECOND,
  /** How long requests to the API may go on at the end. */
  closeMs: 5 * SECOND,
} as const
