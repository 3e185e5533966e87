import { createApi, type Api, type ServerConfig } from './api/api.ts'
import type { Unread } from './cluster/cluster-look.ts'
import type { Freshness } from './cluster/freshness.ts'
import { snapshotParts } from './cluster/snapshot-writer.ts'
import type { Transport } from './cluster/transport.ts'
import type { RequestCount } from './cluster/watch/counted-transport.ts'
import { unknownView, type FindingView } from './sinks/envelope.ts'
import { createMetrics, type Metrics } from './sinks/metrics.ts'
import { Publication } from './sinks/publication.ts'
import type { RulesStatus, Status } from './sinks/status.ts'
import type { Clock } from './util/clock.ts'
import type { Logger } from './util/logger.ts'
import { Turns, type Turn } from './turns.ts'
import type { Round, Watchdog } from './watchdog.ts'

export interface OutletOptions {
  readonly watchdog: () => Watchdog
  readonly server: ServerConfig
  /** Where tokens and rights of callers are reviewed. */
  readonly reviews: Transport
  /** The machine's time, by which callers are waited for. */
  readonly wall: Clock
  /** The cluster's time, in milliseconds since 1970. */
  readonly now: () => number
  readonly random: () => number
  readonly logger: Logger
  readonly status: () => Status
  /** When the checkpoint was last written, in milliseconds since 1970. */
  readonly checkpointAt: () => number | undefined
  readonly rules: () => RulesStatus
  readonly freshness: () => readonly Freshness[]
  readonly requests: () => readonly RequestCount[]
}

/** Everything that goes out: what is published, the API that serves it, the figures. */
export class Outlet {
  readonly metrics: Metrics
  readonly #options: OutletOptions
  readonly #publication: Publication
  readonly #api: Api
  readonly #turns = new Turns()
  #told = false

  constructor(options: OutletOptions) {
    const { watchdog, server, reviews, wall, now, random, logger, status } = options
    this.#options = options
    this.metrics = createMetrics({
      now,
      findings: () => watchdog().findings(),
      freshness: options.freshness,
      requests: options.requests,
      checkpointAt: options.checkpointAt,
      rules: () => countsOf(options.rules()),
    })
    this.#publication = new Publication({
      epoch: Math.floor(random() * 2 ** 32).toString(36),
      now,
      // It says its name when it has been seen.
      get cluster() {
        return watchdog().store.objects.cluster
      },
    })
    this.#api = createApi({
      publication: this.#publication,
      config: server,
      reviews,
      clock: wall,
      random,
      logger,
      status,
      snapshot: () => this.#snapshot(),
      metrics: () => this.metrics.render(),
      namespaces: () => this.#namespaces(),
      answered: (request) => this.metrics.answered(request),
    })
  }

  /** @throws Error when the address is not to be had. */
  async listen(): Promise<string> {
    const { url } = await this.#api.listen()
    return url
  }

  close(graceMs: number): Promise<void> {
    return this.#api.close(graceMs)
  }

  /** Findings of an earlier run: whoever follows knows them. */
  recall(views: Iterable<FindingView>): void {
    this.#turns.recall(views)
  }

  /** Whether all there is was given out once; before that an empty answer tells nothing. */
  get told(): boolean {
    return this.#told
  }

  /** Gives out what came of a round. Tells which findings began, ended or changed their state. */
  publish({ changed, gone }: Round, incomplete: readonly Unread[]): Turn[] {
    const { watchdog, now } = this.#options
    const unknown = watchdog().unknown()
    const around = { unknown: unknown.map(unknownView), scores: watchdog().scores(unknown), incomplete }
    this.#publication.update({ changed, gone, ...around, at: now() })
    this.#told = true
    return this.#turns.of({ changed, gone }, now())
  }

  *#namespaces(): Generator<string> {
    for (const { metadata } of this.#options.watchdog().store.objects.all('namespaces')) yield metadata.name
  }

  #snapshot(): AsyncIterable<string> {
    const { objects } = this.#options.watchdog().store
    const { cluster, looks } = objects
    return inPieces(snapshotParts({ objects: [...objects.every()], looks, takenAt: this.#options.now(), cluster }))
  }
}

const countsOf = ({ problems, disabled, held }: RulesStatus) => ({
  problems: problems.length,
  disabled: disabled.length,
  held: held.length,
})

const PIECE = 2 ** 16

/** The same text in pieces that are worth sending. */
async function* inPieces(parts: Iterable<string>): AsyncGenerator<string> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
