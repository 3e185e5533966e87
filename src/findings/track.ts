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
 * Clocks of findings that ended before are dropped.
 */
export function track(
  previous: Clocks,
  observations: ReadonlyMap<string, Observation>,
  now: number,
): Map<string, Clock> {
  const next = new Map<string, Clock>()
  for (const id of new Set([...observations.keys(), ...previous.keys()])) {
    const clock = step(previous.get(id), observations.get(id), now)
    if (clock) next.set(id, clock)
  }
  return next
}

/**
 * The clock of one finding after a look at `now` (milliseconds), or none: `seen` is absent when its condition is false.
 * A finding fires when it has held for `forMs`. It resolves when it has been false for `resolveAfterMs`; unknown neither fires nor resolves it.
 * A spell shorter than `flickerMs` does not reset a pending finding.
 */
export function step(previous: Clock | undefined, seen: Observation | undefined, now: number): Clock | undefined {
  const before = previous?.state === 'resolved' ? undefined : previous
  if (seen?.truth === 'true') return holds(before, seen, now)
  if (!before) return undefined
  return seen ? doubtful(before, now) : ended(before, now)
}

/** When a clock may move though nothing new is seen, in milliseconds: it fires, resolves, or a spell has lasted too long. */
export function movesAt(clock: Clock): number | undefined {
  const { state, brokenSince, since, forMs, resolveAfterMs, flickerMs } = clock
  if (state === 'resolved') return undefined
  if (brokenSince !== null) return brokenSince + (state === 'firing' ? resolveAfterMs : flickerMs)
  return state === 'pending' ? since + forMs : undefined
}

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
