/** Milliseconds of a second, a minute, an hour and a day. */
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/**
 * Reads an RFC 3339 time as Kubernetes writes it, in milliseconds since 1970.
 * `undefined` for anything else, and for 1970-01-01 itself: the kubelet writes that for a container that never started.
 */
export function parseTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) || at <= 0 ? undefined : at
}

/** An RFC 3339 time to the second, in UTC. */
export const formatTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** The earliest of the times that there are. */
export function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}
