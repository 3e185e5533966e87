import type { Change } from '../cluster/mirror.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import type { Run } from './container-history.ts'
import type { Flips, OwnerPast, Past } from './past.ts'

/** One thing that is remembered, as plain JSON; whoever keeps it looks neither at the key nor at the value. */
export type MemoryEntry = readonly [section: string, key: string, value: unknown]

/** Everything that is remembered, as plain JSON. */
export interface MemoryState {
  readonly version: number
  readonly entries: readonly MemoryEntry[]
}

/** What came of reading back what was kept. */
export interface Restored {
  readonly memory: Memory
  /** Entries that could not be read: malformed, of another version. */
  readonly dropped: number
}

const VERSION = 1

/**
 * What dogwatch remembers of a cluster: the runs of containers that restarted, kills for memory and usage by root owner and container,
 * the flips of conditions. Every stored change goes through `changed`, in the order it is stored. What comes back from `changed`, `gap` and
 * `sweep` are the keys that now read otherwise, as `runs/KEY`, `owner/KEY`, `flips/KEY`, with the keys of `Past`.
 */
export class Memory implements Past {
  /** Remembers a change of an object; a change of a `PodMetrics` is a sample. */
  changed(_change: Change, _snapshot: Snapshot): readonly string[] {
    return []
  }

  /** Nothing was seen between two times (milliseconds): the program was not running, or could not hear. */
  gap(_from: number, _to: number): readonly string[] {
    return []
  }

  /** Drops what is gone or too old; meant to be called every few minutes. */
  sweep(_now: number): readonly string[] {
    return []
  }

  runs(_key: string): readonly Run[] {
    return []
  }

  owner(_key: string): OwnerPast | undefined {
    return undefined
  }

  flips(_key: string): Flips | undefined {
    return undefined
  }

  /** Everything that is remembered, one by one: reading may be interrupted, and what changes meanwhile is there as it was or as it is. */
  *entries(): Iterable<MemoryEntry> {
    yield ['meta', 'version', VERSION]
  }

  /** What `entries` gave, read back at a time in milliseconds. What cannot be read is left out and counted. */
  static restore(_entries: Iterable<MemoryEntry>, _now: number): Restored {
    return { memory: new Memory(), dropped: 0 }
  }

  state(): MemoryState {
    return { version: VERSION, entries: [...this.entries()] }
  }

  static from(state: MemoryState, now: number): Restored {
    return Memory.restore(state.entries, now)
  }
}
