import { canonicalJson, sha256 } from '../util/hash.ts'
import type { Filters, Sight } from './published.ts'

const NUMBER = /^\d{1,15}$/

export const formatRevision = (epoch: string, n: number): string => `${epoch}.${n}`

/** The `n` of a revision; `undefined` when it is of another epoch, or of none that has been. */
export function parseRevision(epoch: string, revision: string, newest: number): number | undefined {
  if (!revision.startsWith(`${epoch}.`)) return undefined
  const digits = revision.slice(epoch.length + 1)
  return NUMBER.test(digits) && Number(digits) <= newest ? Number(digits) : undefined
}

/** The same for the same filters and the same rights, whatever their order. */
export const hashOf = (filters: Filters, sight: Sight): string =>
  sha256(canonicalJson([filters, sight === 'all' ? sight : [...sight].toSorted()])).slice(7, 23)

/** Where a page ends, and of what. */
export interface Place {
  readonly revision: string
  /** `hashOf` what was asked for. */
  readonly asked: string
  /** How many entries of all are before it. */
  readonly at: number
}

export const formatPlace = ({ revision, asked, at }: Place): string =>
  Buffer.from(`${revision} ${asked} ${at}`).toString('base64url')

/** Where to go on; `undefined` when the token was given for another question, or for a revision that is outdated. */
export function parsePlace(token: string, now: Omit<Place, 'at'>): number | undefined {
  const [revision, asked, at = ''] = Buffer.from(token, 'base64url').toString().split(' ')
  return revision === now.revision && asked === now.asked && NUMBER.test(at) ? Number(at) : undefined
}
