import type { AnyObject } from '../cluster/kinds.ts'
import { fact, type Fact } from './fact.ts'
import { known } from './reading.ts'
import type { Subject, View } from './subject.ts'

export const MANAGING_TOOLS = ['argocd', 'flux', 'helm', 'operator'] as const

/** Who owns the configuration of an object, so where a mend has to go. */
export interface ManagedBy {
  readonly tool: (typeof MANAGING_TOOLS)[number]
  /** Of the application, Kustomization, release or custom object; empty where only its tool is known. */
  readonly name: string
  readonly namespace?: string
  readonly kind?: string
}

type Marks = Readonly<Record<string, string>>

/** What an object says of itself: its labels and annotations, and those of its pod template. */
interface Marked {
  readonly labels: readonly Marks[]
  readonly annotations: readonly Marks[]
}

const present = (marks: readonly (Marks | undefined)[]): Marks[] => marks.filter((mark) => mark !== undefined)

function marksOf(object: AnyObject): Marked {
  const { metadata } = object
  const template =
    'spec' in object && object.spec && 'template' in object.spec ? object.spec.template?.metadata : undefined
  return {
    labels: present([metadata.labels, template?.labels]),
    annotations: present([metadata.annotations, template?.annotations]),
  }
}

function find(marks: readonly Marks[], key: string): string | undefined {
  const found = marks.find((mark) => Object.hasOwn(mark, key))?.[key]
  return found === '' ? undefined : found
}

type Evidence = (marked: Marked) => ManagedBy | undefined

// `APPLICATION:GROUP/KIND:NAMESPACE/NAME`; an application outside Argo CD's own namespace is `NAMESPACE_APPLICATION`.
function trackingId({ annotations }: Marked): ManagedBy | undefined {
  const application = find(annotations, 'argocd.argoproj.io/tracking-id')?.split(':')[0]
  if (!application) return undefined
  const [first = '', second] = application.split('_')
  return second === undefined
    ? { tool: 'argocd', kind: 'Application', name: first }
    : { tool: 'argocd', kind: 'Application', name: second, namespace: first }
}

function argoInstance({ labels, annotations }: Marked): ManagedBy | undefined {
  const name = find([...labels, ...annotations], 'argocd.argoproj.io/instance')
  return name === undefined ? undefined : { tool: 'argocd', kind: 'Application', name }
}

const flux =
  (kind: string, domain: string): Evidence =>
  ({ labels, annotations }) => {
    const marks = [...labels, ...annotations]
    const [name, namespace] = [find(marks, `${domain}/name`), find(marks, `${domain}/namespace`)]
    if (name === undefined) return undefined
    return { tool: 'flux', kind, name, ...(namespace === undefined ? {} : { namespace }) }
  }

// Flux 1 named no owner; its marks still say that a repository does.
function fluxLegacy({ labels, annotations }: Marked): ManagedBy | undefined {
  const mark = find(labels, 'fluxcd.io/sync-gc-mark') ?? find(annotations, 'fluxcd.io/sync-checksum')
  return mark === undefined ? undefined : { tool: 'flux', name: '' }
}

// The label alone is also what `helm template | kubectl apply` leaves, where no release exists.
function helm({ annotations }: Marked): ManagedBy | undefined {
  const name = find(annotations, 'meta.helm.sh/release-name')
  const namespace = find(annotations, 'meta.helm.sh/release-namespace')
  if (name === undefined) return undefined
  return { tool: 'helm', name, ...(namespace === undefined ? {} : { namespace }) }
}

/** Marks in the order they are believed: a chart that Argo CD or Flux installs carries Helm's marks too. */
const EVIDENCE: readonly Evidence[] = [
  trackingId,
  argoInstance,
  flux('HelmRelease', 'helm.toolkit.fluxcd.io'),
  flux('Kustomization', 'kustomize.toolkit.fluxcd.io'),
  fluxLegacy,
  helm,
]

const BUILT_IN = /^(?:v1|apps\/.*|batch\/.*|autoscaling\/.*|policy\/.*|extensions\/.*|[a-z.-]+\.k8s\.io\/.*)$/

// Read from the references, which name the controller even where the snapshot does not hold it or nobody may list its kind.
function operator(chain: readonly AnyObject[]): ManagedBy | undefined {
  for (const { metadata } of chain.toReversed()) {
    const owner = metadata.ownerReferences?.find((reference) => reference.controller === true)
    if (owner?.kind === undefined || owner.name === undefined || BUILT_IN.test(owner.apiVersion ?? 'v1')) continue
    const { namespace } = metadata
    return { tool: 'operator', kind: owner.kind, name: owner.name, ...(namespace === undefined ? {} : { namespace }) }
  }
  return undefined
}

const MANAGERS: Readonly<Record<string, Omit<ManagedBy, 'name'>>> = {
  'argocd-controller': { tool: 'argocd', kind: 'Application' },
  'argocd-application-controller': { tool: 'argocd', kind: 'Application' },
  'kustomize-controller': { tool: 'flux', kind: 'Kustomization' },
  'helm-controller': { tool: 'flux', kind: 'HelmRelease' },
  helm: { tool: 'helm' },
}

// Who wrote the fields tells the tool where somebody removed its marks; which of its applications is then the namespace's, or nobody's.
function manager(chain: readonly AnyObject[], namespace: AnyObject | undefined): ManagedBy | undefined {
  for (const { metadata } of chain.toReversed()) {
    const wrote = metadata.managedFields?.find(
      (entry) => entry.subresource === undefined && isTool(entry.manager),
    )?.manager
    const tool = wrote === undefined ? undefined : MANAGERS[wrote]
    if (!tool) continue
    const home =
      namespace && EVIDENCE.map((evidence) => evidence(marksOf(namespace))).find((by) => by?.tool === tool.tool)
    return home ?? { ...tool, name: find(metadata.labels ? [metadata.labels] : [], 'app.kubernetes.io/instance') ?? '' }
  }
  return undefined
}

const isTool = (name: string | undefined): boolean => name !== undefined && Object.hasOwn(MANAGERS, name)

/**
 * Who owns the configuration of a target: its marks along the owner chain (the object first, its root owner last), the root's before
 * those of what it made; else the custom object that controls it; else the tool that last wrote its fields. `null` for plain `kubectl`.
 * The target's Namespace only says which application it is: a namespace that Argo CD made may hold what it did not.
 */
export function managedBy(chain: readonly AnyObject[], namespace: AnyObject | undefined): ManagedBy | null {
  const marked = chain.toReversed().map(marksOf)
  for (const evidence of EVIDENCE) {
    const found = marked.map(evidence).find((by) => by !== undefined)
    if (found) return found
  }
  return operator(chain) ?? manager(chain, namespace) ?? null
}

const SUBJECTS = [
  'container',
  'pod',
  'workload',
  'job',
  'cronjob',
  'service',
  'autoscaler',
  'disruption-budget',
  'claim',
] as const

// What a chain can pass through; without one of these it ends early, which makes nobody an owner who is none.
const CHAIN = (
  [
    'replicasets.apps',
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'jobs.batch',
    'cronjobs.batch',
    'namespaces',
  ] as const
).map((resource) => ({ resource, optional: true }) as const)

function ownerOf({ object }: Subject<(typeof SUBJECTS)[number]>, { snapshot }: View): ManagedBy | null {
  const { namespace } = object.metadata
  const home = namespace === undefined ? undefined : snapshot.get('namespaces', undefined, namespace)
  return managedBy(snapshot.owners(object).chain, home)
}

/** Who owns the configuration, for rules that treat what a repository or an operator owns in another way. */
export const MANAGED_BY_FACTS: readonly Fact[] = [
  fact({
    name: 'managedByTool',
    subjects: SUBJECTS,
    type: 'string',
    nullable: true,
    values: MANAGING_TOOLS,
    description: 'The tool that owns the configuration of the root owner; null when none left a mark.',
    reads: CHAIN,
    read: (subject, view) => known(ownerOf(subject, view)?.tool ?? null),
  }),
  fact({
    name: 'managedByName',
    subjects: SUBJECTS,
    type: 'string',
    nullable: true,
    description:
      'The Argo CD application, Flux object, Helm release or custom object that owns the configuration; null without one.',
    reads: CHAIN,
    read: (subject, view) => known(ownerOf(subject, view)?.name || null),
  }),
]
