import type { Category, Severity } from '../engine/rule.ts'
import type { Unread } from '../cluster/cluster-look.ts'
import type { Envelope } from '../sinks/envelope.ts'
import type { LabelSelector } from '../util/label-selector.ts'
import type { DaemonServices } from './daemon-services.ts'

/** Where a look comes from: dumps, or a cluster. */
export interface Source {
  /** Files or directories of a dump; `-` is the standard input. Empty for a live cluster. */
  readonly files: readonly string[]
  /** The user's word that a dump holds everything. */
  readonly complete: boolean
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Namespaces to look at; `undefined` for all of them. */
  readonly namespaces: readonly string[] | undefined
}

export interface ScanRequest {
  readonly source: Source
  /** A label selector over targets. */
  readonly selector: LabelSelector | undefined
  readonly cluster: string | undefined
  readonly config: string | undefined
  readonly rules: readonly string[]
  /** Milliseconds since 1970; the dump's own time, or now, when absent. */
  readonly at: number | undefined
}

/** A mistake in a file the user gave, with its place and the way out. */
export interface FileProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** How much was looked at: what "all is well" is worth. */
export interface Looked {
  readonly objects: number
  readonly kinds: number
}

export interface ScanResult {
  readonly envelope: Envelope
  readonly looked: Looked
  /** Rule files that were skipped. */
  readonly problems: readonly FileProblem[]
  /** What would make the result better, each one sentence. */
  readonly hints: readonly string[]
}

/** How far a look has come; called often, shown when it lasts. */
export type Progress = (step: { readonly doing: string; readonly done: number; readonly total: number }) => void

export interface SnapshotResult {
  /** A `List` that `scan -f` reads back. */
  readonly text: string
  readonly objects: number
  readonly incomplete: readonly Unread[]
}

/** A rule file as it was read: the rule's id and version, and its JSON as the author wrote it. */
export interface RuleView {
  readonly id: string
  readonly version: string
  readonly file: string
  /** Whether it ships with dogwatch. */
  readonly shipped: boolean
  readonly subjects: readonly string[]
  readonly severity: Severity
  readonly category: Category
  readonly recommend: readonly string[]
  readonly inhibits: readonly { readonly rule: string; readonly via: string }[]
  readonly runbook: string
  readonly source: string
}

export interface RulesResult {
  readonly rules: readonly RuleView[]
  readonly problems: readonly FileProblem[]
}

/** What the commands ask of the program. `app.ts` gives it. */
export interface Services extends DaemonServices {
  /** The version of the package. */
  readonly version: string
  readonly scan: (request: ScanRequest, progress: Progress) => Promise<ScanResult>
  readonly snapshot: (source: Source, progress: Progress) => Promise<SnapshotResult>
  /** The shipped rules and those of `directories`. */
  readonly rules: (directories: readonly string[]) => Promise<RulesResult>
  /** The loader alone, over rule files or directories; the shipped rules are there to be inhibited, but are not reported on. */
  readonly check: (paths: readonly string[]) => Promise<RulesResult>
  /** The published JSON Schemas. */
  readonly schema: (of: 'rule' | 'config') => Promise<object>
  /** The text of a shipped runbook page; `undefined` when the rule's page is elsewhere. */
  readonly runbook: (path: string) => Promise<string | undefined>
}

export interface Terminal {
  readonly out: boolean
  readonly error: boolean
  /** These may change while a command runs. */
  readonly columns: number
  readonly rows: number
  /** Whether the cursor of the output can be moved. */
  readonly drawable: boolean
  readonly colour: boolean
}

/** What a command may touch of the process it runs in. */
export interface Console {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** Whether the output is a terminal, and how wide it is in characters. */
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends what would go on for ever. */
  readonly stop: AbortSignal
}

/** The exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, findings: 3, incomplete: 4, crashed: 70 } as const

/** A mistake of the user's: a flag, a file, a dump. The message names the place and the way out. */
export class UsageError extends Error {}
