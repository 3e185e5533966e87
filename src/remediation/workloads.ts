import type { AnyObject } from '../cluster/kinds.ts'
import type { ContainerStatus, Pod } from '../cluster/projection/pod.ts'
import { nameOf } from '../findings/match.ts'
import { isDaemonSet, isDeployment } from '../facts/workload-kind.ts'
import type { DaemonSet, Deployment, StatefulSet, Workload } from '../facts/workload-kind.ts'
import { refuse, type Refusal } from './action.ts'

/** `Kind namespace/name`. */
export const label = ({ kind, metadata }: AnyObject): string =>
  nameOf({ kind, namespace: metadata.namespace, name: metadata.name })

/** `1 pod`, `3 pods`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** How many pods a workload is to have: of a DaemonSet what its controller counted, of the others what is written. */
export const replicasOf = (workload: Workload): number =>
  isDaemonSet(workload) ? (workload.status?.desiredNumberScheduled ?? 0) : (workload.spec?.replicas ?? 1)

/** Why a change of the template would not reach the pods, where it would not. */
export function templateRefusal(workload: Deployment | StatefulSet | DaemonSet): Refusal | undefined {
  const kept = isDeployment(workload) ? pausedDeployment(workload) : keptByStrategy(workload.spec?.updateStrategy)
  if (kept !== undefined) return refuse('paused', kept)
  return replicasOf(workload) === 0 ? refuse('at-zero', 'it runs no pods') : undefined
}

const pausedDeployment = ({ spec }: Deployment): string | undefined =>
  spec?.paused === true ? 'it is paused' : undefined

interface UpdateStrategy {
  readonly type?: string
  readonly rollingUpdate?: { readonly partition?: number }
}

function keptByStrategy({ type, rollingUpdate }: UpdateStrategy = {}): string | undefined {
  if (type === 'OnDelete') return 'its update strategy is OnDelete'
  const partition = rollingUpdate?.partition ?? 0
  return partition > 0 ? `its update strategy keeps the pods below ${partition}` : undefined
}

/** The status of a container of a pod, init containers included. */
export const statusOf = ({ status }: Pod, container: string): ContainerStatus | undefined =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
    ({ name }) => name === container,
  )
