import { array, boolean, number, object, string, type Projected } from './shape.ts'
import { condition, meta } from './meta.ts'
import { podTemplate } from './pod-spec.ts'

const jobSpec = object({
  suspend: boolean,
  parallelism: number,
  completions: number,
  backoffLimit: number,
  activeDeadlineSeconds: number,
  ttlSecondsAfterFinished: number,
  template: podTemplate,
})

export const job = object({
  metadata: meta,
  spec: jobSpec,
  status: object({
    active: number,
    succeeded: number,
    failed: number,
    startTime: string,
    completionTime: string,
    conditions: array(condition),
  }),
})
export type Job = Projected<typeof job>

export const cronJob = object({
  metadata: meta,
  spec: object({
    schedule: string,
    timeZone: string,
    suspend: boolean,
    concurrencyPolicy: string,
    startingDeadlineSeconds: number,
    successfulJobsHistoryLimit: number,
    failedJobsHistoryLimit: number,
    jobTemplate: object({ spec: jobSpec }),
  }),
  status: object({
    lastScheduleTime: string,
    lastSuccessfulTime: string,
    active: array(object({ name: string, uid: string })),
  }),
})
export type CronJob = Projected<typeof cronJob>
