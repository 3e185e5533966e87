import type { Shape } from './shape.ts'

/** Different values that one shape remembers; then it begins anew, and only what comes later is no longer shared with what came before. */
const MOST = 50_000

/**
 * Equal values are one object. The pods of a workload agree in most of what they say, and a large cluster that keeps it for each
 * of them needs four times the memory. To compare costs less than a tenth of parsing.
 */
export function shared<T>(shape: Shape<T>): Shape<T> {
  const known = new Map<string, T>()
  return (raw) => {
    const value = shape(raw)
    if (value === undefined) return undefined
    const key = JSON.stringify(value)
    const same = known.get(key)
    if (same !== undefined) return same
    if (known.size >= MOST) known.clear()
    known.set(key, value)
    return value
  }
}

/** A string that many objects say: a reason, a phase, the time of a change. */
export function word(raw: unknown): string | undefined {
  if (typeof raw !== 'string') return undefined
  const same = WORDS.get(raw)
  if (same !== undefined) return same
  if (WORDS.size >= MOST) WORDS.clear()
  WORDS.set(raw, raw)
  return raw
}
const WORDS = new Map<string, string>()
