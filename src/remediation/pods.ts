import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import {
  isDaemonSet,
  isReplicaSet,
  isStatefulSet,
  type DaemonSet,
  type ReplicaSet,
  type StatefulSet,
} from '../facts/workload-kind.ts'
import { controllerOf, refuse, type Context, type Refusal } from './action.ts'

export type Pod = ObjectOf<'pods'>

/** A controller that makes a new pod for each that goes, as long as it lives. */
export type Replacer = ReplicaSet | StatefulSet | DaemonSet

const isReplacer = (object: AnyObject): object is Replacer =>
  isReplicaSet(object) || isStatefulSet(object) || isDaemonSet(object)

/** The living controller of a pod that replaces it when it goes, or why there is none. */
export function replacerOf(pod: Pod, { snapshot }: Context): Replacer | Refusal {
  const named = controllerOf(pod)
  if (!named) return refuse('no-controller', 'no controller would make it anew')
  const [, owner] = snapshot.owners(pod).chain
  const controller = owner && snapshot.byUid(owner.metadata.uid)
  if (!controller) return refuse('no-controller', `its controller ${named.kind} ${named.name} was not found`)
  if (!isReplacer(controller)) return refuse('not-replaced', `a ${named.kind} may not make it anew`)
  return controller.metadata.deletionTimestamp === undefined
    ? controller
    : refuse('not-replaced', `${named.kind} ${named.name} is being deleted`)
}

/** How many pods a controller wants; `undefined` for a DaemonSet, which wants one on each node. */
export const wantedBy = (controller: Replacer): number | undefined =>
  isDaemonSet(controller) ? undefined : (controller.spec?.replicas ?? 1)

/** The other pods of a pod's controller, or why they are not known. */
export function siblings(pod: Pod, controller: Replacer, { snapshot }: Context): readonly Pod[] | Refusal {
  const look = snapshot.look('pods', pod.metadata.namespace)
  return typeof look === 'object'
    ? refuse('not-seen', look.detail)
    : snapshot.indexed('podsByOwner', controller.metadata.uid).filter((one) => one !== pod)
}

/** Whether a pod has come to its end: nothing runs in it, and nothing will. */
export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded'

/** Whether a pod counts for its controller. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined
