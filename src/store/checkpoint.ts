import type { Logger } from '../util/logger.ts'

/** One thing that is remembered: `value` is JSON, named by a section and a key in it. */
export interface Entry {
  readonly section: string
  readonly key: string
  readonly value: unknown
}

/** What outlives a restart. One contract, two homes: a file, and (for simulations, and where no file is configured) memory. */
export interface Checkpoint {
  /** `null` where nothing outlives the process. */
  readonly path: string | null
  /** The `at` of the last whole save, here or in the run before, in milliseconds since 1970. */
  readonly savedAt: number | undefined
  /** Why it could not be read, or not be written the last time, for a person; the next save that succeeds ends the latter. */
  readonly problem: string | undefined
  /** Everything of the last whole save, in the order it was saved; the event loop runs on in between. */
  load(): AsyncIterable<Entry>
  /**
   * Writes everything anew; what was saved before stays until all of it is there. Entries are pulled a few at a time while events go on, so
   * each is as it is at that moment, and `at` (milliseconds) should be the time of the call. What matters most comes first: past the
   * bound the rest is left out, and `problem` says so. A save while another runs waits for it.
   * @throws nothing that a file system does: `problem` says it. What `entries` throws is thrown, and the last save stays.
   */
  save(entries: Iterable<Entry>, at: number): Promise<void>
  /** Waits for a save that runs. */
  close(): Promise<void>
}

export interface CheckpointOptions {
  readonly logger: Logger
  /** The most that is kept, in bytes of JSON before compression. */
  readonly mostBytes?: number | undefined
}
