/** What one API may be asked to bear. Times are milliseconds, sizes bytes. */
export interface Limits {
  /** Request line and headers together. */
  readonly headerBytes: number
  readonly headersWithin: number
  readonly requestWithin: number
  readonly keepAliveFor: number
  /** A connection on which nothing moves, neither way, is closed after this. */
  readonly idleAfter: number
  /** How often the times above are looked at. */
  readonly checkEvery: number
  readonly connections: number
  /** Requests of one caller: so many at once, and so many a second from then on. */
  readonly burst: number
  readonly perSecond: number
  /** Longest `wait`. */
  readonly longestWait: number
  /** Findings on a page when nothing is said, and most that can be asked for. */
  readonly page: number
  readonly largestPage: number
}

export const LIMITS: Limits = {
  headerBytes: 16 * 1024,
  headersWithin: 10_000,
  requestWithin: 15_000,
  keepAliveFor: 30_000,
  idleAfter: 90_000,
  checkEvery: 5_000,
  connections: 1024,
  burst: 500,
  perSecond: 100,
  longestWait: 60_000,
  page: 500,
  largestPage: 10_000,
}
