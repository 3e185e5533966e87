import type { Envelope } from '../sinks/envelope.ts'

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
  /** A label selector over targets, as kubectl writes it. */
  readonly selector: string | undefined
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

export interface ScanResult {
  readonly envelope: Envelope
  /** Rule files that were skipped. */
  readonly problems: readonly FileProblem[]
  /** What would make the result better, each one sentence. */
  readonly hints: readonly string[]
}

/** How far a look has come; called often, shown when it lasts. */
export type Progress = (step: { readonly doing: string; readonly done: number; readonly total: number }) => void

/** What the commands ask of the program. `app.ts` gives it. */
export interface Services {
  readonly scan: (request: ScanRequest, progress: Progress) => Promise<ScanResult>
}

/** What a command may touch of the process it runs in. */
export interface Console {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** Whether the output is a terminal, and how wide it is in characters. */
  readonly terminal: {
    readonly out: boolean
    readonly error: boolean
    readonly columns: number
    readonly colour: boolean
  }
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, findings: 3, incomplete: 4 } as const

/** A mistake of the user's: a flag, a file, a dump. The message names the place and the way out. */
export class UsageError extends Error {}
