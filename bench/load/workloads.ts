import { podSpec } from './pods.ts'
import { managedFields, Template } from './template.ts'

const SELECTOR = { 'app.kubernetes.io/name': '<app>' }
const HASHED = { ...SELECTOR, 'pod-template-hash': '<hash>' }

const condition = (type: string, status: string, rest: object): object => ({
  type,
  status,
  lastTransitionTime: '<born>',
  lastUpdateTime: '<born>',
  ...rest,
})

const metadata = (rest: object): Record<string, unknown> => ({
  name: '<name>',
  namespace: '<namespace>',
  uid: '<uid>',
  resourceVersion: '<rv>',
  generation: 1,
  creationTimestamp: '<born>',
  ...rest,
})

/** An object with its managed fields. */
const whole = (type: readonly [string, string], about: object, rest: Readonly<Record<string, unknown>>): Template => {
  const { status, ...made } = rest
  const owned = typeof status === 'object' && status !== null ? status : undefined
  return new Template({
    kind: type[1],
    apiVersion: type[0],
    metadata: { ...metadata(about), managedFields: managedFields('<born>', made, owned) },
    ...rest,
  })
}

const NO_PODS = {
  conditions: [
    condition('Available', 'False', {
      reason: 'MinimumReplicasUnavailable',
      message: 'Deployment does not have minimum availability.',
    }),
    condition('Progressing', 'True', { reason: 'ReplicaSetUpdated', message: 'ReplicaSet is progressing.' }),
  ],
}
const ALL_PODS = {
  conditions: [
    condition('Available', 'True', {
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    }),
    condition('Progressing', 'True', {
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet has successfully progressed.',
    }),
  ],
}

/** Of an app, by how many variables its pods have. `broken`: none of its pods serves. */
export function deploymentTemplate(variables: number, claim: boolean, broken: boolean): Template {
  const counts = broken
    ? { replicas: '<=replicas>', updatedReplicas: '<=replicas>', unavailableReplicas: '<=replicas>', ...NO_PODS }
    : {
        replicas: '<=replicas>',
        updatedReplicas: '<=replicas>',
        readyReplicas: '<=replicas>',
        availableReplicas: '<=replicas>',
        ...ALL_PODS,
      }
  const spec = {
    replicas: '<=replicas>',
    selector: { matchLabels: SELECTOR },
    template: { metadata: { labels: SELECTOR }, spec: podSpec(variables, claim) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  }
  const about = { labels: SELECTOR, annotations: { 'deployment.kubernetes.io/revision': '2' } }
  return whole(['apps/v1', 'Deployment'], about, { spec, status: { observedGeneration: 1, ...counts } })
}

/** A ReplicaSet: the one in force, or the one before it. */
export function replicaSetTemplate(variables: number, claim: boolean): Template {
  const spec = {
    replicas: '<=replicas>',
    selector: { matchLabels: HASHED },
    template: { metadata: { labels: HASHED }, spec: podSpec(variables, claim) },
  }
  const status = {
    observedGeneration: 1,
    replicas: '<=replicas>',
    fullyLabeledReplicas: '<=replicas>',
    readyReplicas: '<=ready>',
    availableReplicas: '<=ready>',
  }
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: '<app>', uid: '<owner>', controller: true }
  return whole(
    ['apps/v1', 'ReplicaSet'],
    {
      labels: HASHED,
      annotations: { 'deployment.kubernetes.io/revision': '<=revisionText>' },
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
    },
    { spec, status },
  )
}

const AUTOSCALER = whole(
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  {},
  {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: '<app>' },
      minReplicas: 1,
      maxReplicas: 100,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
    status: {
      currentReplicas: '<=replicas>',
      desiredReplicas: '<=replicas>',
      lastScaleTime: '<born>',
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 61, averageValue: '31m' } } },
      ],
      conditions: [
        condition('AbleToScale', 'True', { reason: 'ReadyForNewScale', message: 'recommended size matches' }),
        condition('ScalingActive', 'True', { reason: 'ValidMetricFound', message: 'the HPA was able to calculate' }),
        condition('ScalingLimited', 'False', { reason: 'DesiredWithinRange', message: 'within the range' }),
      ],
    },
  },
)

const BUDGET = whole(
  ['policy/v1', 'PodDisruptionBudget'],
  {},
  {
    spec: { maxUnavailable: 1, selector: { matchLabels: SELECTOR } },
    status: {
      observedGeneration: 1,
      expectedPods: '<=replicas>',
      currentHealthy: '<=replicas>',
      desiredHealthy: 1,
      disruptionsAllowed: 1,
      conditions: [condition('DisruptionAllowed', 'True', { reason: 'SufficientPods', message: '' })],
    },
  },
)

const JOB = whole(
  ['batch/v1', 'Job'],
  {},
  {
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      ttlSecondsAfterFinished: 86_400,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': '<uid>' } },
      template: { metadata: { labels: SELECTOR }, spec: { ...podSpec(5, false), restartPolicy: 'Never' } },
    },
    status: {
      succeeded: 1,
      ready: 0,
      startTime: '<born>',
      completionTime: '<since>',
      conditions: [condition('Complete', 'True', { reason: 'CompletionsReached', message: 'Reached expected number' })],
    },
  },
)

const CRON_JOB = whole(
  ['batch/v1', 'CronJob'],
  {},
  {
    spec: {
      schedule: '0 3 * * *',
      concurrencyPolicy: 'Forbid',
      suspend: true,
      jobTemplate: {
        spec: { template: { spec: { ...podSpec(5, false), restartPolicy: 'Never' } } },
      },
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
    status: { lastScheduleTime: '<since>', lastSuccessfulTime: '<since>' },
  },
)

export const WORKLOADS = { AUTOSCALER, BUDGET, JOB, CRON_JOB }
