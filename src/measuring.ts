import { PrometheusSource } from './cluster/prometheus-source.ts'
import type { Config } from './config.ts'
import type { Clock } from './util/clock.ts'
import { parseDuration } from './util/duration.ts'
import type { Logger } from './util/logger.ts'
import { DAY, HOUR } from './util/time.ts'
import type { Watchdog } from './watchdog.ts'

interface Measuring {
  readonly config: Pick<Config, 'usage'>
  readonly watchdog: Watchdog
  readonly clock: Clock
  readonly logger: Logger
}

/** Asks the Prometheus of the configuration, where there is one, for the usage of the days before; until the signal says to stop. */
export async function measure({ config, watchdog, clock, logger }: Measuring, signal: AbortSignal): Promise<void> {
  const { prometheus } = config.usage
  if (!prometheus) return
  const { objects } = watchdog.store
  const source = new PrometheusSource({
    url: prometheus.url,
    bearerTokenFile: prometheus.bearerTokenFile,
    windowMs: parseDuration(prometheus.window) ?? 14 * DAY,
    everyMs: parseDuration(prometheus.every) ?? 6 * HOUR,
    clock,
    logger,
    namespaces: () => objects.all('namespaces').map(({ metadata }) => metadata.name),
    learn: (measured) => watchdog.learn(measured),
  })
  await source.run(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
