import type {
  DaemonRequest,
  LivingRequest,
  RecordRequest,
  RecordResult,
  RunEvents,
  RunRequest,
  RunResult,
} from './cli/daemon-services.ts'
import type { Progress } from './cli/services.ts'
import { recordCluster } from './cluster/record.ts'
import type { Transport } from './cluster/transport.ts'
import { withCluster } from './cluster/with-cluster.ts'
import type { ReadConfig } from './config.ts'
import { Daemon } from './daemon.ts'
import type { DaemonOptions } from './daemon-options.ts'
import { configOf, mustBeThere, refuseOverrides, type Surroundings } from './inputs.ts'
import { systemClock } from './util/clock.ts'
import { pinoLogger } from './util/pino-logger.ts'

/** What of a daemon is its cluster's. */
type Cluster = Pick<DaemonOptions, 'clock' | 'namespaces' | 'ownNamespace'> & {
  readonly transport: Transport
}

/** Watches a cluster until the process is asked to stop. */
export async function runDaemon(
  request: RunRequest,
  events: RunEvents,
  { version, surroundings }: { version: string; surroundings: Surroundings },
): Promise<RunResult> {
  const { source } = request
  const read = await configWith(request)
  const namespaces = source.namespaces ?? read.config.watch.namespaces
  return withCluster({ ...source, env: surroundings.env }, (way) =>
    run(
      { ...way, clock: systemClock, namespaces },
      { request, read, events, version, surroundings, stop: surroundings.stop },
    ),
  )
}

/** The same over a cluster that is handed in. */
export async function runLiving(
  request: LivingRequest,
  events: RunEvents,
  { version, surroundings, stop }: { version: string; surroundings: Surroundings; stop: AbortSignal },
): Promise<RunResult> {
  const { transport, clock } = request
  const read = await configWith(request)
  const cluster = { transport, clock, namespaces: undefined, ownNamespace: undefined }
  const ended = AbortSignal.any([stop, surroundings.stop])
  return run(cluster, { request, read, events, version, surroundings, stop: ended })
}

interface Given {
  readonly request: DaemonRequest
  readonly read: ReadConfig
  readonly events: RunEvents
  readonly version: string
  readonly surroundings: Surroundings
  readonly stop: AbortSignal
}

async function run(
  cluster: Cluster,
  { request, read: { config, place }, events, version, surroundings, stop }: Given,
): Promise<RunResult> {
  const write = surroundings.log ?? (() => undefined)
  const logger = events.logger ?? pinoLogger({ level: config.log.level, write, now: () => cluster.clock.now() })
  const daemon = await Daemon.open({
    ...cluster,
    version,
    config,
    wall: systemClock,
    random: Math.random,
    logger,
    told: events,
  })
  const { rules, problems } = daemon.rules.rules
  try {
    refuseOverrides(daemon.rules.rules, { place, file: request.config })
  } catch (error) {
    await daemon.close()
    throw error
  }
  events.watching({ place: cluster.transport.place, namespaces: cluster.namespaces, rules: rules.length, problems })
  using _entrusted = surroundings.crash?.entrust({ logger, save: () => daemon.saving.all() })
  return { problems: await daemon.run(stop) }
}

/** The configuration with what was said on the command line, which goes before. */
async function configWith(request: DaemonRequest): Promise<ReadConfig> {
  const { config, place } = await configOf(request.config)
  const { cluster, rules, listen, checkpoint, logLevel } = request
  // A directory that is not there is a slip of the pen at the start, and no reason to stop later.
  await mustBeThere([...config.rules.directories, ...rules])
  const changed = {
    ...config,
    cluster: cluster ?? config.cluster,
    rules: { directories: [...config.rules.directories, ...rules] },
    server: { ...config.server, listen: listen ?? config.server.listen },
    checkpoint: { ...config.checkpoint, path: checkpoint ?? config.checkpoint.path },
    log: { level: logLevel ?? config.log.level },
  }
  return { config: changed, place }
}

/** Writes what a cluster holds, and how it changes, into a directory. */
export async function record(
  { source, directory, watchMs }: RecordRequest,
  { env, stop: signal }: Surroundings,
  progress: Progress,
): Promise<RecordResult> {
  const { namespaces } = source
  return withCluster({ ...source, env }, async (way) =>
    recordCluster({
      ...way,
      clock: systemClock,
      random: Math.random,
      directory,
      namespaces,
      watchMs,
      signal,
      progress,
    }),
  )
}
