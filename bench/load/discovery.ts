import type { LoadKind } from './slot.ts'

const METRICS = ['metrics.k8s.io', 'v1beta1'] as const

const resourceOf = ({ resource, kind, namespaceOf }: Pick<LoadKind, 'resource' | 'kind' | 'namespaceOf'>): object => ({
  resource: resource.split('.')[0],
  responseKind: { group: '', version: '', kind },
  scope: namespaceOf === undefined ? 'Cluster' : 'Namespaced',
  verbs: ['get', 'list', 'watch'],
})

/** All groups in one answer, as servers give it since Kubernetes 1.27. */
export function discovery(kinds: Iterable<LoadKind>): string {
  const groups = Map.groupBy(
    [...kinds].filter(({ apiVersion }) => apiVersion.includes('/')),
    ({ apiVersion }) => apiVersion,
  )
  const items = [...groups].map(([apiVersion, members]) => {
    const [name, version] = apiVersion.split('/')
    return { metadata: { name }, versions: [{ version, resources: members.map(resourceOf) }] }
  })
  const metrics = {
    metadata: { name: METRICS[0] },
    versions: [
      {
        version: METRICS[1],
        resources: [
          resourceOf({ resource: 'pods', kind: 'PodMetrics', namespaceOf: () => '' }),
          resourceOf({ resource: 'nodes', kind: 'NodeMetrics', namespaceOf: undefined }),
        ],
      },
    ],
  }
  return JSON.stringify({
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...items, metrics],
  })
}
