import type { Answer } from './answer.ts'
import { VERBS, type SimulatedKind } from './kinds.ts'
import { groupOf, versionOf } from './object.ts'
import { pageNotFound, unknownResource } from './status.ts'

export interface DiscoverySource {
  readonly kinds: readonly SimulatedKind[]
  /** Such as `v1.36.3`. */
  readonly version: string
  /** Whether `accept` may ask for everything in one answer, as since Kubernetes 1.27. */
  readonly aggregated: boolean
}

const AGGREGATED = /g=apidiscovery\.k8s\.io;v=(v2(?:beta1)?);as=APIGroupDiscoveryList/
const HEALTH = new Set(['/healthz', '/readyz', '/livez'])

const ok = (json: unknown): Answer => ({ status: 200, json })

/**
 * What the server says of itself: versions, kinds, health.
 * @throws Refusal 404
 */
export function describeServer(source: DiscoverySource, path: string, accept = ''): Answer {
  if (HEALTH.has(path)) return { status: 200, text: 'ok', headers: { 'content-type': 'text/plain; charset=utf-8' } }
  if (path === '/version') return ok(versionInfo(source.version))
  if (path === '/api' || path === '/apis') return root(source, path, accept)
  const found = oneVersion(source.kinds, path) ?? oneGroup(source.kinds, path)
  if (found === undefined) throw isKnownGroup(source.kinds, path) ? unknownResource() : pageNotFound()
  return ok(found)
}

const isKnownGroup = (kinds: readonly SimulatedKind[], path: string): boolean =>
  kinds.some((kind) => path.startsWith(groupOf(kind) === '' ? '/api/v1/' : `/apis/${groupOf(kind)}/`))

function oneVersion(kinds: readonly SimulatedKind[], path: string): object | undefined {
  const of = kinds.filter(({ apiVersion }) => path === (apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`))
  return of[0] && resourceList(of[0].apiVersion, of)
}

function oneGroup(kinds: readonly SimulatedKind[], path: string): object | undefined {
  const found = groups(kinds).find(({ name }) => name !== '' && path === `/apis/${name}`)
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...found }
}

function versionInfo(gitVersion: string): object {
  const [major, minor] = gitVersion.replace(/^v/, '').split('.')
  return { major, minor, gitVersion, gitTreeState: 'clean', platform: 'linux/amd64' }
}

function root({ kinds, aggregated }: DiscoverySource, path: string, accept: string): Answer {
  const here = kinds.filter(({ apiVersion }) => (path === '/api') === (groupOf({ apiVersion }) === ''))
  const version = aggregated ? AGGREGATED.exec(accept)?.[1] : undefined
  if (version !== undefined) {
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
    return { ...ok(aggregatedList(here, version)), headers: { 'content-type': type } }
  }
  if (path === '/api') return ok({ kind: 'APIVersions', versions: ['v1'] })
  return ok({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups(here) })
}

function groups(kinds: readonly SimulatedKind[]): { name: string; versions: object[]; preferredVersion: unknown }[] {
  return [...Map.groupBy(kinds, groupOf)].map(([name, of]) => {
    const versions = [...new Set(of.map(({ apiVersion }) => apiVersion))].map((apiVersion) => ({
      groupVersion: apiVersion,
      version: versionOf({ apiVersion }),
    }))
    return { name, versions, preferredVersion: versions[0] }
  })
}

const subresources = ({ plural, status }: SimulatedKind): string[] => [
  ...(status === true ? ['status'] : []),
  ...(plural === 'serviceaccounts' ? ['token'] : []),
]

const resourceList = (groupVersion: string, kinds: readonly SimulatedKind[]): object => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: kinds.flatMap((one) => [
    {
      name: one.plural,
      singularName: one.kind.toLowerCase(),
      namespaced: one.namespaced,
      kind: one.kind,
      verbs: one.verbs ?? VERBS,
    },
    ...subresources(one).map((name) => ({
      name: `${one.plural}/${name}`,
      singularName: '',
      namespaced: one.namespaced,
      kind: one.kind,
      verbs: name === 'token' ? ['create'] : ['get', 'patch', 'update'],
    })),
  ]),
})

const aggregatedList = (kinds: readonly SimulatedKind[], version: string): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: [...Map.groupBy(kinds, groupOf)].map(([name, of]) => ({
    metadata: { name: name === '' ? undefined : name, creationTimestamp: null },
    versions: [...Map.groupBy(of, versionOf)].map(([one, these]) => ({
      version: one,
      resources: these.map((kind) => aggregatedResource(name, one, kind)),
      freshness: 'Current',
    })),
  })),
})

const aggregatedResource = (group: string, version: string, kind: SimulatedKind): object => ({
  resource: kind.plural,
  responseKind: { group, version, kind: kind.kind },
  scope: kind.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.kind.toLowerCase(),
  verbs: kind.verbs ?? VERBS,
})
