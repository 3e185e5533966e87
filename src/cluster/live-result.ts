import type { Api } from './api.ts'
import type { Unread } from './cluster-look.ts'
import { namesOf } from './custom-kinds.ts'
import type { Discovery } from './discovery.ts'
import { ClusterError } from './errors.ts'
import type { KindLook } from './kind-look.ts'
import type { Looks } from './look.ts'

export interface Asked {
  readonly namespaces?: readonly string[] | undefined
  /** The namespace to propose to a user who may not look at all of them. */
  readonly ownNamespace?: string | undefined
}

/** What was looked at. A kind that the server did not name when it told all it has is not installed. */
export function looksOf(kinds: readonly KindLook[], discovery: Discovery): Looks {
  const named = kinds.flatMap((kind) => namesOf(kind.target).map((name) => ({ name, ...kind })))
  return {
    listed: new Map(named.flatMap(({ name, listed }) => (listed === undefined ? [] : [[name, listed]]))),
    blind: new Map(named.flatMap(({ name, blind }) => (blind === undefined ? [] : [[name, blind]]))),
    unnamed: discovery.told ? 'not-installed' : 'not-listed',
  }
}

/** The kinds that were refused or failed. */
export const incompleteOf = (kinds: readonly KindLook[]): Unread[] =>
  kinds.flatMap(({ target: { resource }, blind }) =>
    blind?.unknown === 'forbidden' || blind?.unknown === 'failed'
      ? [{ resource, reason: blind.unknown, detail: blind.detail }]
      : [],
  )

/** What would make the look better. */
export const hintsFor = (kinds: readonly KindLook[], asked: Asked): string[] =>
  asked.namespaces === undefined && kinds.some(forbiddenEverywhere) ? [namespaceHint(asked)] : []

const forbiddenEverywhere = ({ target, blind }: KindLook): boolean =>
  target.namespaced && blind?.unknown === 'forbidden'

const namespaceHint = ({ ownNamespace = 'NAMESPACE' }: Asked): string =>
  `Some kinds may not be read in all namespaces. With rights in some of them only, name those: -n ${ownNamespace}`

/** @throws ClusterError when not one kind could be listed: there is nothing to judge then. */
export function refuseNothing(api: Api, kinds: readonly KindLook[], asked: Asked): void {
  if (kinds.some(({ listed }) => listed !== undefined)) return
  const why = kinds.find(({ blind }) => blind?.unknown !== 'not-installed')?.blind?.detail ?? 'it has none of the kinds'
  throw new ClusterError([`${api.place}: nothing could be read: ${why}`, ...hintsFor(kinds, asked)].join('. '))
}
