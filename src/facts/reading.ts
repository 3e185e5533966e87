import type { BlindReason } from '../cluster/look.ts'

/**
 * Why a fact has no value. A closed list: the words are shown to people and counted in the envelope.
 * - `not-recorded`: Kubernetes does not write it down (a field is absent, an old termination is gone).
 * - `insufficient-data`: it needs more samples than there are.
 * - `malformed`: the object holds something that cannot be read (a quantity, a time).
 * - `not-held`: the object it is about is named but not there, in a look that cannot tell why.
 * - `not-computable`: it depends on something dogwatch does not model; the detail says what.
 */
export type UnknownReason =
  | BlindReason
  | 'not-recorded'
  | 'insufficient-data'
  | 'malformed'
  | 'not-held'
  | 'not-computable'

/** A number that is known to lie between two others; either end may be open (`0` and `Infinity` for counts). */
export interface Bounds {
  readonly atLeast: number
  readonly atMost: number
}

/** What a fact can say. `null` is a value: the API says that there is none. */
export type Value = number | string | boolean | null | Bounds | readonly string[]

export interface Known {
  readonly value: Value
  /** Since when it provably holds, in milliseconds; absent when only this look vouches for it. */
  readonly since?: number
  /** When it will change by itself, in milliseconds, though no object changes (an entry leaves its window). */
  readonly until?: number
}

export interface Unknown {
  readonly unknown: UnknownReason
  /** What a person reads: what is missing, and what would be needed. */
  readonly detail?: string
  /** When it is known, or unknown for another reason, in milliseconds, though no object changes. */
  readonly until?: number
}

export type Reading = Known | Unknown

/** A known reading. Times that are `undefined` are left out. */
export function known(value: Value, { since, until }: Times = {}): Known {
  if (since === undefined) return until === undefined ? { value } : { value, until }
  return until === undefined ? { value, since } : { value, since, until }
}

interface Times {
  readonly since?: number | undefined
  readonly until?: number | undefined
}

export const unknown = (reason: UnknownReason, detail?: string): Unknown =>
  detail === undefined ? { unknown: reason } : { unknown: reason, detail }

/** The same until a time, in milliseconds; then it is read again. */
export const unknownUntil = (until: number, why: Unknown): Unknown => ({ ...why, until })

/** A known reading, or `not-recorded` where the API left the field out. */
export const recorded = (value: Value | undefined, detail: string): Reading =>
  value === undefined ? unknown('not-recorded', detail) : known(value)

/** A count between two ends: a plain number where they agree. */
export const bounds = (atLeast: number, atMost: number): number | Bounds =>
  atLeast === atMost ? atLeast : { atLeast, atMost }

export const isUnknown = (reading: Reading): reading is Unknown => 'unknown' in reading

export const isBounds = (value: Value): value is Bounds =>
  typeof value === 'object' && value !== null && 'atLeast' in value
