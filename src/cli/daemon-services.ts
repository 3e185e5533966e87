import type { Freshness } from '../cluster/freshness.ts'
import type { Transport } from '../cluster/transport.ts'
import type { Envelope, FindingView } from '../sinks/envelope.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { LabelSelector } from '../util/label-selector.ts'
import type { FileProblem, Looked, Progress, Source } from './services.ts'

/** Which cluster to watch, and with whose rights. */
export type ClusterSource = Pick<Source, 'kubeconfig' | 'context' | 'namespaces'>

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What a daemon is started with, beside its configuration; what is given here goes before what the configuration says. */
export interface DaemonRequest {
  /** The file of the configuration. */
  readonly config: string | undefined
  readonly cluster: string | undefined
  /** Directories of rules, beside those of the configuration. */
  readonly rules: readonly string[]
  /** HOST:PORT; port 0 takes a free one. */
  readonly listen: string | undefined
  /** The file of the checkpoint. */
  readonly checkpoint: string | undefined
  readonly logLevel: LogLevel | undefined
}

export interface RunRequest extends DaemonRequest {
  readonly source: ClusterSource
}

/** A daemon over a cluster that is handed in, in a time that is handed in: the demonstration's. */
export interface LivingRequest extends DaemonRequest {
  readonly transport: Transport
  /** The cluster's time; it may run faster than the machine's, by which the API measures its callers' patience. */
  readonly clock: Clock
}

/** What a daemon is about to watch. */
export interface Watching {
  /** The server and how it was chosen. */
  readonly place: string
  /** `undefined` for all of them. */
  readonly namespaces: readonly string[] | undefined
  readonly rules: number
  /** Rule files that were left out. */
  readonly problems: readonly FileProblem[]
}

/** One finding that began, ended or became something else. */
export interface FindingChange {
  /** What it was before; `undefined` when there was none. */
  readonly before: FindingView['state'] | undefined
  /** As it is now; one that is over is `resolved`. */
  readonly finding: FindingView
}

/** What a daemon tells while it runs. None of these may throw, and none is waited for. */
export interface RunEvents {
  /** The API answers at this address. */
  readonly listening: (url: string) => void
  readonly watching: (watching: Watching) => void
  /** How well each kind is watched; called when any of it changes state, and while kinds are read for the first time. */
  readonly fresh: (kinds: readonly Freshness[]) => void
  readonly changed: (changes: readonly FindingChange[]) => void
  /** Takes the log; without it the log is JSON on the error output. */
  readonly logger: Logger | undefined
}

export interface RunResult {
  /** Why something could not be ended as it should be (the last checkpoint, say), a line each. */
  readonly problems: readonly string[]
}

export interface RecordRequest {
  readonly source: ClusterSource
  /** Where `snapshot.json` and `watch.jsonl` go; it is there already. */
  readonly directory: string
  /** How long to watch, in milliseconds; a signal ends it sooner. */
  readonly watchMs: number
}

export interface RecordResult {
  readonly objects: number
  readonly changes: number
  /** How long was watched, in milliseconds. */
  readonly watchedMs: number
  /** What could not be read or watched, a line each. */
  readonly incomplete: readonly string[]
}

export interface ReplayRequest {
  /** Holds `snapshot.json` and, unless nothing was watched, `watch.jsonl`. */
  readonly directory: string
  readonly config: string | undefined
  readonly cluster: string | undefined
  readonly rules: readonly string[]
  /** Namespaces whose findings are wanted; `undefined` for all. */
  readonly namespaces: readonly string[] | undefined
  /** A label selector over targets. */
  readonly selector: LabelSelector | undefined
  /** How long time goes on after the last change, in milliseconds. */
  readonly afterMs: number
}

/** One step in the life of a finding. */
export interface HistoryEntry {
  /** Milliseconds since 1970, in the recording's time. */
  readonly at: number
  readonly change: FindingChange
}

export interface ReplayResult {
  /** By time, then by the id of the finding. */
  readonly history: readonly HistoryEntry[]
  /** When the recording begins and ends, in milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Changes that were played. */
  readonly changes: number
  /** What stands at the end. */
  readonly envelope: Envelope
  readonly looked: Looked
  readonly problems: readonly FileProblem[]
  readonly hints: readonly string[]
}

/** What the commands about the daemon ask of the program. Each of them ends early, and well, when the process is asked to stop. */
export interface DaemonServices {
  /** Watches a cluster and serves the API until the process is asked to stop. */
  readonly run: (request: RunRequest, events: RunEvents) => Promise<RunResult>
  /** The same over a cluster that is handed in. `stop` ends it, and so does the end of the process. */
  readonly living: (request: LivingRequest, events: RunEvents, stop: AbortSignal) => Promise<RunResult>
  /** Writes what a cluster holds, and how it changes, into a directory. */
  readonly record: (request: RecordRequest, progress: Progress) => Promise<RecordResult>
  /** Plays a recording through the daemon's rooms in its own time. The same recording gives the same result. */
  readonly replay: (request: ReplayRequest, progress: Progress) => Promise<ReplayResult>
}
