import { HOUR, MINUTE } from '../../util/time.ts'

/** What a container uses. */
export interface Usage {
  readonly cpuCores: number
  readonly memoryBytes: number
}

/** What a container uses at a time (milliseconds since 1970), `since` it was started; `seed` tells one pod from another. */
export type Curve = (at: number, of: { readonly since: number; readonly seed: number }) => Usage

const MEBIBYTE = 2 ** 20
const DAY = 24 * HOUR

/** A number from 0 to 1 that is always the same for the same numbers. */
export function noise(...parts: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hash ^= hash >>> 12
  }
  return (hash >>> 0) / 2 ** 32
}

/** A seed of a text, such as the uid of a pod. */
export function seedOf(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

// Memory is held, so it moves by the hour; processor time by the minute.
const minuteNoise = (at: number, seed: number): number => noise(seed, Math.floor(at / MINUTE)) * 2 - 1
const hourNoise = (at: number, seed: number): number => noise(seed, Math.floor(at / HOUR), 7) * 2 - 1

/** Hardly anything, whatever the hour; `cores` and `mebibytes` are the middle of it. */
export const idle =
  (cores: number, mebibytes: number): Curve =>
  (at, { seed }) => ({
    cpuCores: cores * (1 + 0.3 * minuteNoise(at, seed)),
    memoryBytes: Math.round(mebibytes * MEBIBYTE * (1 + 0.03 * hourNoise(at, seed))),
  })

export interface Day {
  /** Cores at night and at the busiest hour. */
  readonly cores: readonly [number, number]
  /** Mebibytes at night and at the busiest hour. */
  readonly mebibytes: readonly [number, number]
  /** The busiest hour of the day, in UTC. */
  readonly peak?: number
}

/** More by day than by night, as a shop is used. */
export const busy =
  ({ cores: [low, high], mebibytes: [least, most], peak = 15 }: Day): Curve =>
  (at, { seed }) => {
    const height = (1 + Math.cos(((at % DAY) / DAY - peak / 24) * 2 * Math.PI)) / 2
    return {
      cpuCores: (low + (high - low) * height) * (1 + 0.12 * minuteNoise(at, seed)),
      memoryBytes: Math.round((least + (most - least) * height) * MEBIBYTE * (1 + 0.02 * hourNoise(at, seed))),
    }
  }

/** Memory that only grows, from one amount to another, in so many milliseconds. */
export const growing =
  (about: { readonly cores: number; readonly mebibytes: readonly [number, number]; readonly within: number }): Curve =>
  (at, { since, seed }) => {
    const [from, to] = about.mebibytes
    const part = Math.min(1, Math.max(0, (at - since) / about.within))
    return {
      cpuCores: about.cores * (1 + 0.2 * minuteNoise(at, seed)),
      memoryBytes: Math.round((from + (to - from) * part) * MEBIBYTE),
    }
  }
