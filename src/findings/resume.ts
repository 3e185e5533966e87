import * as z from 'zod'
import type { Clock } from './track.ts'

/** When the clocks were kept, and when they go on. Both in milliseconds since 1970, by clocks that need not agree. */
export interface Gap {
  /** Until when dogwatch watched; `undefined` when nobody knows. */
  readonly savedAt: number | undefined
  readonly now: number
}

/**
 * The clocks of findings after a gap in watching: a restart, or a wall clock that jumped. A gap never counts as time that a condition held
 * or did not hold. What fires goes on, so that nothing is announced twice, and its way to being resolved begins anew. What was
 * pending goes on over a gap shorter than a flicker and is dropped after a longer one, or one that cannot be told. No time lies after `now`.
 */
export function resume(kept: Iterable<readonly [id: string, clock: Clock]>, gap: Gap): Map<string, Clock> {
  const clocks = new Map<string, Clock>()
  for (const [id, clock] of kept) {
    const next = resumed(clock, gap)
    if (next) clocks.set(id, next)
  }
  return clocks
}

function resumed(clock: Clock, { savedAt, now }: Gap): Clock | undefined {
  if (clock.state === 'resolved') return undefined
  const times = {
    since: Math.min(clock.since, now),
    firstSeen: Math.min(clock.firstSeen, now),
    lastSeen: Math.min(clock.lastSeen, now),
  }
  if (clock.state === 'firing') return { ...clock, ...times, brokenSince: null }
  if (savedAt === undefined || [savedAt, clock.since, clock.lastSeen].some((time) => time > now)) return undefined
  const brokenSince = Math.min(clock.brokenSince ?? savedAt, savedAt)
  return now - brokenSince < clock.flickerMs ? { ...clock, ...times, brokenSince } : undefined
}

const time = z.number().int()
const duration = z.number().nonnegative()
const clockSchema = z.object({
  state: z.enum(['pending', 'firing', 'resolved']),
  since: time,
  firstSeen: time,
  lastSeen: time,
  resolvedAt: time.nullable(),
  brokenSince: time.nullable(),
  forMs: duration,
  resolveAfterMs: duration,
  flickerMs: duration,
})

/** A clock as it was kept in JSON; `undefined` when it is none. */
export function readClock(value: unknown): Clock | undefined {
  const read = clockSchema.safeParse(value)
  return read.success ? read.data : undefined
}
