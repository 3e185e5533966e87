/** What is known of a finding at one time: whether it holds, since when, and the durations that its rule asks for (milliseconds). */
export interface Observation {
  readonly truth: 'true' | 'unknown'
  /** Since when it provably holds; absent when only this look vouches for it. */
  readonly since?: number | undefined
  readonly forMs: number
  readonly resolveAfterMs: number
  readonly flickerMs: number
}

/** The clock of one finding. All times are milliseconds since 1970. */
export interface Clock {
  readonly state: 'pending' | 'firing' | 'resolved'
  /** Since when the condition has held, short spells of false or unknown aside. */
  readonly since: number
  readonly firstSeen: number
  /** When it was last seen to hold. */
  readonly lastSeen: number
  readonly resolvedAt: number | null
  /** When the present spell of not being true began. */
  readonly brokenSince: number | null
  /** The durations of the last observation: they must outlive it, since a false one brings none. */
  readonly forMs: number
  readonly resolveAfterMs: number
  readonly flickerMs: number
}

export type Clocks = ReadonlyMap<string, Clock>

/**
 * The clocks after one look: `observations` names every finding that is true or unknown at `now` (milliseconds); what it does not name is false.
 * A finding fires when it has held for `forMs`. It resolves when it has been false for `resolveAfterMs`; unknown neither fires nor resolves it.
 * A spell shorter than `flickerMs` does not reset a pending finding. Clocks of findings that ended before are dropped.
 */
export function track(
  previous: Clocks,
  observations: ReadonlyMap<string, Observation>,
  now: number,
): Map<string, Clock> {
  const next = new Map<string, Clock>()
  for (const [id, seen] of observations) {
    const before = live(previous.get(id))
    const clock = seen.truth === 'true' ? holds(before, seen, now) : before && doubtful(before, now)
    if (clock) next.set(id, clock)
  }
  for (const [id, before] of previous) {
    const clock = observations.has(id) ? undefined : ended(before, now)
    if (clock) next.set(id, clock)
  }
  return next
}

const live = (clock: Clock | undefined): Clock | undefined => (clock?.state === 'resolved' ? undefined : clock)

function holds(before: Clock | undefined, seen: Observation, now: number): Clock {
  const provable = Math.min(seen.since ?? now, now)
  const since = before && continues(before, now) ? Math.min(before.since, provable) : provable
  const fires = before?.state === 'firing' || now - since >= seen.forMs
  return {
    state: fires ? 'firing' : 'pending',
    since,
    firstSeen: before?.firstSeen ?? now,
    lastSeen: now,
    resolvedAt: null,
    brokenSince: null,
    forMs: seen.forMs,
    resolveAfterMs: seen.resolveAfterMs,
    flickerMs: seen.flickerMs,
  }
}

const continues = (clock: Clock, now: number): boolean =>
  clock.state === 'firing' || clock.brokenSince === null || now - clock.brokenSince < clock.flickerMs

// Unknown is not false: what fires stays, and what was about to fire waits no longer than a flicker.
function doubtful(before: Clock, now: number): Clock | undefined {
  if (before.state === 'firing') return { ...before, brokenSince: null }
  return pause(before, now)
}

function ended(before: Clock, now: number): Clock | undefined {
  if (before.state === 'resolved') return undefined
  if (before.state === 'pending') return pause(before, now)
  const brokenSince = before.brokenSince ?? now
  if (now - brokenSince < before.resolveAfterMs) return { ...before, brokenSince }
  return { ...before, brokenSince, state: 'resolved', resolvedAt: now }
}

function pause(before: Clock, now: number): Clock | undefined {
  const brokenSince = before.brokenSince ?? now
  return now - brokenSince < before.flickerMs ? { ...before, brokenSince } : undefined
}

/** When a pending finding fires if nothing changes, in milliseconds; `null` in every other state and during a spell of not being true. */
export const firesAt = (clock: Clock): number | null =>
  clock.state === 'pending' && clock.brokenSince === null ? clock.since + clock.forMs : null
