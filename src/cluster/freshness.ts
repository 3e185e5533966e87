/**
 * `syncing`: not everything was seen yet. `live`: what is held is what the server has, to within seconds. `partial`: as live, but there is
 * more than is held, so that nothing can be said of what is missing. `stale`: nothing was heard for too long. `left-out`: not watched, as
 * there are too many kinds of its sort; waiting does not help.
 */
export type WatchState =
  | 'syncing'
  | 'live'
  | 'partial'
  | 'stale'
  | 'forbidden'
  | 'failed'
  | 'not-installed'
  | 'left-out'

/** How well one kind is watched, in one namespace or (without one) everywhere. All times are milliseconds since 1970. */
export interface Freshness {
  /** `plural.group` */
  readonly resource: string
  readonly namespace: string | undefined
  readonly state: WatchState
  /** For a person: what the server said, what is being waited for, or of what is polled how often; else empty while live. */
  readonly detail: string
  readonly objects: number
  /** When everything had been seen for the first time, and the last time that a list was whole. */
  readonly syncedAt: number | undefined
  /** When the server last sent anything, bookmarks among it. */
  readonly heardAt: number | undefined
  /** Since when nothing can have been missed: a list after a 410, a silence or an outage begins it anew. */
  readonly continuousSince: number | undefined
  /** How often a watch was opened again, and how often everything was listed again. */
  readonly restarts: number
  readonly relists: number
  /** Objects that a list showed to have changed or gone without an event: each is a defect, ours or the server's. */
  readonly missed: number
  /** Frames that could not be read. */
  readonly malformed: number
}

/** How well a kind is watched of which nothing was heard anywhere. */
export const unheard = (resource: string, state: WatchState, detail: string): Freshness => ({
  resource,
  namespace: undefined,
  state,
  detail,
  objects: 0,
  syncedAt: undefined,
  heardAt: undefined,
  continuousSince: undefined,
  restarts: 0,
  relists: 0,
  missed: 0,
  malformed: 0,
})
