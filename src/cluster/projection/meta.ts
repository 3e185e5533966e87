import { at, object } from './object.ts'
import { array, boolean, both, map, mapWhere, number, present, string } from './shape.ts'
import type { Both, Projected } from './shape.ts'
import { shared, word } from './shared.ts'
import { json, time } from './values.ts'

// Annotations that some fact reads. Others are left out: they can be large (last-applied-configuration) and hold secrets.
const READ_ANNOTATIONS =
  /^(dogwatch\.io\/|argocd\.argoproj\.io\/|meta\.helm\.sh\/|(kustomize|helm|source)\.toolkit\.fluxcd\.io\/|fluxcd\.io\/|pv\.kubernetes\.io\/|volume\.(beta\.)?kubernetes\.io\/|storageclass\.(beta\.)?kubernetes\.io\/|deployment\.kubernetes\.io\/|cluster-autoscaler\.kubernetes\.io\/|karpenter\.sh\/|autoscaling\.keda\.sh\/|backup\.velero\.io\/|janitor\/|kubernetes\.io\/config\.|vpaUpdates$)/

const fieldsV1 = object({
  'f:spec': object({
    'f:replicas': present,
    'f:suspend': present,
    'f:template': present,
    'f:unschedulable': present,
  }),
})

const written = object({
  manager: at(1, word),
  operation: at(2, word),
  subresource: at(8, word),
  time: at(4, time),
  /** Of the tree of fields only what an action of ours would write. */
  fieldsV1: at(7, shared(json(fieldsV1))),
})

type ManagedField = Projected<typeof written>

// When something else than the template was written is read by nobody, and each heartbeat moves it.
const untimed = (field: ManagedField | undefined): ManagedField | undefined => {
  if (!field || field.fieldsV1?.['f:spec']?.['f:template']) return field
  const { time: _, ...rest } = field
  return rest
}
const managedField: Both<ManagedField> = both(
  (raw) => untimed(written(raw)),
  (reader, tag) => untimed(written.wire(reader, tag)),
)

export const ownerReference = object({
  apiVersion: at(5, string, 'always'),
  kind: at(1, string, 'always'),
  name: at(3, string, 'always'),
  uid: at(4, string, 'always'),
  controller: at(6, boolean, 'always'),
})

const called = {
  name: at(1, string),
  generateName: at(2, word),
  namespace: at(3, word),
  uid: at(5, string),
  resourceVersion: at(6, string),
  generation: at(7, number),
  creationTimestamp: at(8, time),
  deletionTimestamp: at(9, time),
  deletionGracePeriodSeconds: at(10, number, 'always'),
  labels: at(11, shared(map(string))),
  annotations: at(
    12,
    mapWhere(string, (key) => READ_ANNOTATIONS.test(key)),
  ),
  ownerReferences: at(13, shared(array(ownerReference))),
  finalizers: at(14, shared(array(string))),
}
const made = object(called)

export const meta = object({ ...called, managedFields: at(17, shared(array(managedField))) })

export type Meta = Projected<typeof meta>
export type OwnerReference = Projected<typeof ownerReference>

const isMade = (read: Meta | undefined): boolean =>
  read?.ownerReferences?.some(({ controller }) => controller === true) === true

/** Of what a controller made nobody asks who wrote its fields: what it is part of is asked. */
export const metaOfMade: Both<Meta> = both(
  (raw) => {
    const read = made(raw)
    return isMade(read) ? read : meta(raw)
  },
  (reader, tag) => {
    const from = reader.place
    const read = made.wire(reader, tag)
    if (isMade(read)) return read
    reader.back(from)
    return meta.wire(reader, tag)
  },
)

// Each API numbers the fields of its conditions in its own way.
const conditionAt = (transition: number, reason: number, message: number) => ({
  type: at(1, word, 'always'),
  status: at(2, word, 'always'),
  reason: at(reason, word),
  message: at(message, string),
  lastTransitionTime: at(transition, time),
})

/** A condition of a pod, node, namespace, claim or job. */
export const condition = object({ ...conditionAt(4, 5, 6), observedGeneration: at(7, number) })
/** A condition of a workload or an autoscaler. */
export const workloadCondition = object(conditionAt(3, 4, 5))
export const deploymentCondition = object({ ...conditionAt(7, 4, 5), lastUpdateTime: at(6, time) })
/** A condition as newer APIs have it. */
export const standardCondition = object({
  ...conditionAt(4, 5, 6),
  reason: at(5, word, 'always'),
  message: at(6, string, 'always'),
  observedGeneration: at(3, number),
})
/** A condition of any kind. */
export type Condition = Projected<typeof condition> & Projected<typeof deploymentCondition>

const labelRequirement = object({
  key: at(1, string, 'always'),
  operator: at(2, string, 'always'),
  values: at(3, array(string)),
})

export const labelSelector = object({
  matchLabels: at(1, map(string)),
  matchExpressions: at(2, array(labelRequirement)),
})
export type LabelSelector = Projected<typeof labelSelector>
