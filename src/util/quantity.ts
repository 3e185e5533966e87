const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/

/** Reads a Kubernetes quantity (`250m`, `32Mi`, `1e3`) as a plain number: cores, bytes or a count. `undefined` when the text is none. */
export function parseQuantity(text: string | undefined): number | undefined {
  const match = text === undefined ? null : QUANTITY.exec(text)
  if (!match) return undefined
  const [, digits, exponent, suffix] = match
  const value = Number(`${digits}${exponent ?? ''}`) * (SUFFIXES[suffix ?? ''] ?? Number.NaN)
  return Number.isFinite(value) ? value : undefined
}

/** Writes bytes with the largest binary suffix that keeps three digits: `33554432` is `32Mi`. */
export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : ''
  let value = Math.abs(bytes)
  let suffix = ''
  for (const next of ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']) {
    if (value < 1024) break
    value /= 1024
    suffix = next
  }
  return `${sign}${Number(value.toPrecision(3))}${suffix}`
}

/** Writes cores as Kubernetes does: `0.25` is `250m`, `2` is `2`. */
export function formatCores(cores: number): string {
  const milli = Math.round(cores * 1000)
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
}
