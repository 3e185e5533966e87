import type { Exchange, Route } from './exchange.ts'
import { groupOf } from './object.ts'
import type { Access, AccessControl } from './rbac.ts'
import { detailsOf, refusal } from './status.ts'
import { ADMIN, type Tokens, type User } from './users.ts'

export interface Gate {
  readonly tokens: Tokens
  readonly access: AccessControl
  /** Who asks without a token; `undefined` stands for an administrator. */
  readonly defaultUser: User | undefined
}

const BEARER = /^Bearer\s+(\S.*)$/i

/**
 * Who asks.
 * @throws Refusal 401
 */
export function authenticate({ tokens, defaultUser }: Gate, { headers }: Exchange): User {
  const { authorization } = headers
  if (authorization === undefined) return defaultUser ?? ADMIN
  const verdict = tokens.check(BEARER.exec(authorization)?.[1]?.trim() ?? '')
  if ('error' in verdict) throw refusal(401, 'Unauthorized', 'Unauthorized')
  return verdict.user
}

/**
 * Lets pass what the user may do.
 * @throws Refusal 403
 */
export function authorize({ access }: Gate, user: User, exchange: Exchange): void {
  const { route, path, method, verb } = exchange
  if (route === undefined || verb === 'path') {
    if (access.checkPath(user, { path, verb: method.toLowerCase() }).allowed) return
    const words = `forbidden: User ${JSON.stringify(user.username)} cannot ${method.toLowerCase()} path ${JSON.stringify(path)}`
    throw refusal(403, 'Forbidden', words, {})
  }
  const wish = accessOf(route, verb)
  if (access.check(user, wish).allowed) return
  throw refusal(403, 'Forbidden', refusedWords(route, wish, user), detailsOf(route.kind, route.name))
}

const accessOf = ({ kind, namespace, name, subresource }: Route, verb: string): Access => ({
  verb,
  group: groupOf(kind),
  resource: kind.plural,
  subresource,
  // A namespace is asked for as an object in itself, and rights within it are rights to it.
  namespace: kind.plural === 'namespaces' && groupOf(kind) === '' ? name : namespace,
  name,
})

function refusedWords({ kind, namespace, name, subresource }: Route, { verb, group }: Access, user: User): string {
  const of = group === '' ? kind.plural : `${kind.plural}.${group}`
  const which = name === undefined ? of : `${of} ${JSON.stringify(name)}`
  const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`
  const where = kind.plural === 'namespaces' && name !== undefined ? name : namespace
  const scope = where === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(where)}`
  return `${which} is forbidden: User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${scope}`
}
