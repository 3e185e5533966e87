import { pino } from 'pino'
import type { Fields, Logger } from './logger.ts'
import { plainText, truncate } from './text.ts'

export interface PinoLoggerOptions {
  /** The least grave lines that are written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Takes one line, its end included. */
  readonly write: (line: string) => void
  /** Milliseconds since 1970; the machine's own time when left out. */
  readonly now?: (() => number) | undefined
}

/** Longest text of a field, in characters. */
const LONGEST = 1000
const OWN_KEYS = new Set(['time', 'level', 'event'])

/** Writes one JSON object a line: `level`, `time` (RFC 3339), the fields, `event`. */
export function pinoLogger({ level, write, now = Date.now }: PinoLoggerOptions): Logger {
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  return {
    debug: (event, fields) => log.debug(inert(fields), event),
    info: (event, fields) => log.info(inert(fields), event),
    warn: (event, fields) => log.warn(inert(fields), event),
    error: (event, fields) => log.error(inert(fields), event),
  }
}

// A field of the name of one of ours would be read instead of it, or beside it, depending on who reads.
function inert(fields: Fields = {}): Record<string, unknown> {
  const entries = Object.entries(fields).map(([key, value]) => [
    OWN_KEYS.has(key) ? `${key}_` : key,
    typeof value === 'string' ? truncate(plainText(value).toWellFormed(), LONGEST) : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}
