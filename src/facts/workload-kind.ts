import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'

export type Deployment = ObjectOf<'deployments.apps'>
export type ReplicaSet = ObjectOf<'replicasets.apps'>
export type StatefulSet = ObjectOf<'statefulsets.apps'>
export type DaemonSet = ObjectOf<'daemonsets.apps'>
export type Job = ObjectOf<'jobs.batch'>
export type CronJob = ObjectOf<'cronjobs.batch'>
export type Workload = Deployment | ReplicaSet | StatefulSet | DaemonSet

const is = (object: AnyObject, apiVersion: string, kind: string): boolean =>
  object.kind === kind && object.apiVersion === apiVersion

export const isDeployment = (object: AnyObject): object is Deployment => is(object, 'apps/v1', 'Deployment')
export const isReplicaSet = (object: AnyObject): object is ReplicaSet => is(object, 'apps/v1', 'ReplicaSet')
export const isStatefulSet = (object: AnyObject): object is StatefulSet => is(object, 'apps/v1', 'StatefulSet')
export const isDaemonSet = (object: AnyObject): object is DaemonSet => is(object, 'apps/v1', 'DaemonSet')
export const isJob = (object: AnyObject): object is Job => is(object, 'batch/v1', 'Job')
export const isCronJob = (object: AnyObject): object is CronJob => is(object, 'batch/v1', 'CronJob')

interface Conditioned {
  readonly status?: { readonly conditions?: readonly { readonly type?: string; readonly status?: string }[] }
}

type ConditionOf<O extends Conditioned> = NonNullable<NonNullable<O['status']>['conditions']>[number]

/** The condition of a type, whatever its status. */
export const conditionOf = <O extends Conditioned>(object: O, type: string): ConditionOf<O> | undefined =>
  object.status?.conditions?.find((condition) => condition.type === type)

/** The condition of a type, when it is `True`. */
export function trueCondition<O extends Conditioned>(object: O, type: string): ConditionOf<O> | undefined {
  const condition = conditionOf(object, type)
  return condition?.status === 'True' ? condition : undefined
}
