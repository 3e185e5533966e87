import { Document, isScalar, visit } from 'yaml'
import { REPLICATION_CONTROLLER } from '../src/cluster/custom-kinds.ts'
import { KINDS } from '../src/cluster/kinds.ts'
import { CUSTOM_WORKLOADS } from '../src/util/custom-workloads.ts'

const NAMESPACE = 'dogwatch'
const RBAC = 'rbac.authorization.k8s.io'
const NOTE =
  '# Made from the code by `npm run update`. Do not edit: these are the kinds that the program lists and watches.\n'

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const METRICS = 'metrics.k8s.io'
const READ = ['get', 'list', 'watch']
// A reading of metrics is computed when it is asked for: nobody can watch it.
const POLL = ['get', 'list']

const groupOf = (resource: string): string => resource.split('.').slice(1).join('.')
const pluralOf = (resource: string): string => resource.split('.')[0] ?? ''

/** What the program reads of a cluster, one rule for each API group; kinds that are not installed may be named all the same. */
function readRules(): PolicyRule[] {
  const resources = [...KINDS, REPLICATION_CONTROLLER, ...CUSTOM_WORKLOADS].map(({ resource }) => resource)
  return [...Map.groupBy(resources, groupOf)].map(([group, names]) => ({
    apiGroups: [group],
    resources: names.map(pluralOf),
    verbs: group === METRICS ? POLL : READ,
  }))
}

/** The two questions that the API asks about whoever asks it. A review changes nothing in the cluster. */
const REVIEWS: readonly PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
]

/**
 * The right to read what dogwatch found and how it is, for people and tools. The resources are virtual: only our API asks whether somebody
 * has them. `snapshot` is not among them: it is what dogwatch read, and whoever may read that can read it himself.
 */
const READER: PolicyRule = {
  apiGroups: ['dogwatch.io'],
  resources: ['recommendations', 'status', 'metrics'],
  verbs: ['get'],
}

const clusterRole = (name: string, rules: readonly PolicyRule[]): object => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
})

const BINDING = {
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: 'dogwatch' },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'dogwatch' },
  subjects: [{ kind: 'ServiceAccount', name: 'dogwatch', namespace: NAMESPACE }],
}

/** `deploy/base/rbac.yaml`: the least rights of a dogwatch that only looks. */
export function rbac(): string {
  const documents = [
    clusterRole('dogwatch', [...readRules(), ...REVIEWS]),
    BINDING,
    clusterRole('dogwatch-reader', [READER]),
  ]
  return NOTE + documents.map(yaml).join('---\n')
}

/** With lists of words on one line: who judges rights should see them at a glance. */
function yaml(content: object): string {
  const document = new Document(content, { aliasDuplicateObjects: false })
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every((item) => isScalar(item))
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
