import type { IndexName } from '../cluster/indexes.ts'
import type { AnyObject, Identified, ObjectOf } from '../cluster/kinds.ts'
import type { CustomObject } from '../cluster/projection/workload.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { CUSTOM_WORKLOADS } from '../util/custom-workloads.ts'
import { claimNamesOfVolumes, namespacedName } from '../util/claim-names.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>

/** Kinds beyond the built-in ones that may name claims, as `plural.group`. While an installed one was not looked at, no claim is called unused. */
export const CLAIM_HOLDERS: readonly string[] = [
  'replicationcontrollers',
  ...CUSTOM_WORKLOADS.map(({ resource }) => resource),
]

type Custom = Identified<CustomObject>

/** Objects of custom kinds in a namespace, as such: the snapshot keeps them on a shelf of their own. */
export const customObjects = (namespace: string | undefined, snapshot: Snapshot): readonly Custom[] =>
  snapshot.within('custom', namespace) as readonly Custom[]

/** Whether a Job has come to its end and will make no more pods. */
const isFinished = (job: ObjectOf<'jobs.batch'>): boolean =>
  (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )

const TEMPLATES = [
  'deploymentsByClaim',
  'daemonSetsByClaim',
  'statefulSetsByClaim',
  'replicaSetsByClaim',
  'cronJobsByClaim',
  'revisionsByClaim',
] as const satisfies readonly IndexName[]

/** The first object whose pod template names a claim: at no replicas or suspended as well, and old revisions. A finished Job makes no more pods. */
export function templateNaming({ metadata }: Claim, snapshot: Snapshot): AnyObject | undefined {
  const key = namespacedName(metadata.namespace, metadata.name)
  for (const index of TEMPLATES) {
    const [found] = snapshot.indexed(index, key)
    if (found) return found
  }
  const job = snapshot.indexed('jobsByClaim', key).find((one) => !isFinished(one))
  return job ?? customObjects(metadata.namespace, snapshot).find((object) => customClaims(object).includes(key))
}

function customClaims({ metadata, spec }: Custom): readonly string[] {
  const { namespace } = metadata
  const source = spec?.sourcePVC
  return [
    ...claimNamesOfVolumes(spec?.template?.spec?.volumes, namespace),
    ...(source === undefined ? [] : [namespacedName(namespace, source)]),
  ]
}
