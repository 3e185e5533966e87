import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Freshness } from '../freshness.ts'
import type { Mirror } from '../mirror.ts'
import type { Transport } from '../transport.ts'

export interface WatchOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** From 0 to 1: spreads what would else happen all at once. */
  readonly random: () => number
  readonly mirror: Mirror
  readonly logger: Logger
  /** Namespaces to watch; default all of them. */
  readonly namespaces?: readonly string[] | undefined
  /** The namespace to propose to a user who may not watch all of them. */
  readonly ownNamespace?: string | undefined
  /** Whether metrics.k8s.io is polled; default yes. */
  readonly metrics?: boolean | undefined
  /** Hears after each change of the state of a kind. */
  readonly onFreshness?: (() => void) | undefined
}

/** Keeps a mirror equal to a live cluster, until it is stopped. Nothing is written, and no Secret is read. */
export class ClusterWatch {
  readonly #options: WatchOptions
  readonly #stop = new AbortController()

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Watches until stopped, whatever the server does; done when everything has come to rest. */
  async start(): Promise<void> {
    this.#options.mirror.watch({ listed: new Map(), blind: new Map(), unnamed: 'not-listed' })
    await new Promise<void>((resolve) => this.#stop.signal.addEventListener('abort', () => resolve()))
  }

  /** Ends every request; nothing reaches the mirror after it is called. */
  stop(): void {
    this.#stop.abort()
  }

  /** How well each kind is watched. */
  freshness(): readonly Freshness[] {
    return []
  }

  /** Whether every kind has been seen whole, or cannot be seen and says why. */
  get synced(): boolean {
    return false
  }

  /** How many requests were sent. */
  get requests(): number {
    return 0
  }

  /** Such as `v1.36.3`; `undefined` until the server has told. */
  get serverVersion(): string | undefined {
    return undefined
  }

  /** The uid of `kube-system`; `undefined` until it was seen, and when it may not be read. */
  get clusterId(): string | undefined {
    return undefined
  }

  /** The latest time that the server has told, in milliseconds since 1970. */
  get serverTime(): number | undefined {
    return undefined
  }
}
