import type { Readership, Reads } from './cluster/readership.ts'
import type { Aspect } from './findings/docket.ts'
import { NO_VERDICTS, type Standing, type Verdicts } from './findings/ledger.ts'
import { Alarms } from './util/alarms.ts'

/** Who reads: an object with its subjects, asked about an aspect of it, or a finding. */
export interface Reader {
  readonly of: Aspect | 'finding'
  readonly id: string
  verdicts: Verdicts
  reads: Reads<Reader> | undefined
  /** Since when its owner is not there, in milliseconds. */
  orphanedAt: number | undefined
}

// A field that is added later costs more than one that is there: of a large cluster there are hundreds of thousands.
export const readerOf = (of: Reader['of'], id: string): Reader => ({
  of,
  id,
  verdicts: NO_VERDICTS,
  reads: undefined,
  orphanedAt: undefined,
})

/** Findings that may look different, with how they stand; `undefined` of those that are over. */
export type Settled = ReadonlyMap<string, Standing | undefined>

/** Which findings are to be composed again, with what each of them read when it was composed. */
export class Showing {
  readonly #readership: Readership<Reader>
  readonly #standingOf: (finding: string) => Standing | undefined
  readonly #findings = new Map<string, Reader>()
  readonly #touched = new Set<string>()
  readonly #alarms = new Alarms<string>()

  constructor(readership: Readership<Reader>, standingOf: (finding: string) => Standing | undefined) {
    this.#readership = readership
    this.#standingOf = standingOf
  }

  /** A finding is to be composed again. */
  touch(finding: string): void {
    this.#touched.add(finding)
  }

  touchAll(): void {
    for (const finding of this.#findings.keys()) this.#touched.add(finding)
  }

  /** The same at a time, in milliseconds: what is said of it ends then. */
  touchAt(finding: string, at: number | undefined): void {
    this.#alarms.set(finding, at)
  }

  /** Touches what is due at `now`, in milliseconds. */
  wake(now: number): void {
    for (const finding of this.#alarms.due(now)) this.#touched.add(finding)
  }

  /** Runs `work` for a finding and remembers what it reads. */
  compose<T>(finding: string, work: () => T): T {
    const reader = this.#findings.get(finding) ?? readerOf('finding', finding)
    this.#findings.set(finding, reader)
    return this.#readership.record(reader, finding, work)
  }

  /** Gives so many findings at most that were touched. */
  take(most: number): Settled {
    const taken = new Map<string, Standing | undefined>()
    for (const finding of this.#touched) {
      if (taken.size >= most) break
      this.#touched.delete(finding)
      taken.set(finding, this.#standing(finding))
    }
    return taken
  }

  /** When there is something to do, in milliseconds; 0 for at once. */
  next(): number | undefined {
    return this.#touched.size > 0 ? 0 : this.#alarms.next()
  }

  #standing(finding: string): Standing | undefined {
    const standing = this.#standingOf(finding)
    const reader = this.#findings.get(finding)
    if (standing || !reader) return standing
    this.#readership.forget(reader)
    this.#findings.delete(finding)
    this.#alarms.set(finding, undefined)
    return undefined
  }
}
