const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy

/** Reads a duration such as `15m`, `1h30m` or `7d`, in milliseconds; `undefined` when the text is none. */
export function parseDuration(text: string): number | undefined {
  PART.lastIndex = 0
  let total = 0
  let end = 0
  for (const [whole, amount, unit] of text.matchAll(PART)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN)
    end += whole.length
  }
  return end > 0 && end === text.length ? total : undefined
}

/** Writes milliseconds in the one normal form, largest unit first and no zero parts: `90000` is `1m30s`, `0` is `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms))
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNITS[unit] ?? 1
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text || '0s'
}

/** Writes milliseconds as `kubectl` shows ages: at most two units, never below a second. */
export function formatAge(ms: number): string {
  const parts = formatDuration(Math.floor(Math.max(0, ms) / 1000) * 1000).match(/\d+[dhms]/g) ?? ['0s']
  return parts.slice(0, 2).join('')
}
