import { sleep, type Clock } from '../util/clock.ts'
import { SILENT } from '../util/logger.ts'
import { Api, StatusError } from './api.ts'
import { ClusterError } from './errors.ts'
import type { Freshness, WatchState } from './freshness.ts'
import { RecordingWriter } from './recording-writer.ts'
import type { Transport } from './transport.ts'
import { ClusterWatch } from './watch/cluster-watch.ts'

export interface RecordOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  /** A directory that is there, without a recording in it. */
  readonly directory: string
  readonly namespaces: readonly string[] | undefined
  readonly ownNamespace: string | undefined
  /** How long to watch once everything was seen, in milliseconds. */
  readonly watchMs: number
  /** Ends it early; what was recorded until then is whole. */
  readonly signal: AbortSignal
  readonly progress: (step: { readonly doing: string; readonly done: number; readonly total: number }) => void
}

export interface Recorded {
  readonly objects: number
  readonly changes: number
  /** How long was watched, in milliseconds. */
  readonly watchedMs: number
  /** What could not be watched, a line each. */
  readonly incomplete: readonly string[]
}

const PERIOD = 1000

/**
 * Writes what a cluster holds, and how it changes, into a directory.
 * @throws ClusterError when it was ended before everything had been seen, or when the recording cannot be written.
 */
export async function recordCluster(options: RecordOptions): Promise<Recorded> {
  const { clock, watchMs, signal, directory, progress } = options
  const broken = new AbortController()
  const stop = AbortSignal.any([signal, broken.signal])
  const writer = new RecordingWriter({ directory, clock, onFault: (error) => broken.abort(error) })
  await knock(options)
  const { watch, synced } = watching(options, writer, stop)
  const running = watch.start()
  try {
    await synced
    if (stop.aborted) throw stopped()
    const objects = await writer.begin()
    const began = clock.now()
    for (let left = watchMs; left > 0 && !stop.aborted; left = began + watchMs - clock.now()) {
      progress({
        doing: `watching, ${writer.changes} changes so far; second`,
        done: (watchMs - left) / 1000,
        total: watchMs / 1000,
      })
      await sleep(clock, Math.min(PERIOD, left), stop).catch(() => undefined)
    }
    await writer.end()
    const watchedMs = clock.now() - began
    return { objects, changes: writer.changes, watchedMs, incomplete: watch.freshness().filter(isLost).map(lostLine) }
  } finally {
    await watch.stop()
    await running
  }
}

const stopped = (): ClusterError => new ClusterError('stopped before everything had been seen: nothing was written')

// The watch itself never gives up; whoever has the wrong address is told so at once.
async function knock({ transport, clock, signal }: RecordOptions): Promise<void> {
  try {
    await new Api({ transport, clock, signal, tries: 1 }).read({ path: '/version' }, () => () => undefined)
  } catch (error) {
    if (signal.aborted) throw stopped()
    if (!(error instanceof StatusError)) throw error
  }
}

/** A watch of everything, and when it has seen everything or is to end. */
function watching(
  options: RecordOptions,
  mirror: RecordingWriter,
  stop: AbortSignal,
): { watch: ClusterWatch; synced: Promise<void> } {
  const { transport, clock, random, namespaces, ownNamespace, progress } = options
  const { promise, resolve } = Promise.withResolvers<void>()
  const watch = new ClusterWatch({
    transport,
    clock,
    random,
    mirror,
    logger: SILENT,
    namespaces,
    ownNamespace,
    onFreshness: () => {
      const kinds = watch.freshness()
      const done = kinds.filter(({ state }) => state !== 'syncing').length
      if (!watch.synced)
        progress({ doing: `reading, ${mirror.objects} objects so far; kind`, done, total: kinds.length })
      else resolve()
    },
  })
  stop.addEventListener('abort', () => resolve(), { once: true })
  if (stop.aborted) resolve()
  return { watch, synced: promise }
}

const LOST = new Set<WatchState>(['forbidden', 'failed', 'partial', 'left-out', 'stale'])
const isLost = ({ state }: Freshness): boolean => LOST.has(state)

const lostLine = ({ resource, namespace, state, detail }: Freshness): string =>
  [namespace === undefined ? resource : `${resource} in ${namespace}`, detail === '' ? state : detail].join(': ')
