import { setImmediate } from 'node:timers/promises'
import { sleep, type Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { MINUTE } from '../util/time.ts'
import { messageOf } from './errors.ts'
import { Prometheus, type MeasuredUsage, type PrometheusOptions } from './prometheus.ts'

export interface PrometheusSourceOptions extends PrometheusOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds from one round of questions to the next. */
  readonly everyMs: number
  /** The namespaces to ask for, when a round begins. */
  readonly namespaces: () => readonly string[]
  /** Takes what was measured of one namespace. */
  readonly learn: (measured: readonly MeasuredUsage[]) => void
}

/** How asking goes. Times are milliseconds since 1970. */
export interface PrometheusStatus {
  readonly place: string
  /** When the last round ended, and the last one in which every namespace was answered. */
  readonly askedAt: number | undefined
  readonly answeredAt: number | undefined
  /** Why the last round was not answered as a whole, for a person. */
  readonly problem: string | undefined
}

// A server that is down is asked again sooner than one that has answered.
const RETRY_AFTER = 5 * MINUTE
// One question may be too much for a server; when so many in a row fail, it is down, and waiting for the rest would take hours.
const GIVE_UP_AFTER = 3

/** Asks a Prometheus for usage again and again, one namespace after another. While it is down, what metrics.k8s.io says goes on. */
export class PrometheusSource {
  readonly #options: PrometheusSourceOptions
  readonly #prometheus: Prometheus
  #status: PrometheusStatus

  constructor(options: PrometheusSourceOptions) {
    this.#options = options
    this.#prometheus = new Prometheus(options)
    const place = new URL(options.url).origin
    this.#status = { place, askedAt: undefined, answeredAt: undefined, problem: undefined }
  }

  get status(): PrometheusStatus {
    return this.#status
  }

  /** Runs until the signal says to stop; rejects only then. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.round(signal)
      const { clock, everyMs } = this.#options
      await sleep(clock, this.#status.problem === undefined ? everyMs : Math.min(RETRY_AFTER, everyMs), signal)
    }
  }

  /** One round of questions. What is answered is learnt, whatever comes after. */
  async round(signal: AbortSignal): Promise<void> {
    const { namespaces, learn, clock, logger } = this.#options
    const { place, answeredAt, problem: before } = this.#status
    let problem: string | undefined
    let containers = 0
    let failed = 0
    for (const namespace of namespaces()) {
      try {
        const measured = await this.#prometheus.usage(namespace, signal)
        containers += measured.length
        learn(measured)
        failed = 0
      } catch (error) {
        signal.throwIfAborted()
        problem = messageOf(error)
        if (++failed >= GIVE_UP_AFTER) break
      }
      await setImmediate()
    }
    const now = clock.now()
    this.#status = { place, askedAt: now, answeredAt: problem === undefined ? now : answeredAt, problem }
    if (problem === undefined) logger.info('prometheus answered', { place, containers })
    else if (problem !== before)
      logger.warn('prometheus does not answer; samples of metrics.k8s.io go on', { place, problem })
  }
}
