/** Three-valued truth after Kleene: `not` is a change of sign, `all` the least, `any` the greatest. */
export type Truth = -1 | 0 | 1
export const FALSE = -1 satisfies Truth
export const UNKNOWN = 0 satisfies Truth
export const TRUE = 1 satisfies Truth

// A subtraction, as the negative of 0 is another 0.
export const not = (truth: Truth): Truth => (0 - truth) as Truth
export const of = (holds: boolean): Truth => (holds ? TRUE : FALSE)

/** A time from which something provably holds, in milliseconds; `undefined` where only the present look vouches for it. */
export type Since = number | undefined

/** Since when every one of them holds: the latest, and nothing is known when one of them is not dated. */
export function latest(times: readonly Since[]): Since {
  let found = Number.NEGATIVE_INFINITY
  for (const time of times) {
    if (time === undefined) return undefined
    if (time > found) found = time
  }
  return times.length === 0 ? undefined : found
}

/** Since when at least one of them holds: the earliest that is dated. */
export function earliest(times: readonly Since[]): Since {
  let found: Since
  for (const time of times) if (time !== undefined && (found === undefined || time < found)) found = time
  return found
}
