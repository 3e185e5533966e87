import type { Subject, SubjectKind } from '../facts/subject.ts'
import { matchesGlob } from '../util/glob.ts'
import { didYouMean, quote, type Issue } from '../util/issues.ts'
import { matchesSelector } from '../util/selector.ts'
import type { RawRule } from './schema.ts'

/** Where a rule or an override applies. */
export type Scope = NonNullable<RawRule['scope']>

/** The kinds of the objects behind each kind of subject. */
const KINDS: Readonly<Record<SubjectKind, readonly string[]>> = {
  container: ['Pod'],
  pod: ['Pod'],
  workload: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
  job: ['Job'],
  cronjob: ['CronJob'],
  node: ['Node'],
  claim: ['PersistentVolumeClaim'],
  volume: ['PersistentVolume'],
  autoscaler: ['HorizontalPodAutoscaler'],
  'disruption-budget': ['PodDisruptionBudget'],
  service: ['Service'],
  quota: ['ResourceQuota'],
  namespace: ['Namespace'],
  webhook: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
}

/** The kinds in a scope that no subject of the rule has: it would silently match nothing. */
export function scopeIssues(scope: Scope | undefined, subjects: readonly SubjectKind[]): Issue[] {
  const right = [...new Set(subjects.flatMap((subject) => KINDS[subject]))]
  return (scope?.kinds ?? []).flatMap((kind, index) => {
    if (right.includes(kind)) return []
    const message = `no object behind a ${subjects.join(' or ')} is a ${quote(kind)}; it is one of ${right.join(', ')}${didYouMean(kind, right)}`
    return [{ path: ['scope', 'kinds', index], key: false, message }]
  })
}

/** Whether a subject is inside a scope. Without a scope everything is; an object without a namespace is in none. */
export function inScope(scope: Scope | undefined, { object }: Subject): boolean {
  if (scope === undefined) return true
  const { namespaces, labels, kinds } = scope
  if (kinds !== undefined && !kinds.includes(object.kind)) return false
  if (labels !== undefined && !matchesSelector(object.metadata.labels, selectorOf(labels))) return false
  return namespaces === undefined || namespaces.some((glob) => isIn(object, glob))
}

// A Namespace is in itself: a rule about `shop-*` means the namespace objects of that name too.
function isIn({ kind, metadata }: Subject['object'], glob: string): boolean {
  const namespace = kind === 'Namespace' ? metadata.name : metadata.namespace
  return namespace !== undefined && matchesGlob(namespace, glob)
}

type Labels = NonNullable<Scope['labels']>
type Selector = NonNullable<Parameters<typeof matchesSelector>[1]>

const selectorOf = ({ matchLabels, matchExpressions }: Labels): Selector => ({
  ...(matchLabels === undefined ? {} : { matchLabels }),
  ...(matchExpressions === undefined
    ? {}
    : { matchExpressions: matchExpressions.map(({ values = [], ...expression }) => ({ ...expression, values })) }),
})
