import type { AnyObject, ObjectOf, Resource } from '../cluster/kinds.ts'
import type { Condition } from '../cluster/projection/meta.ts'
import { conditionOf as ofType } from './condition.ts'
import type { SubjectObjects } from './subject.ts'

// The literal kind tells them apart: by their fields alone, all of them optional, each could be any other.
type Of<R extends Resource, K extends string> = ObjectOf<R> & { readonly kind: K }

export type Deployment = Of<'deployments.apps', 'Deployment'>
export type ReplicaSet = Of<'replicasets.apps', 'ReplicaSet'>
export type StatefulSet = Of<'statefulsets.apps', 'StatefulSet'>
export type DaemonSet = Of<'daemonsets.apps', 'DaemonSet'>
export type Job = Of<'jobs.batch', 'Job'>
export type CronJob = Of<'cronjobs.batch', 'CronJob'>
export type Workload = Deployment | ReplicaSet | StatefulSet | DaemonSet

const is = (object: AnyObject, apiVersion: string, kind: string): boolean =>
  object.kind === kind && object.apiVersion === apiVersion

export const isDeployment = (object: AnyObject): object is Deployment => is(object, 'apps/v1', 'Deployment')
export const isReplicaSet = (object: AnyObject): object is ReplicaSet => is(object, 'apps/v1', 'ReplicaSet')
export const isStatefulSet = (object: AnyObject): object is StatefulSet => is(object, 'apps/v1', 'StatefulSet')
export const isDaemonSet = (object: AnyObject): object is DaemonSet => is(object, 'apps/v1', 'DaemonSet')
export const isJob = (object: AnyObject): object is Job => is(object, 'batch/v1', 'Job')
export const isCronJob = (object: AnyObject): object is CronJob => is(object, 'batch/v1', 'CronJob')

/** The object of a workload subject, told apart by kind: the table of subjects holds these four and no other. */
export const asWorkload = (object: SubjectObjects['workload']): Workload => object as Workload

interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** The condition of a type, whatever its status. */
export const conditionOf = ({ status }: Conditioned, type: string): Condition | undefined =>
  ofType(status?.conditions, type)

/** The condition of a type, when it is `True`. */
export function trueCondition(object: Conditioned, type: string): Condition | undefined {
  const condition = conditionOf(object, type)
  return condition?.status === 'True' ? condition : undefined
}
