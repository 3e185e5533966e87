import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { compareText } from '../util/order.ts'
import { matchesLabels } from '../util/selector.ts'
import { nearest } from '../util/text.ts'

type Service = ObjectOf<'services'>
type Labels = Readonly<Record<string, string>>

/** Something in the namespace of a Service that makes pods with these labels. */
export interface Backing {
  readonly kind: string
  readonly name: string
  readonly labels: Labels
  /** Whether it rightly has no pods now: scaled to zero, on no node, or a Job that runs from time to time. */
  readonly asleep: boolean
}

interface Templated {
  readonly spec?: {
    readonly replicas?: number
    readonly template?: { readonly metadata?: { readonly labels?: Labels } }
  }
}

const labelsOf = ({ spec }: Templated): Labels => spec?.template?.metadata?.labels ?? {}

const backing = (object: AnyObject, labels: Labels, asleep: boolean): Backing => ({
  kind: object.kind,
  name: object.metadata.name,
  labels,
  asleep,
})

const isPartOfDeployment = ({ metadata }: AnyObject): boolean =>
  (metadata.ownerReferences ?? []).some(({ controller, kind }) => controller === true && kind === 'Deployment')

const atZero = (object: AnyObject & Templated): Backing =>
  backing(object, labelsOf(object), object.spec?.replicas === 0)

/** Everything in a namespace that makes pods. The ReplicaSets of a Deployment are left out: its older ones have labels of the past. */
export function backingsIn(namespace: string | undefined, snapshot: Snapshot): readonly Backing[] {
  return [
    ...snapshot.within('deployments.apps', namespace).map(atZero),
    ...snapshot.within('statefulsets.apps', namespace).map(atZero),
    ...snapshot
      .within('daemonsets.apps', namespace)
      .map((set) => backing(set, labelsOf(set), set.status?.desiredNumberScheduled === 0)),
    ...snapshot
      .within('replicasets.apps', namespace)
      .filter((set) => !isPartOfDeployment(set))
      .map(atZero),
    ...snapshot.within('jobs.batch', namespace).map((job) => backing(job, labelsOf(job), true)),
    ...snapshot
      .within('cronjobs.batch', namespace)
      .map((cron) => backing(cron, labelsOf(cron.spec?.jobTemplate ?? {}), true)),
    ...snapshot.within('custom', namespace).map(atZero),
  ].filter(({ labels }) => Object.keys(labels).length > 0)
}

// Labels that are put on running pods and stand in no template: by a controller (which pod, which revision), or by an operator that
// tells the leader of a set from its replicas.
const RUN_TIME_LABELS: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'controller-revision-hash',
  'pod-template-hash',
  'rollouts-pod-template-hash',
])
const ROLE = /(?:^|[^a-z])role$|[a-z]Role$/

/** Whether a label is one that only running pods have. */
const isSetAtRunTime = (key: string): boolean => RUN_TIME_LABELS.has(key) || ROLE.test(key)

/** What of a selector a pod template can hold; `undefined` when nothing is left to tell workloads apart by. */
export function staticSelector(selector: Labels): Labels | undefined {
  const kept = Object.entries(selector).filter(([key]) => !isSetAtRunTime(key))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

/** What would make pods for a selector. */
export const backingsOf = (selector: Labels, backings: readonly Backing[]): readonly Backing[] =>
  backings.filter(({ labels }) => matchesLabels(labels, selector))

function likeness(selector: Labels, { labels }: Backing): number {
  let score = 0
  for (const [key, value] of Object.entries(selector)) {
    const other = Object.hasOwn(labels, key) ? labels[key] : undefined
    if (other === value) score += 2
    else if (other !== undefined && nearest(value, [other]) !== undefined) score += 1
    else if (other === undefined && Object.values(labels).includes(value)) score += 1
  }
  return score
}

/** The workload whose labels come nearest to a selector that matches none, with those of its labels that the selector asks about. */
export function nearestBacking({ spec }: Service, backings: readonly Backing[]): string | null {
  const selector = spec?.selector ?? {}
  const scored = backings.map((candidate) => ({ candidate, score: likeness(selector, candidate) }))
  const [best] = scored.toSorted((a, b) => b.score - a.score || compareText(nameOf(a.candidate), nameOf(b.candidate)))
  if (!best || best.score === 0) return null
  const { labels } = best.candidate
  const asked = Object.entries(labels).filter(([key]) => Object.hasOwn(selector, key))
  return `${nameOf(best.candidate)} with ${pairs(asked.length > 0 ? asked : Object.entries(labels))}`
}

const nameOf = ({ kind, name }: Backing): string => `${kind} ${name}`

/** Labels as people write them: `app=web,tier=front`. */
export const pairs = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([key, value]) => `${key}=${value}`).join(',')
