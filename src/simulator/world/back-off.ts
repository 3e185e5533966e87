const FIRST_MS = 10_000
const MOST_MS = 300_000

/** How long the kubelet leaves something alone that failed: 10 s, doubled each time up to 5 minutes, and from the start again after 10 well minutes. */
export class BackOff {
  #wait = 0
  #updated = 0

  /** Milliseconds; 0 while nothing has failed. */
  get wait(): number {
    return this.#wait
  }

  /** Counts a try that is made at `now`. */
  next(now: number): void {
    const fresh = this.#wait === 0 || now - this.#updated > 2 * MOST_MS
    this.#wait = fresh ? FIRST_MS : Math.min(MOST_MS, this.#wait * 2)
    this.#updated = now
  }

  /** Whether it is to be left alone at `now`, when it failed at `failed`. */
  holds(failed: number, now: number): boolean {
    return this.#wait > 0 && failed - this.#updated <= 2 * MOST_MS && now - failed < this.#wait
  }

  /** The same for what fails at once when it is tried. */
  holdsSinceTry(now: number): boolean {
    return this.#wait > 0 && now - this.#updated < this.#wait
  }
}

/** A duration as Go writes it: `10s`, `1m20s`, `5m0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
