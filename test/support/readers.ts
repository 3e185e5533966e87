import type { Kind } from '../../src/cluster/kinds.ts'
import type { RealServer } from './real-server.ts'

const RBAC = 'rbac.authorization.k8s.io'

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** Who reads: a service account, its namespace, and where it may read what. */
export interface Reader {
  readonly name: string
  readonly home: string
  /** The namespaces that it may read in; everywhere when left out. */
  readonly namespaces?: readonly string[] | undefined
  readonly rules: readonly PolicyRule[]
}

/** What may own pods and is none of the kinds that facts are read from. */
export const OWNERS: PolicyRule = {
  apiGroups: [''],
  resources: ['replicationcontrollers'],
  verbs: ['get', 'list', 'watch'],
}

/** The right to read kinds, and nothing else. */
export const reading = (kinds: readonly Kind[]): PolicyRule[] =>
  kinds.map(({ resource }) => {
    const [plural = '', ...group] = resource.split('.')
    return { apiGroups: [group.join('.')], resources: [plural], verbs: ['get', 'list', 'watch'] }
  })

/** Where the rights of a reader are: one role in each namespace, or one for the whole cluster. */
const placesOf = ({ namespaces }: Reader): readonly { readonly kind: string; readonly at: string }[] =>
  namespaces?.map((namespace) => ({ kind: 'Role', at: `namespaces/${namespace}/` })) ?? [
    { kind: 'ClusterRole', at: '' },
  ]

const rbac = (path: string): string => `/apis/${RBAC}/v1/${path}`

/** Makes a service account with these rights, and gives a token of it. */
export async function admit(server: RealServer, reader: Reader): Promise<string> {
  const { name, home, rules } = reader
  const accounts = `/api/v1/namespaces/${home}/serviceaccounts`
  await server.create(accounts, { metadata: { name } })
  for (const { kind, at } of placesOf(reader)) {
    await server.create(rbac(`${at}${kind.toLowerCase()}s`), { metadata: { name }, rules })
    await server.create(rbac(`${at}${kind.toLowerCase()}bindings`), {
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: home }],
    })
  }
  const granted = await server.create(`${accounts}/${name}/token`, { spec: { expirationSeconds: 7200 } })
  const { token } = granted['status'] as { token: string }
  return token
}

/** Lets a reader do this in a namespace from now on, and nothing else. */
export async function permit(
  server: RealServer,
  { name }: Reader,
  { namespace, rules }: { readonly namespace: string; readonly rules: readonly PolicyRule[] },
): Promise<void> {
  const path = rbac(`namespaces/${namespace}/roles/${name}`)
  const { status, body } = await server.send({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { rules },
  })
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
}

/** Takes away what lies outside of namespaces; the rest goes with those. */
export async function dismiss(server: RealServer, { name }: Reader): Promise<void> {
  for (const kind of ['clusterroles', 'clusterrolebindings'])
    await server.send({ method: 'DELETE', path: rbac(`${kind}/${name}`) })
}
