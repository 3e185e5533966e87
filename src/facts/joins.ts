import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { labelMatcher, matchesLabels } from '../util/selector.ts'

type Pod = ObjectOf<'pods'>

/** The pods that an object controls, itself or through ReplicaSets and Jobs, by namespace and name within each controller. */
export function podsOf(controller: AnyObject, snapshot: Snapshot): readonly Pod[] {
  const { uid } = controller.metadata
  const between = [...snapshot.indexed('replicaSetsByOwner', uid), ...snapshot.indexed('jobsByOwner', uid)]
  return [uid, ...between.map((object) => object.metadata.uid)].flatMap((key) => snapshot.indexed('podsByOwner', key))
}

/** The pods that a Service selects; none without a selector, which is how a Service says that somebody else fills it. */
export function podsOfService(service: ObjectOf<'services'>, snapshot: Snapshot): readonly Pod[] {
  const selector = service.spec?.selector
  if (selector === undefined || Object.keys(selector).length === 0) return []
  const { namespace } = service.metadata
  const matches = labelMatcher(selector)
  return snapshot.within('pods', namespace).filter((pod) => matches(pod.metadata.labels))
}

/** The Services of a namespace that would select these labels. */
export function servicesSelecting(
  labels: Readonly<Record<string, string>> | undefined,
  namespace: string | undefined,
  snapshot: Snapshot,
): readonly ObjectOf<'services'>[] {
  return snapshot.within('services', namespace).filter(({ spec }) => {
    const selector = spec?.selector
    if (selector === undefined) return false
    return Object.keys(selector).length > 0 && matchesLabels(labels, selector)
  })
}

/** Whether the kubelet says that a pod serves. */
export const isReady = (pod: Pod): boolean =>
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')
