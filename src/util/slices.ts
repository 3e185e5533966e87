import { setImmediate } from 'node:timers/promises'

/** Others (watches that must be read, requests to the API) get their turn after so many milliseconds. */
const SLICE_MS = 4

export interface Slice {
  /** Most pieces of work of one slice. */
  readonly most: number
  /** Milliseconds of the machine. */
  readonly stopwatch: () => number
}

/** Does pieces of work until there is none, in slices, so that others have their turn. */
export async function inSlices({ most, stopwatch }: Slice, work: () => boolean): Promise<void> {
  let [began, done] = [stopwatch(), 0]
  while (work()) {
    if (++done < most && stopwatch() - began < SLICE_MS) continue
    await setImmediate()
    began = stopwatch()
    done = 0
  }
}
