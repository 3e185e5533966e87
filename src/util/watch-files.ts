import { watch } from 'node:fs'
import { sleep, type Clock } from './clock.ts'
import { readDirectory, type FoundFile } from './directory.ts'
import { reasonOf } from './files.ts'
import { sha256 } from './hash.ts'
import type { Logger } from './logger.ts'

export interface WatchFilesOptions {
  /** Which files: `.json`. */
  readonly extension: string
  readonly clock: Clock
  readonly logger: Logger
  /** Is told all files there are, whenever they are not what they were; the next change waits until it is done. */
  readonly changed: (files: readonly FoundFile[]) => Promise<void>
  /** Calls when something in a directory may have changed; what it returns ends that. */
  readonly hint?: ((directory: string, call: () => void) => () => void) | undefined
}

export interface FileWatch {
  /** All files at the start. */
  readonly files: readonly FoundFile[]
  /** Ends it, after a call of `changed` that is on its way. */
  stop(): Promise<void>
}

const EVERY_MS = 5_000
const SETTLE_MS = 300

/**
 * Watches directories by reading them every few seconds: notices of the file system get lost on mounts, and a ConfigMap changes by a
 * link two steps away. A change counts when two readings in a row agree, so that no half-written file and no mixture of two versions
 * is taken for one. Of a directory that cannot be read every file stays, as one that cannot be read.
 */
export async function watchFiles(directories: readonly string[], options: WatchFilesOptions): Promise<FileWatch> {
  const watching = new Watching(directories, options)
  return watching.start()
}

interface Reading {
  readonly files: readonly FoundFile[]
  readonly digest: string
}

class Watching {
  readonly #directories: readonly string[]
  readonly #options: WatchFilesOptions
  readonly #ended = new AbortController()
  readonly #known = new Map<string, readonly FoundFile[]>()
  #latest: Reading = { files: [], digest: '' }
  #hinted = false
  #cancel: () => void = () => undefined
  #looking: Promise<void> | undefined

  constructor(directories: readonly string[], options: WatchFilesOptions) {
    this.#directories = directories
    this.#options = options
  }

  async start(): Promise<FileWatch> {
    this.#latest = await this.#read()
    const { hint = hintOfChange } = this.#options
    const hints = this.#directories.map((directory) => hint(directory, () => this.#hurry()))
    this.#plan(EVERY_MS)
    return {
      files: this.#latest.files,
      stop: async () => {
        this.#ended.abort()
        this.#cancel()
        for (const end of hints) end()
        await this.#looking
      },
    }
  }

  // Whoever writes all the time must not put the next look off all the time.
  #hurry(): void {
    if (this.#hinted) return
    this.#hinted = true
    this.#plan(SETTLE_MS)
  }

  #plan(ms: number): void {
    if (this.#ended.signal.aborted || this.#looking) return
    this.#cancel()
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#hinted = false
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined
        this.#plan(this.#hinted ? SETTLE_MS : EVERY_MS)
      })
    })
  }

  async #look(): Promise<void> {
    try {
      const settled = await this.#settle(await this.#read())
      if (settled.digest === this.#latest.digest) return
      this.#latest = settled
      await this.#options.changed(settled.files)
    } catch (error) {
      if (!this.#ended.signal.aborted) this.#options.logger.error('files not read again', { reason: reasonOf(error) })
    }
  }

  async #settle(first: Reading): Promise<Reading> {
    let reading = first
    while (reading.digest !== this.#latest.digest) {
      await sleep(this.#options.clock, SETTLE_MS, this.#ended.signal)
      const again = await this.#read()
      if (again.digest === reading.digest) return reading
      reading = again
    }
    return reading
  }

  async #read(): Promise<Reading> {
    const files: FoundFile[] = []
    const marks: string[] = []
    for (const directory of this.#directories)
      for (const found of await this.#readDirectory(directory)) {
        files.push(found)
        marks.push(found.file, sha256('text' in found ? `text ${found.text}` : `fault ${found.fault}`))
      }
    return { files, digest: sha256(marks.join('\n')) }
  }

  async #readDirectory(directory: string): Promise<readonly FoundFile[]> {
    try {
      const found = await readDirectory(directory, this.#options.extension)
      this.#known.set(directory, found)
      return found
    } catch (error) {
      const fault = reasonOf(error)
      const known = this.#known.get(directory) ?? []
      return known.length === 0 ? [{ file: directory, fault }] : known.map(({ file }) => ({ file, fault }))
    }
  }
}

/** What the file system says by itself, where it does; only ever a hint. */
function hintOfChange(directory: string, call: () => void): () => void {
  try {
    const watcher = watch(directory, { persistent: false }, call)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => undefined
  }
}
