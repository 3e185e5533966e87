import { MINUTE, SECOND } from '../../util/time.ts'

/** How often everything is asked for at most, in milliseconds. */
export const EVERY = MINUTE
/** How far apart questions are, in milliseconds: a quiet cluster is asked 0.2 times a second by all watches together, 0.125 of it here. */
export const APART = 8 * SECOND
/**
 * However many namespaces there are, everything is asked for once in so long, since use is not known closely enough beyond. So from 225
 * namespaces with many pods on it is asked more often than that: with 1,000 namespaces 0.6 times a second, with 10,000 six times. Who has
 * hundreds of namespaces with thousands of pods is far from quiet, and that is within the ten of a steady cluster.
 */
const MOST = 30 * MINUTE
/** How far apart questions are the first time, in milliseconds, when nothing is known yet. */
const FIRST = 0.25 * SECOND

/** Milliseconds in which so many parts are asked for, each once. */
export const intervalFor = (parts: number): number => Math.min(MOST, Math.max(EVERY, APART * (parts > 1 ? parts : 0)))

/** Milliseconds between two of several parts. */
export const gapFor = (interval: number, parts: number, first: boolean): number =>
  first && parts > 1 ? Math.min(FIRST, interval / parts) : interval / parts
