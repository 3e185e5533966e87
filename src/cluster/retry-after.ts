import { SECOND } from '../util/time.ts'

/** Longest wait, in milliseconds, that a server is believed to mean. */
const LONGEST = 60 * SECOND

/**
 * What a `Retry-After` asks for, in milliseconds and no longer than a minute: seconds, or a date by the server's own clock.
 * `undefined` when it says nothing that makes sense.
 */
export function retryAfterOf(headers: Readonly<Record<string, string | undefined>>, now: number): number | undefined {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(LONGEST, Number(text) * SECOND)
  // Without letters it is no date, whatever Date.parse makes of it.
  const until = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(until)) return undefined
  const server = Date.parse(headers['date'] ?? '')
  return Math.min(LONGEST, Math.max(0, until - (Number.isNaN(server) ? now : server)))
}
