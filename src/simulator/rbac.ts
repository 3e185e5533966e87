import { isJson, jsonOf, textOf, type Json, type KubeObject } from './object.ts'
import type { ObjectTable } from './table.ts'
import { AUTHENTICATED, mayAll, type User } from './users.ts'

/** What somebody wants to do with objects. */
export interface Access {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** What somebody wants to read of the server itself. */
export interface PathAccess {
  readonly verb: string
  readonly path: string
}

/** A right given without roles. */
export interface Grant {
  readonly user: string
  /** Default `get`, `list`, `watch`. */
  readonly verbs?: readonly string[] | undefined
  /** `plural.group`, or `*` for all. */
  readonly resources: readonly string[]
  /** Default everywhere. */
  readonly namespaces?: readonly string[] | undefined
}

export interface AccessVerdict {
  readonly allowed: boolean
  readonly reason?: string | undefined
}

const RBAC = 'rbac.authorization.k8s.io/v1'
const READ = ['get', 'list', 'watch']
const NO: AccessVerdict = { allowed: false }
/** What everybody may read who is somebody. */
const OPEN_PATHS = /^\/(?:api|apis|openapi|version|healthz|livez|readyz)(?:\/|$)/
const SELF = /^selfsubject(?:access|rules)?reviews$/

/** Who may do what: by the roles and bindings among the objects, and by grants. */
export class AccessControl {
  readonly #table: ObjectTable
  readonly #grants = new Set<Grant>()

  constructor(table: ObjectTable) {
    this.#table = table
  }

  /** Gives a right; what it returns takes it away again. */
  grant(grant: Grant): () => void {
    this.#grants.add(grant)
    return () => void this.#grants.delete(grant)
  }

  /** Whether a user may do something. */
  check(user: User, access: Access): AccessVerdict {
    if (mayAll(user)) return { allowed: true }
    if (SELF.test(access.resource) && access.verb === 'create' && user.groups.includes(AUTHENTICATED))
      return { allowed: true, reason: allowedBy('ClusterRoleBinding "system:basic-user"', 'system:basic-user', GROUP) }
    if ([...this.#grants].some((grant) => grants(grant, user, access)))
      return { allowed: true, reason: 'a grant of the simulator' }
    return this.#byBindings(user, access, (rule) => covers(rule, access))
  }

  checkPath(user: User, access: PathAccess): AccessVerdict {
    if (mayAll(user)) return { allowed: true }
    if (OPEN_PATHS.test(access.path) && user.groups.includes(AUTHENTICATED))
      return { allowed: true, reason: allowedBy('ClusterRoleBinding "system:discovery"', 'system:discovery', GROUP) }
    return this.#byBindings(user, {}, (rule) => coversPath(rule, access))
  }

  #byBindings(
    user: User,
    { namespace }: { readonly namespace?: string | undefined },
    holds: (rule: Json) => boolean,
  ): AccessVerdict {
    const bindings = [
      ...this.#table.list({ apiVersion: RBAC, kind: 'ClusterRoleBinding' }),
      ...(namespace === undefined ? [] : this.#table.list({ apiVersion: RBAC, kind: 'RoleBinding' }, namespace)),
    ]
    for (const binding of bindings) {
      const subject = listOf(binding['subjects']).find((one) => isMeant(one, user, binding.metadata.namespace))
      if (subject === undefined || !this.#rulesOf(binding).some(holds)) continue
      const { kind, metadata } = binding
      const full = metadata.namespace === undefined ? metadata.name : `${metadata.name}/${metadata.namespace}`
      const role = jsonOf(binding['roleRef'])
      return {
        allowed: true,
        reason: allowedBy(`${kind} "${full}"`, textOf(role['name']) ?? '', subjectWords(subject), textOf(role['kind'])),
      }
    }
    return NO
  }

  #rulesOf(binding: KubeObject): readonly Json[] {
    const role = jsonOf(binding['roleRef'])
    const kind = textOf(role['kind']) ?? 'ClusterRole'
    const namespace = kind === 'Role' ? binding.metadata.namespace : undefined
    const found = this.#table.get({ apiVersion: RBAC, kind, namespace, name: textOf(role['name']) ?? '' })
    return listOf(found?.['rules'])
  }
}

const GROUP = `Group "${AUTHENTICATED}"`

const allowedBy = (binding: string, role: string, subject: string, kind = 'ClusterRole'): string =>
  `RBAC: allowed by ${binding} of ${kind} "${role}" to ${subject}`

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : [])

const has = (rule: Json, field: string, ...values: readonly string[]): boolean => {
  const list = rule[field]
  return Array.isArray(list) && (list.includes('*') || values.some((value) => list.includes(value)))
}

function covers(rule: Json, access: Access): boolean {
  const { verb, group, resource, subresource, name } = access
  const resources = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource]
  if (!has(rule, 'verbs', verb) || !has(rule, 'apiGroups', group) || !has(rule, 'resources', ...resources)) return false
  const names = rule['resourceNames']
  return !Array.isArray(names) || names.length === 0 || (name !== undefined && names.includes(name))
}

const coversPath = (rule: Json, { verb, path }: PathAccess): boolean =>
  has(rule, 'verbs', verb) &&
  (has(rule, 'nonResourceURLs', path) ||
    stringsOf(rule['nonResourceURLs']).some((url) => url.endsWith('*') && path.startsWith(url.slice(0, -1))))

const stringsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const MEANT: Readonly<Record<string, (subject: Json, user: User, namespace: string | undefined) => boolean>> = {
  User: ({ name }, { username }) => name === username,
  Group: ({ name }, { groups }) => typeof name === 'string' && groups.includes(name),
  ServiceAccount: ({ name, namespace }, { username }, here) =>
    username === `system:serviceaccount:${textOf(namespace) ?? here ?? ''}:${textOf(name) ?? ''}`,
}

const isMeant = (subject: Json, user: User, namespace: string | undefined): boolean =>
  MEANT[textOf(subject['kind']) ?? '']?.(subject, user, namespace) ?? false

function subjectWords({ kind, name, namespace }: Json): string {
  const full = kind === 'ServiceAccount' ? `${textOf(name) ?? ''}/${textOf(namespace) ?? ''}` : (textOf(name) ?? '')
  return `${textOf(kind) ?? ''} "${full}"`
}

const holds = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value)

function grants({ user: who, verbs = READ, resources, namespaces }: Grant, user: User, access: Access): boolean {
  const { verb, group, resource, subresource, namespace } = access
  const full = [subresource ? `${resource}/${subresource}` : resource, group].filter((part) => part !== '').join('.')
  const here = namespaces === undefined || (namespace !== undefined && namespaces.includes(namespace))
  return who === user.username && here && holds(verbs, verb) && holds(resources, full)
}
