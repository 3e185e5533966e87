import type { Freshness } from './cluster/freshness.ts'
import type { Transport } from './cluster/transport.ts'
import type { Config } from './config.ts'
import type { Memory } from './facts/memory.ts'
import type { Turn } from './turns.ts'
import type { Clock } from './util/clock.ts'
import type { Logger } from './util/logger.ts'

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
  /** What was remembered, in place of what a checkpoint holds. */
  readonly memory?: Memory | undefined
  /** Milliseconds of the machine, to bound how long is worked at a time; in virtual time one that stands still. */
  readonly stopwatch?: (() => number) | undefined
  readonly told: DaemonEvents
}

export interface DaemonEvents {
  readonly listening: (url: string) => void
  readonly fresh: (rows: readonly Freshness[]) => void
  readonly changed: (turns: readonly Turn[]) => void
}
