import type { ObjectOf } from '../cluster/kinds.ts'
import type { Condition } from '../cluster/projection/meta.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { plainText, truncate } from '../util/text.ts'
import { containersWithoutRequest, nameOfTarget, readySince, targetOf, type Target } from './autoscaler-target.ts'
import { conditionSince } from './condition.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { known, recorded, unknown, type Reading } from './reading.ts'
import type { Subject, View } from './subject.ts'
import { conditionOf } from './workload-kind.ts'

type Autoscaler = ObjectOf<'horizontalpodautoscalers.autoscaling'>

/** Why an autoscaler does not scale. A closed list. */
export const AUTOSCALER_FAULTS = [
  'target-missing',
  'target-unreadable',
  'cannot-scale',
  'missing-request',
  'metrics-unavailable',
  'invalid-metric',
  'shared-target',
] as const
export type AutoscalerFault = (typeof AUTOSCALER_FAULTS)[number]

interface Broken {
  readonly fault: AutoscalerFault
  readonly since: number | undefined
  readonly target: Target
  readonly message: string
  readonly unsized: readonly string[]
}

const MESSAGE_LENGTH = 300

const READS: readonly Read[] = [
  { resource: 'deployments.apps', optional: true },
  { resource: 'statefulsets.apps', optional: true },
  { resource: 'replicasets.apps', index: 'replicaSetsByOwner' },
  // Without the pods of the target an autoscaler at fault looks like one whose target is.
  { resource: 'pods', index: 'podsByOwner' },
]

type Case = Pick<Broken, 'target' | 'message' | 'unsized'> & {
  readonly condition: Condition
  readonly snapshot: Snapshot
}

function unscalable({ condition, target, message }: Case): AutoscalerFault {
  if (condition.reason !== 'FailedGetScale') return 'cannot-scale'
  const missing = target.look === 'listed' ? target.object === undefined : message.includes('not found')
  return missing ? 'target-missing' : 'target-unreadable'
}

const SHARED: ReadonlySet<string | undefined> = new Set(['AmbiguousSelector'])
const INVALID: ReadonlySet<string | undefined> = new Set(['InvalidMetricSourceType', 'InvalidSelector'])

/** Why it computes no count; `null` when that is right: it was switched off, or no pod of the target runs, which is its own fault. */
function inactive({ condition, target, unsized, snapshot }: Case): AutoscalerFault | null {
  if (condition.reason === 'ScalingDisabled') return null
  if (SHARED.has(condition.reason)) return 'shared-target'
  if (INVALID.has(condition.reason)) return 'invalid-metric'
  if (unsized.length > 0) return 'missing-request'
  return target.object && readySince(target.object, snapshot) === undefined ? null : 'metrics-unavailable'
}

/** Metrics follow a pod's start by up to a minute, so that they are missing counts from when a pod of the target was ready. */
function sinceOf(fault: AutoscalerFault, { condition, target, snapshot }: Case): number | undefined {
  const since = conditionSince(condition)
  if (fault !== 'metrics-unavailable' || !target.object || since === undefined) return since
  return Math.max(since, readySince(target.object, snapshot) ?? since)
}

function caseOf(autoscaler: Autoscaler, condition: Condition, snapshot: Snapshot): Case {
  const target = targetOf(autoscaler, snapshot)
  const unsized = target.object ? containersWithoutRequest(autoscaler, target.object, snapshot) : []
  return { condition, target, unsized, snapshot, message: condition.message ?? '' }
}

function brokenBy(condition: Condition | undefined, autoscaler: Autoscaler, snapshot: Snapshot): Broken | undefined {
  if (condition?.status !== 'False') return undefined
  const found = caseOf(autoscaler, condition, snapshot)
  const fault = condition.type === 'AbleToScale' ? unscalable(found) : inactive(found)
  return fault === null ? undefined : { ...found, fault, since: sinceOf(fault, found) }
}

function told(
  { object }: Subject<'autoscaler'>,
  { snapshot }: View,
  read: (broken: Broken | undefined) => Reading,
): Reading {
  const [able, active] = ['AbleToScale', 'ScalingActive'].map((type) => conditionOf(object, type))
  if (!able && !active) return unknown('not-recorded', 'the autoscaling controller has not looked at it yet')
  return read(brokenBy(able, object, snapshot) ?? brokenBy(active, object, snapshot))
}

const WORDS: Readonly<Record<AutoscalerFault, (broken: Broken) => string>> = {
  'target-missing': ({ target }) => `its target ${target.name} does not exist`,
  'target-unreadable': ({ target, message }) => `the scale of its target ${target.name} cannot be read: ${message}`,
  'cannot-scale': ({ target, message }) => `it cannot scale ${target.name}: ${message}`,
  'missing-request': ({ target, unsized }) =>
    `no request to measure against in ${target.name}, container ${unsized.join(', ')}`,
  'metrics-unavailable': ({ message }) => `no metric to compute a count from: ${message}`,
  'invalid-metric': ({ message }) => `its metric or selector cannot be used: ${message}`,
  'shared-target': ({ target, message }) =>
    `the pods of ${target.name} are scaled by another autoscaler too: ${message}`,
}

/** Whether a HorizontalPodAutoscaler does its work, by its own conditions and its target. */
export const AUTOSCALER_FACTS: readonly Fact[] = [
  fact({
    name: 'autoscalerFault',
    subjects: ['autoscaler'],
    type: 'string',
    nullable: true,
    values: AUTOSCALER_FAULTS,
    description:
      'Why the autoscaler does not scale, computed from its conditions and its target. Null when it does, when it is switched off (its target is at 0), and when metrics are missing since no pod of the target is ready.',
    reads: READS,
    read: (subject, view) => told(subject, view, (found) => known(found?.fault ?? null, { since: found?.since })),
  }),
  fact({
    name: 'autoscalerFaultDetail',
    subjects: ['autoscaler'],
    type: 'string',
    nullable: true,
    description:
      "What `autoscalerFault` means here, with the target, the containers without a request or the controller's message.",
    reads: READS,
    read: (subject, view) =>
      told(subject, view, (found) =>
        known(found ? truncate(plainText(WORDS[found.fault](found)), MESSAGE_LENGTH) : null),
      ),
  }),
  fact({
    name: 'scaleTarget',
    subjects: ['autoscaler'],
    type: 'string',
    description: 'What the autoscaler scales, as `Deployment web`.',
    reads: [],
    read: ({ object }) => known(nameOfTarget(object.spec)),
  }),
  fact({
    name: 'containersWithoutRequest',
    subjects: ['autoscaler'],
    type: 'strings',
    description: 'Containers of the target without the request that a utilization is measured against, as `app (cpu)`.',
    reads: READS,
    read: ({ object }, { snapshot }) => {
      const target = targetOf(object, snapshot).object
      return known(target ? containersWithoutRequest(object, target, snapshot) : [])
    },
  }),
  fact({
    name: 'maxReplicas',
    subjects: ['autoscaler'],
    type: 'number',
    description: 'The most replicas that the autoscaler may ask for.',
    reads: [],
    read: ({ object }) => recorded(object.spec?.maxReplicas, 'the autoscaler has no maxReplicas'),
  }),
  fact({
    name: 'desiredReplicas',
    subjects: ['autoscaler'],
    type: 'number',
    description: 'The replicas that the autoscaler last asked for.',
    reads: [],
    read: ({ object }) => recorded(object.status?.desiredReplicas, 'the autoscaler has computed no count yet'),
  }),
]
