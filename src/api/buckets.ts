/** How fast callers may ask. Each has so many at once, which come back with time. */
export interface BucketOptions {
  readonly burst: number
  readonly perSecond: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Most callers that are told apart. */
  readonly most?: number
}

interface Bucket {
  left: number
  at: number
}

/** Counts requests by caller, within bounded memory. */
export class Buckets {
  readonly #options: BucketOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: BucketOptions) {
    this.#options = options
  }

  /** Takes one; gives the seconds to wait for when there is none left, else 0. */
  take(caller: string): number {
    const { burst, perSecond, now } = this.#options
    const at = now()
    const bucket = this.#buckets.get(caller) ?? { left: burst, at }
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, at - bucket.at) / 1000) * perSecond)
    bucket.at = at
    this.#keep(caller, bucket)
    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perSecond)
    bucket.left--
    return 0
  }

  // The one that has not asked for longest goes first: its bucket is the likeliest to be full again.
  #keep(caller: string, bucket: Bucket): void {
    this.#buckets.delete(caller)
    this.#buckets.set(caller, bucket)
    if (this.#buckets.size <= (this.#options.most ?? 4096)) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
