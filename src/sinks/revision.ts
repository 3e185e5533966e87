import type { Graded } from '../engine/gravity.ts'
import { SEVERITIES } from '../engine/rule.ts'
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

/** Where a page begins, and of what. */
export interface Place {
  /** The revision of the first page. */
  readonly revision: string
  /** `hashOf` what was asked for. */
  readonly asked: string
  /** Behind which finding, by what findings are in order of, as others may come or go before it; without one at the very beginning. */
  readonly last: Graded | undefined
}

/** The place behind the last finding of a page. */
export const formatPlace = ({ revision, asked }: Place, last: Graded): string =>
  Buffer.from([revision, asked, last.severity, last.id].join(' ')).toString('base64url')

/** Where to go on; `undefined` when the token is none, or was given for another question. */
export function parsePlace(token: string, asked: string): Place | undefined {
  const [revision, question, grade, id] = Buffer.from(token, 'base64url').toString().split(' ')
  const severity = SEVERITIES.find((one) => one === grade)
  if (revision === undefined || question !== asked || severity === undefined || id === undefined) return undefined
  return { revision, asked, last: { severity, id } }
}
