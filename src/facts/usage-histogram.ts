import { HOUR } from '../util/time.ts'

// The buckets of the Vertical Pod Autoscaler: the first is 0.01 core wide, each next 5 % wider, up to 1000 cores.
const FIRST = 0.01
const GROWTH = 1.05
const MOST = 1000
const BUCKETS = Math.ceil(Math.log(1 + (MOST * (GROWTH - 1)) / FIRST) / Math.log(GROWTH))

/** Of two samples that lie so far apart, in milliseconds, the older counts half. */
const HALF_LIFE = 24 * HOUR

// Weights grow as time goes on; before they leave what a number can hold, all are made smaller.
const MOST_HALF_LIVES = 60

// A bucket that holds less than this part of all moves no percentile that anybody asks for.
const NEGLIGIBLE = 1e-6

/** Where a bucket begins, in cores. */
const startOf = (bucket: number): number => (FIRST * (GROWTH ** bucket - 1)) / (GROWTH - 1)

function bucketOf(cores: number): number {
  const bucket = Math.floor(Math.log(1 + (cores * (GROWTH - 1)) / FIRST) / Math.log(GROWTH))
  return Math.min(Math.max(bucket, 0), BUCKETS - 1)
}

/** A histogram as plain JSON: the time that weights refer to, buckets in order, their weights. */
export type HistogramState = readonly [reference: number, buckets: readonly number[], weights: readonly number[]]

/** CPU samples with exponentially decaying weights. Sparse: an ordinary container fills a dozen buckets. */
export class Histogram {
  // Two lists side by side, by bucket: a map of the same takes five times the memory.
  #buckets: number[] = []
  #weights: number[] = []
  #reference: number

  /** `at` in milliseconds: weights refer to it. */
  constructor(at: number) {
    this.#reference = at
  }

  /** Adds a sample in cores that was taken at a time in milliseconds. */
  add(cores: number, at: number): void {
    if ((at - this.#reference) / HALF_LIFE > MOST_HALF_LIVES) this.#refer(at)
    const weight = 2 ** ((at - this.#reference) / HALF_LIFE)
    const bucket = bucketOf(cores)
    let place = this.#buckets.findIndex((one) => one >= bucket)
    if (place < 0) place = this.#buckets.length
    if (this.#buckets[place] === bucket) this.#weights[place] = (this.#weights[place] ?? 0) + weight
    else {
      this.#buckets.splice(place, 0, bucket)
      this.#weights.splice(place, 0, weight)
    }
  }

  #refer(at: number): void {
    const factor = 2 ** ((this.#reference - at) / HALF_LIFE)
    const least = this.#total() * factor * NEGLIGIBLE
    const kept = this.#weights.map((weight) => weight * factor >= least)
    this.#buckets = this.#buckets.filter((_, place) => kept[place])
    this.#weights = this.#weights.filter((_, place) => kept[place]).map((weight) => weight * factor)
    this.#reference = at
  }

  #total(): number {
    return this.#weights.reduce((sum, weight) => sum + weight, 0)
  }

  /** The end of the bucket that this part (0 to 1) of the weight lies below, in cores; 0 without samples. */
  percentile(part: number): number {
    const wanted = this.#total() * part
    let sum = 0
    for (const [place, weight] of this.#weights.entries()) {
      sum += weight
      if (sum >= wanted) return startOf((this.#buckets[place] ?? 0) + 1)
    }
    return 0
  }

  state(): HistogramState {
    // Six digits move no percentile by more than a bucket, and take a third of the room.
    return [this.#reference, [...this.#buckets], this.#weights.map((weight) => Number(weight.toPrecision(6)))]
  }

  static from([reference, buckets, weights]: HistogramState): Histogram {
    const histogram = new Histogram(reference)
    histogram.#buckets = [...buckets]
    histogram.#weights = [...weights]
    return histogram
  }
}
