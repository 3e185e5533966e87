import * as z from 'zod'
import type { ObjectOf } from '../../cluster/kinds.ts'
import { isCronJob, isJob, isStatefulSet, trueCondition } from '../../facts/workload-kind.ts'
import type { CronJob, Deployment, Job, ReplicaSet, StatefulSet } from '../../facts/workload-kind.ts'
import { action, controllerOf, refuse, type Context, type Draft, type Refusal } from '../action.ts'
import { mergePatch } from '../request.ts'
import { label, replicasOf } from '../workloads.ts'

type Scalable = Deployment | ReplicaSet | StatefulSet
type Suspendable = Job | CronJob

const MARK = 'dogwatch.io/quarantine'
// One plain value to an annotation, so that an admission policy can compare it with what was there.
const REPLICAS = 'dogwatch.io/replicas'
const SUSPEND = 'dogwatch.io/suspend'
const SCALABLE = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps'] as const
const SUSPENDABLE = ['jobs.batch', 'cronjobs.batch'] as const

export const quarantineWorkload = action({
  name: 'quarantine-workload',
  tier: 'outage',
  description:
    'Stops a workload reversibly: no replicas, or suspended, with the way back written down in the same write.',
  resources: [...SCALABLE, ...SUSPENDABLE],
  parameters: z.strictObject({}),
  writes: [
    ...SCALABLE.map((resource) => writeTo(resource, 'replicas')),
    ...SUSPENDABLE.map((resource) => writeTo(resource, 'suspend')),
  ],
  inverse: 'set spec.replicas or spec.suspend back to what the annotation holds and remove the annotations',
  propose: () => ({}),
  plan: (workload, _, context) => {
    if (workload.metadata.annotations?.[MARK] !== undefined) return refuse('already-done', 'it is in quarantine')
    const controller = controllerOf(workload)
    if (controller) return refuse('has-controller', `${controller.kind} ${controller.name} would undo it`)
    return isJob(workload) || isCronJob(workload) ? suspend(workload, context) : scaleToZero(workload, context)
  },
})

function writeTo(resource: string, field: 'replicas' | 'suspend') {
  return {
    verb: 'patch' as const,
    resource,
    pointers: [
      `/spec/${field}`,
      `/metadata/annotations/dogwatch.io~1${field}`,
      '/metadata/annotations/dogwatch.io~1quarantine',
    ],
    bounds: field === 'replicas' ? '0, with the number before' : 'true, with the value before',
  }
}

function suspend(workload: Suspendable, { finding }: Context): Draft | Refusal {
  if (workload.spec?.suspend === true) return refuse('already-done', 'it is suspended')
  if (isJob(workload) && (trueCondition(workload, 'Failed') ?? trueCondition(workload, 'Complete')))
    return refuse('finished', 'it has finished')
  return {
    ...mergePatch(workload, [
      [['spec', 'suspend'], true],
      [['metadata', 'annotations', SUSPEND], 'false'],
      [['metadata', 'annotations', MARK], finding.id],
    ]),
    effect: isJob(workload)
      ? `suspends ${label(workload)}: its pods are deleted and what they have done so far is lost`
      : `suspends ${label(workload)}: no new Jobs are made, those that run go on`,
  }
}

function scaleToZero(workload: Scalable, context: Context): Draft | Refusal {
  const replicas = replicasOf(workload)
  if (replicas === 0) return refuse('at-zero', 'it is at zero: there is no number to go back to')
  if (isStatefulSet(workload) && workload.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete')
    return refuse('deletes-claims', 'its claims would be deleted with its pods')
  return (
    wakerOf(workload, context) ?? {
      ...mergePatch(workload, [
        [['spec', 'replicas'], 0],
        [['metadata', 'annotations', REPLICAS], String(replicas)],
        [['metadata', 'annotations', MARK], context.finding.id],
      ]),
      effect: `scales ${label(workload)} from ${replicas} to 0 replicas`,
    }
  )
}

type Autoscaler = ObjectOf<'horizontalpodautoscalers.autoscaling'>

function wakerOf({ kind, metadata }: Scalable, { snapshot }: Context): Refusal | undefined {
  const key = `${kind}/${metadata.namespace ?? ''}/${metadata.name}`
  const waker = snapshot.indexed('autoscalersByTarget', key).find((one) => isKeda(one) || ownsZero(one))
  return waker && refuse('autoscaler-wakes', `HorizontalPodAutoscaler ${waker.metadata.name} would start it again`)
}

const isKeda = ({ metadata }: Autoscaler): boolean =>
  metadata.labels?.['app.kubernetes.io/managed-by'] === 'keda-operator' ||
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'ScaledObject')

// From 1.37 on an autoscaler that may go to zero itself takes any zero for its own, and wakes the workload.
const ownsZero = (autoscaler: Autoscaler): boolean =>
  autoscaler.spec?.minReplicas === 0 || trueCondition(autoscaler, 'ScaledToZero') !== undefined
