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

/** Since when both hold: the later, and nothing is known when one of them is not dated. */
export const later = (a: Since, b: Since): Since => (a === undefined || b === undefined ? undefined : Math.max(a, b))

/** Since when at least one of two that hold does: the earlier of what is dated. */
export const earlier = (a: Since, b: Since): Since => (a === undefined ? b : b === undefined ? a : Math.min(a, b))
