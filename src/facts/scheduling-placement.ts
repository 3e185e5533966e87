import type { ObjectOf } from '../cluster/kinds.ts'
import type { Taint } from '../cluster/projection/node.ts'
import type { NodeTerm, PodSpec, Requirement, Toleration } from '../cluster/projection/pod-spec.ts'
import { matchesLabels, matchesSelector } from '../util/selector.ts'

type Node = ObjectOf<'nodes'>
type Labels = Readonly<Record<string, string>>

/** The taint that a cordon puts on a node. */
const CORDON_TAINT = 'node.kubernetes.io/unschedulable'

const NOT_READY_TAINTS = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/network-unavailable',
  'node.cloudprovider.kubernetes.io/uninitialized',
  'node.cloudprovider.kubernetes.io/shutdown',
])
const PRESSURE_TAINTS = new Set([
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
])

/** What a taint says of its node: it is lost, it is short of something, it is cordoned, or somebody reserved it. */
export type TaintMeaning = 'not-ready' | 'pressure' | 'cordon' | 'reserved'

export function meaningOf(taint: Taint): TaintMeaning {
  const key = taint.key ?? ''
  if (key === CORDON_TAINT) return 'cordon'
  if (NOT_READY_TAINTS.has(key)) return 'not-ready'
  return PRESSURE_TAINTS.has(key) ? 'pressure' : 'reserved'
}

/** `key=value:Effect`, as kubectl writes a taint. */
export const formatTaint = ({ key = '', value, effect = '' }: Taint): string =>
  `${key}${value ? `=${value}` : ''}:${effect}`

const tolerates = (toleration: Toleration, taint: Taint): boolean => {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '')
}

/** The taints of a node that keep a pod off it: those that forbid scheduling and that no toleration covers, and the cordon. */
export function taintsAgainst(spec: PodSpec | undefined, node: Node): Taint[] {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
  // The flag alone forbids scheduling; the controller adds the taint a moment later.
  if (node.spec?.unschedulable === true && !taints.some(({ key }) => key === CORDON_TAINT))
    taints.push({ key: CORDON_TAINT, effect: 'NoSchedule' })
  return taints.filter((taint) => !(spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint)))
}

/** Whether a node has every label of a pod's node selector. */
export const matchesNodeSelector = (spec: PodSpec | undefined, node: Node): boolean =>
  matchesLabels(node.metadata.labels, spec?.nodeSelector ?? {})

/** The terms of a pod's required node affinity, of which a node must satisfy one; `undefined` when it has none. */
export const requiredTerms = (spec: PodSpec | undefined): readonly NodeTerm[] | undefined => {
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required && (required.nodeSelectorTerms ?? [])
}

/** Whether a node satisfies a pod's required node affinity. */
export const matchesNodeAffinity = (spec: PodSpec | undefined, node: Node): boolean =>
  requiredTerms(spec)?.some((term) => matchesNodeTerm(term, node)) ?? true

/** Whether a node satisfies one term of node affinity. An empty term matches nothing, as in Kubernetes. */
export function matchesNodeTerm({ matchExpressions = [], matchFields = [] }: NodeTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name }
  return (
    matchExpressions.every((requirement) => matchesRequirement(node.metadata.labels, requirement)) &&
    matchFields.every((requirement) => matchesRequirement(fields, requirement))
  )
}

function matchesRequirement(labels: Labels | undefined, requirement: Requirement): boolean {
  const { key = '', operator, values = [] } = requirement
  if (operator !== 'Gt' && operator !== 'Lt') return matchesSelector(labels, { matchExpressions: [requirement] })
  const [actual, limit] = [integer(labels?.[key]), integer(values[0])]
  if (actual === undefined || limit === undefined) return false
  return operator === 'Gt' ? actual > limit : actual < limit
}

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined

/** `zone In [a, b] and disk Exists`, one term after another joined by `or`. */
export const formatTerms = (terms: readonly NodeTerm[]): string =>
  terms
    .map(({ matchExpressions = [], matchFields = [] }) =>
      [...matchExpressions, ...matchFields].map(formatRequirement).join(' and '),
    )
    .join(' or ')

const formatRequirement = ({ key = '', operator = '', values = [] }: Requirement): string =>
  values.length === 0 ? `${key} ${operator}` : `${key} ${operator} [${values.join(', ')}]`
