import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Look } from '../cluster/look.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { earliest, parseTime } from '../util/time.ts'
import { conditionSince } from './condition.ts'
import { isReady } from './joins.ts'
import { containersOf, type ContainerView } from './subject.ts'
import { conditionOf } from './workload-kind.ts'

type Autoscaler = ObjectOf<'horizontalpodautoscalers.autoscaling'>
type Metric = NonNullable<NonNullable<Autoscaler['spec']>['metrics']>[number]

/** What an autoscaler scales, as far as the snapshot tells. */
export interface Target {
  /** `Kind name`, as the autoscaler names it. */
  readonly name: string
  readonly object: AnyObject | undefined
  /** How completely its kind was looked at. */
  readonly look: Look
}

const BUILT_IN = {
  Deployment: 'deployments.apps',
  StatefulSet: 'statefulsets.apps',
  ReplicaSet: 'replicasets.apps',
} as const

const isBuiltIn = (kind: string): kind is keyof typeof BUILT_IN => Object.hasOwn(BUILT_IN, kind)

/** `Kind name` of what an autoscaler scales. */
export const nameOfTarget = (spec: Autoscaler['spec']): string =>
  `${spec?.scaleTargetRef?.kind ?? ''} ${spec?.scaleTargetRef?.name ?? ''}`

/** The target that an autoscaler names. */
export function targetOf({ metadata, spec }: Autoscaler, snapshot: Snapshot): Target {
  const { kind = '', name = '', apiVersion = '' } = spec?.scaleTargetRef ?? {}
  const { namespace } = metadata
  const text = nameOfTarget(spec)
  if (apiVersion === 'apps/v1' && isBuiltIn(kind)) {
    const resource = BUILT_IN[kind]
    return { name: text, object: snapshot.get(resource, namespace, name), look: snapshot.look(resource, namespace) }
  }
  const object = snapshot
    .custom()
    .find((one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace)
  // The plural of a custom kind is not known here, so that it is missing is the controller's word alone.
  return { name: text, object, look: { unknown: 'not-listed', detail: text } }
}

/** The pods of what an autoscaler scales: its own, and those of its ReplicaSets. */
function podsOf({ metadata }: AnyObject, snapshot: Snapshot): readonly ObjectOf<'pods'>[] {
  const sets = snapshot.indexed('replicaSetsByOwner', metadata.uid).map((set) => set.metadata.uid)
  return [metadata.uid, ...sets].flatMap((uid) => snapshot.indexed('podsByOwner', uid))
}

/** Since when a pod of the target has been ready without a break, in milliseconds; `undefined` when none is. */
export function readySince(target: AnyObject, snapshot: Snapshot): number | undefined {
  const times = podsOf(target, snapshot)
    .filter(isReady)
    .map((pod) => conditionSince(conditionOf(pod, 'Ready')) ?? parseTime(pod.metadata.creationTimestamp))
  return earliest(times)
}

interface Measured {
  readonly name?: string
  readonly container?: string
  readonly target?: { readonly type?: string }
}

/** What a metric measures against the requests of containers: a resource, of one container where it names one. */
function utilization({ type, resource, containerResource }: Metric): Measured | undefined {
  const of: Measured | undefined =
    type === 'Resource' ? resource : type === 'ContainerResource' ? containerResource : undefined
  return of?.target?.type === 'Utilization' ? of : undefined
}

// A limit without a request is given as the request when the pod is made.
const isSized = ({ spec }: ContainerView, resource: string): boolean =>
  spec.resources?.requests?.[resource] !== undefined || spec.resources?.limits?.[resource] !== undefined

const runsAlong = ({ role }: ContainerView): boolean => role !== 'init'

/** Containers without the request that a metric is measured against, as `app (cpu)`, over the pods of the target. */
export function containersWithoutRequest(
  autoscaler: Autoscaler,
  target: AnyObject,
  snapshot: Snapshot,
): readonly string[] {
  const containers = podsOf(target, snapshot).flatMap(containersOf).filter(runsAlong)
  const missing = (autoscaler.spec?.metrics ?? []).flatMap((metric) => {
    const { name: resource, container } = utilization(metric) ?? {}
    if (resource === undefined) return []
    return containers
      .filter(({ name }) => container === undefined || name === container)
      .filter((one) => !isSized(one, resource))
      .map(({ name }) => `${name} (${resource})`)
  })
  return [...new Set(missing)].toSorted()
}
