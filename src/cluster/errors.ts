import { plainText, truncate } from '../util/text.ts'

/** Longest text of a server or a plugin that is passed on, in characters. */
const LONGEST = 300

/** Why a cluster cannot be looked at. The message is for a person: the place, what is wrong, and the way out. */
export class ClusterError extends Error {}

/** Foreign text made fit for a message: one line, no control characters, not too long. */
export const foreign = (text: string): string => truncate(plainText(text).trim(), LONGEST)

/** What any thrown thing says of itself. */
export const messageOf = (error: unknown): string => foreign(error instanceof Error ? error.message : String(error))

/** The `code` of a Node error, such as `ECONNREFUSED`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
