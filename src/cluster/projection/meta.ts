import { array, boolean, map, mapWhere, number, object, present, string } from './shape.ts'
import type { Projected, Shape } from './shape.ts'
import { shared, word } from './shared.ts'

// Annotations that some fact reads. Others are left out: they can be large (last-applied-configuration) and hold secrets.
const READ_ANNOTATIONS =
  /^(dogwatch\.io\/|argocd\.argoproj\.io\/|meta\.helm\.sh\/|(kustomize|helm|source)\.toolkit\.fluxcd\.io\/|fluxcd\.io\/|pv\.kubernetes\.io\/|volume\.(beta\.)?kubernetes\.io\/|storageclass\.(beta\.)?kubernetes\.io\/|deployment\.kubernetes\.io\/|cluster-autoscaler\.kubernetes\.io\/|karpenter\.sh\/|autoscaling\.keda\.sh\/|backup\.velero\.io\/|janitor\/|kubernetes\.io\/config\.|vpaUpdates$)/

const written = object({
  manager: word,
  operation: word,
  subresource: word,
  time: word,
  /** Of the tree of fields only what an action of ours would write. */
  fieldsV1: shared(
    object({
      'f:spec': object({
        'f:replicas': present,
        'f:suspend': present,
        'f:template': present,
        'f:unschedulable': present,
      }),
    }),
  ),
})

type ManagedField = Projected<typeof written>

// When something else than the template was written is read by nobody, and each heartbeat moves it.
const managedField: Shape<ManagedField> = (raw) => {
  const field = written(raw)
  if (!field || field.fieldsV1?.['f:spec']?.['f:template']) return field
  const { time: _, ...rest } = field
  return rest
}

export const ownerReference = object({
  apiVersion: string,
  kind: string,
  name: string,
  uid: string,
  controller: boolean,
})

const called = {
  name: string,
  generateName: word,
  namespace: word,
  uid: string,
  resourceVersion: string,
  generation: number,
  creationTimestamp: word,
  deletionTimestamp: string,
  deletionGracePeriodSeconds: number,
  labels: shared(map(string)),
  annotations: mapWhere(string, (key) => READ_ANNOTATIONS.test(key)),
  ownerReferences: shared(array(ownerReference)),
  finalizers: shared(array(string)),
}
const made = object(called)

export const meta = object({ ...called, managedFields: shared(array(managedField)) })

export type Meta = Projected<typeof meta>
export type OwnerReference = Projected<typeof ownerReference>

/** Of what a controller made nobody asks who wrote its fields: what it is part of is asked. */
export const metaOfMade: Shape<Meta> = (raw) => {
  const read = made(raw)
  return read?.ownerReferences?.some(({ controller }) => controller === true) ? read : meta(raw)
}

/** A condition of any kind. */
export const condition = object({
  type: word,
  status: word,
  reason: word,
  message: string,
  lastTransitionTime: word,
  lastUpdateTime: word,
  observedGeneration: number,
})
export type Condition = Projected<typeof condition>

export const labelSelector = object({
  matchLabels: map(string),
  matchExpressions: array(object({ key: string, operator: string, values: array(string) })),
})
export type LabelSelector = Projected<typeof labelSelector>
