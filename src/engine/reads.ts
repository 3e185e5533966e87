import type { Resource } from '../cluster/kinds.ts'
import type { SubjectKind } from '../facts/subject.ts'
import { compareText } from '../util/order.ts'
import type { SlotTable } from './slots.ts'

/** The kinds of the objects behind each kind of subject. */
const BEHIND: Readonly<Record<SubjectKind, readonly Resource[]>> = {
  container: ['pods'],
  pod: ['pods'],
  workload: ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'replicasets.apps'],
  job: ['jobs.batch'],
  cronjob: ['cronjobs.batch'],
  node: ['nodes'],
  claim: ['persistentvolumeclaims'],
  volume: ['persistentvolumes'],
  autoscaler: ['horizontalpodautoscalers.autoscaling'],
  'disruption-budget': ['poddisruptionbudgets.policy'],
  service: ['services'],
  quota: ['resourcequotas'],
  namespace: ['namespaces'],
  webhook: [
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ],
}

/** Every kind that the slots so far read, by name: those behind the subjects, and those that the facts declare. */
export function resourcesOf({ kinds, slots }: SlotTable): Resource[] {
  const declared = slots.flatMap(({ facts }) => [...facts.values()].flatMap(({ reads }) => reads))
  const found = new Set([...kinds.flatMap((kind) => BEHIND[kind]), ...declared.map(({ resource }) => resource)])
  return [...found].toSorted(compareText)
}
