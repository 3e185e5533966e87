import { StatusError, type Api } from './api.ts'
import { ClusterError } from './errors.ts'
import { object } from './projection/object.ts'
import { array, boolean, string, type Projected } from './projection/shape.ts'

/** A kind of object that the server has. */
export interface ApiKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

/** What the server can be asked for. */
export interface Discovery {
  /** Whether the server told what it has. */
  readonly told: boolean
  /** Whether it has a version of an API, such as `metrics.k8s.io/v1beta1`; `undefined` when it would not tell. */
  has(apiVersion: string): boolean | undefined
  /** A listable kind of an API group, in the version that is named or else in another that is served. */
  find(apiVersion: string, kind: string): Promise<ApiKind | undefined>
}

const GROUPS = '/apis'
// All groups, versions and resources in one answer, since Kubernetes 1.27; older servers give the plain list of groups.
const AGGREGATED = ['v2', 'v2beta1'].map(
  (version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
)
const ACCEPT = [...AGGREGATED, 'application/json'].join(',')
const UNAUTHORIZED = 401
const PLURAL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

const group = object({
  metadata: object({ name: string }),
  versions: array(
    object({
      version: string,
      resources: array(
        object({ resource: string, scope: string, verbs: array(string), responseKind: object({ kind: string }) }),
      ),
    }),
  ),
})
const groupList = object({
  groups: array(object({ name: string, versions: array(object({ version: string })) })),
})
const resourceList = object({
  resources: array(object({ name: string, kind: string, namespaced: boolean, verbs: array(string) })),
})

type Version = { readonly apiVersion: string; readonly kinds: () => Promise<readonly ApiKind[]> }
type Groups = ReadonlyMap<string, readonly Version[]>

/**
 * Asks the server what it has. This is the first thing that is asked, so it is here that a server without a way in is found out.
 * @throws ClusterError when the server cannot be reached or does not accept the credentials.
 */
export async function discover(api: Api): Promise<Discovery> {
  const groups = await readGroups(api)
  return {
    told: groups !== undefined,
    has: (apiVersion) =>
      groups && (groups.get(groupOf(apiVersion)) ?? []).some((version) => version.apiVersion === apiVersion),
    find: async (apiVersion, kind) => {
      const versions = groups?.get(groupOf(apiVersion)) ?? []
      const named = versions.filter((version) => version.apiVersion === apiVersion)
      for (const version of new Set([...named, ...versions])) {
        const found = (await version.kinds()).find((one) => one.kind === kind)
        if (found) return found
      }
      return undefined
    },
  }
}

const groupOf = (apiVersion: string): string => apiVersion.split('/')[0] ?? ''

async function readGroups(api: Api): Promise<Groups | undefined> {
  let aggregated: Projected<typeof group>[] = []
  try {
    const rest = await api.read({ path: GROUPS, headers: { accept: ACCEPT } }, () => {
      aggregated = []
      return (item) => void aggregated.push(group(item) ?? {})
    })
    const plain = groupList(rest)?.groups
    if (plain === undefined && (typeof rest !== 'object' || rest === null || !('items' in rest)))
      throw new ClusterError(`${api.place}: this does not answer like a Kubernetes API server`)
    return plain === undefined ? aggregatedGroups(aggregated) : plainGroups(api, plain)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (error.status !== UNAUTHORIZED) return undefined
    throw new ClusterError(
      `${api.place}: the server does not accept these credentials (401 ${error.message}): log in again, or choose others with --context or --kubeconfig`,
    )
  }
}

const aggregatedGroups = (groups: readonly Projected<typeof group>[]): Groups =>
  new Map(
    groups.map(({ metadata, versions = [] }) => {
      const name = metadata?.name ?? ''
      return [
        name,
        versions.map(({ version, resources = [] }): Version => {
          const apiVersion = `${name}/${version ?? ''}`
          const kinds = resources.map(({ resource, responseKind, scope, verbs }) => ({
            apiVersion,
            kind: responseKind?.kind,
            plural: resource,
            namespaced: scope === 'Namespaced',
            verbs,
          }))
          return { apiVersion, kinds: async () => kinds.flatMap(listable) }
        }),
      ]
    }),
  )

const plainGroups = (api: Api, groups: NonNullable<Projected<typeof groupList>['groups']>): Groups =>
  new Map(
    groups.map(({ name = '', versions = [] }) => [
      name,
      versions.map(({ version = '' }): Version => {
        const apiVersion = `${name}/${version}`
        let kinds: Promise<readonly ApiKind[]> | undefined
        return { apiVersion, kinds: () => (kinds ??= readKinds(api, apiVersion)) }
      }),
    ]),
  )

async function readKinds(api: Api, apiVersion: string): Promise<readonly ApiKind[]> {
  const list = await api
    .read({ path: `${GROUPS}/${apiVersion}` }, () => () => undefined)
    .catch((error: unknown) => {
      if (error instanceof ClusterError) return {}
      throw error
    })
  const { resources = [] } = resourceList(list) ?? {}
  return resources.flatMap(({ name, kind, namespaced, verbs }) =>
    listable({ apiVersion, kind, plural: name, namespaced: namespaced === true, verbs }),
  )
}

type Candidate = { [K in keyof ApiKind]: ApiKind[K] | undefined } & { readonly verbs: readonly string[] | undefined }

function listable({ apiVersion, kind, plural, namespaced, verbs }: Candidate): ApiKind[] {
  if (apiVersion === undefined || kind === undefined || plural === undefined || !PLURAL.test(plural)) return []
  return verbs?.includes('list') ? [{ apiVersion, kind, plural, namespaced: namespaced === true }] : []
}
