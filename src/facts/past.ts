import type { Run } from './container-history.ts'

/**
 * What is remembered of a cluster beyond what its objects tell. A scan has none. Whoever reads it names what it reads by a key, so that
 * a change under that key makes those look again who read it.
 */
export interface Past {
  /** Runs of a container of a pod that were seen, the latest first; key `podUid/container`. */
  runs(key: string): readonly Run[]
  /** What is remembered of a container over all pods of its root owner; key `rootOwnerUid/container`. */
  owner(key: string): OwnerPast | undefined
  /** When the kubelet, the node or we said that a condition changed, the latest first; key `objectUid/conditionType`. */
  flips(key: string): Flips | undefined
}

/** Changes of one condition. Times are milliseconds since 1970. */
export interface Flips {
  /** Since when every change was seen. */
  readonly since: number
  /** The latest first: the status that began then. */
  readonly changes: readonly { readonly at: number; readonly status: string }[]
}

/** Bounded memory of one container of a root owner. */
export interface OwnerPast {
  /** Kills for memory, the latest first, with the limit at that time in bytes. */
  readonly outOfMemory: readonly { readonly at: number; readonly limitBytes: number | undefined }[]
  readonly usage: UsagePast | undefined
}

/** What its use of CPU and memory was, as far as it was sampled. Times are milliseconds since 1970. */
export interface UsagePast {
  readonly source: 'metrics-api' | 'prometheus'
  /** When sampling of this version of the container began, at most four weeks ago, and its latest sample. */
  readonly from: number
  readonly to: number
  /** Whether there were samples of an earlier version, which no longer count. */
  readonly reset: boolean
  readonly samples: number
  /** Pods that the samples are of; more than 32 are not told apart. Of runs of Jobs, all runs. */
  readonly pods: number
  /** Part of the window in which it was sampled, 0 to 1; of runs of Jobs, the part of them that was seen as a whole. */
  readonly coverage: number
  /** Days, at most as many as the samples would fill at one a minute: field.md 5.1. Of runs of Jobs at most as many as these. */
  readonly confidence: number
  /** Whether the window holds a whole Saturday and Sunday (UTC). */
  readonly weekend: boolean
  readonly cpuP95Cores: number
  readonly cpuMaxCores: number
  /** The highest of the daily peaks, of fourteen days and today. */
  readonly memoryPeakBytes: number
  /** Of the periods in which it wanted to run, the part in which its CPU limit held it back, 0 to 1; where nobody measured it, nothing. */
  readonly cpuThrottledPart?: number | undefined
  /** Whole days, the first and the last left out, for which there is a peak; of runs, all days with one. */
  readonly peakDays: number
  /** Where it is the use of runs of Jobs: how many were seen as a whole, and of which version of the container. */
  readonly runs?: { readonly whole: number; readonly version: string } | undefined
}

/** The past, with every key that is read told. */
export const noted = (past: Past, note: (key: string) => void): Past => ({
  runs: (key) => (note(`runs/${key}`), past.runs(key)),
  owner: (key) => (note(`owner/${key}`), past.owner(key)),
  flips: (key) => (note(`flips/${key}`), past.flips(key)),
})
