import { setImmediate } from 'node:timers/promises'
import type { Logger } from '../util/logger.ts'
import { decode, encode, type Entry } from './entries.ts'
import { fileHome } from './file-home.ts'
import { HomeError, memoryHome, type Home, type Opened } from './home.ts'

/** What outlives a restart. One contract, two homes: a file, and (for simulations, and where no file is configured) memory. */
export interface Checkpoint {
  /** `null` where nothing outlives the process: then there is little use in saving. */
  readonly path: string | null
  /** The `at` of the last whole save, here or in the run before, in milliseconds since 1970. */
  readonly savedAt: number | undefined
  /** Why it could not be read, or not be written the last time, for a person; a save that succeeds ends the latter. */
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

const MOST_BYTES = 2 ** 28

/**
 * Opens the checkpoint in a file, or without a path one in memory. What cannot be used never stands in the way: a damaged file is kept beside
 * as `FILE.bad` and everything begins anew; one of a newer dogwatch, or of another program, is left alone and nothing is kept. `problem` says so.
 */
export async function openCheckpoint(path: string | undefined, options: CheckpointOptions): Promise<Checkpoint> {
  const home = path === undefined ? memoryHome() : fileHome(path)
  const opened = await home.open()
  if (opened.problem !== undefined) options.logger.warn('checkpoint not read', { path, problem: opened.problem })
  return new Kept(home, opened, options)
}

class Kept implements Checkpoint {
  readonly path: string | null
  readonly #home: Home
  readonly #opened: Opened
  readonly #logger: Logger
  readonly #mostBytes: number
  #savedAt: number | undefined
  #problem: string | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(home: Home, opened: Opened, { logger, mostBytes = MOST_BYTES }: CheckpointOptions) {
    this.path = home.path
    this.#home = home
    this.#opened = opened
    this.#logger = logger
    this.#mostBytes = mostBytes
    this.#savedAt = opened.savedAt
  }

  get savedAt(): number | undefined {
    return this.#savedAt
  }

  get problem(): string | undefined {
    return this.#problem ?? this.#opened.problem
  }

  async *load(): AsyncGenerator<Entry> {
    if (this.#savedAt === undefined) return
    try {
      for await (const chunk of this.#home.read()) yield* await decode(chunk)
    } catch (error) {
      this.#tell('checkpoint not read', error)
    }
  }

  save(entries: Iterable<Entry>, at: number): Promise<void> {
    const run = this.#running.then(() => this.#write(entries, at))
    this.#running = run.catch(() => undefined)
    return run
  }

  async close(): Promise<void> {
    await this.#running
  }

  async #write(entries: Iterable<Entry>, at: number): Promise<void> {
    if (this.#opened.sealed === true) return
    const taken = { bytes: 0, leftOut: 0 }
    try {
      await this.#home.write(breathing(encode(entries, this.#mostBytes, taken)), at)
    } catch (error) {
      if (!(error instanceof HomeError)) throw error
      this.#tell('checkpoint not written', error)
      return
    }
    this.#savedAt = at
    this.#problem =
      taken.leftOut === 0
        ? undefined
        : `${taken.leftOut} entries left out: more than ${this.#mostBytes} bytes, or one too long`
    this.#logger.debug('checkpoint written', { bytes: taken.bytes, leftOut: taken.leftOut })
  }

  #tell(event: string, error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    if (problem !== this.#problem) this.#logger.warn(event, { path: this.path, problem })
    this.#problem = problem
  }
}

// What is handed on at once to a database that writes at once would leave no turn to anybody.
async function* breathing<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    await setImmediate()
    yield item
  }
}
