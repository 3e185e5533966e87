import type { Exchange, Verb } from './exchange.ts'
import { isYes } from './exchange.ts'
import { badRequest, forbiddenField, internal, invalid, type Cause } from './status.ts'

/** How a list or watch is asked for. */
export interface ListOptions {
  readonly limit: number | undefined
  readonly continue: string | undefined
  /** `undefined`: the newest there is. 0: any. */
  readonly resourceVersion: number | undefined
  readonly match: 'Exact' | 'NotOlderThan' | undefined
  readonly bookmarks: boolean
  readonly sendInitialEvents: boolean
  /** Milliseconds. */
  readonly timeout: number | undefined
}

type Query = Exchange['query']
type Check = (query: Query, verb: Verb) => Cause | undefined

const initial = (query: Query): boolean => given(query['sendInitialEvents']) !== undefined
const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value)
const unsupported = (value: string, supported: string): Cause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
  field: 'resourceVersionMatch',
})

/** What the real server refuses with 422, by field. */
const WATCH_CHECKS: readonly Check[] = [
  (query) =>
    initial(query) && given(query['resourceVersionMatch']) === undefined
      ? forbiddenField(
          'resourceVersionMatch',
          'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        )
      : undefined,
  (query) =>
    !initial(query) && given(query['resourceVersionMatch']) !== undefined
      ? forbiddenField(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        )
      : undefined,
  (query) =>
    initial(query) && given(query['resourceVersionMatch']) === 'Exact'
      ? forbiddenField(
          'resourceVersionMatch',
          'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        )
      : undefined,
  ({ resourceVersionMatch = '' }) =>
    resourceVersionMatch !== '' && resourceVersionMatch !== 'NotOlderThan'
      ? unsupported(resourceVersionMatch, '"NotOlderThan"')
      : undefined,
]

const LIST_CHECKS: readonly Check[] = [
  ({ resourceVersionMatch = '' }) =>
    ['', 'Exact', 'NotOlderThan'].includes(resourceVersionMatch)
      ? undefined
      : unsupported(resourceVersionMatch, '"Exact", "NotOlderThan", ""'),
  (query) =>
    initial(query) ? forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list') : undefined,
  (query) =>
    given(query['resourceVersionMatch']) !== undefined && given(query['resourceVersion']) === undefined
      ? forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided')
      : undefined,
  (query) =>
    given(query['resourceVersionMatch']) !== undefined && given(query['continue']) !== undefined
      ? forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided')
      : undefined,
  (query) =>
    query['resourceVersionMatch'] === 'Exact' && query['resourceVersion'] === '0'
      ? forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
      : undefined,
]

/** What a server without WatchList says. */
const WITHOUT_WATCH_LIST: Check = (query) =>
  initial(query)
    ? forbiddenField(
        'sendInitialEvents',
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      )
    : undefined

/**
 * Reads the query of a list or watch.
 * @throws Refusal 400 or 422, as the real server tells the two apart.
 */
export function listOptions({ query, verb }: Exchange, watchList: boolean): ListOptions {
  const checks = verb === 'watch' ? [...(watchList ? [] : [WITHOUT_WATCH_LIST]), ...WATCH_CHECKS] : LIST_CHECKS
  const causes = checks.flatMap((check) => check(query, verb) ?? [])
  if (causes.length > 0)
    throw invalid('ListOptions.meta.k8s.io ""', causes, { group: 'meta.k8s.io', kind: 'ListOptions' })
  const match = given(query['resourceVersionMatch'])
  return {
    limit: numberOf(query, 'limit') || undefined,
    continue: given(query['continue']),
    resourceVersion: revisionOf(given(query['resourceVersion']), verb),
    match: match === 'Exact' || match === 'NotOlderThan' ? match : undefined,
    bookmarks: isYes(query['allowWatchBookmarks']),
    sendInitialEvents: isYes(query['sendInitialEvents']),
    timeout: secondsOf(query),
  }
}

function secondsOf(query: Query): number | undefined {
  const seconds = numberOf(query, 'timeoutSeconds')
  return seconds === undefined || seconds === 0 ? undefined : seconds * 1000
}

function numberOf(query: Query, name: string): number | undefined {
  const text = given(query[name])
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return value
}

function revisionOf(text: string | undefined, verb: Verb): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  const quoted = JSON.stringify(text)
  const words = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`
  throw verb === 'watch' ? internal(words) : badRequest(`invalid resource version: ${words}`)
}
