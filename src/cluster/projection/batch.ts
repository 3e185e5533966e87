import { at, object } from './object.ts'
import { array, boolean, number, string, type Projected } from './shape.ts'
import { condition, meta } from './meta.ts'
import { podTemplate } from './pod-spec.ts'
import { time } from './values.ts'

const jobSpec = object({
  suspend: at(10, boolean, 'always'),
  parallelism: at(1, number, 'always'),
  completions: at(2, number, 'always'),
  backoffLimit: at(7, number, 'always'),
  activeDeadlineSeconds: at(3, number, 'always'),
  ttlSecondsAfterFinished: at(8, number, 'always'),
  template: at(6, podTemplate),
})

export const job = object({
  metadata: at(1, meta),
  spec: at(2, jobSpec),
  status: at(
    3,
    object({
      active: at(4, number),
      succeeded: at(5, number),
      failed: at(6, number),
      startTime: at(2, time),
      completionTime: at(3, time),
      conditions: at(1, array(condition)),
    }),
  ),
})
export type Job = Projected<typeof job>

export const cronJob = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      schedule: at(1, string, 'always'),
      timeZone: at(8, string, 'always'),
      suspend: at(4, boolean, 'always'),
      concurrencyPolicy: at(3, string),
      startingDeadlineSeconds: at(2, number, 'always'),
      successfulJobsHistoryLimit: at(6, number, 'always'),
      failedJobsHistoryLimit: at(7, number, 'always'),
      jobTemplate: at(5, object({ spec: at(2, jobSpec) })),
    }),
  ),
  status: at(
    3,
    object({
      lastScheduleTime: at(4, time),
      lastSuccessfulTime: at(5, time),
      active: at(1, array(object({ name: at(3, string), uid: at(4, string) }))),
    }),
  ),
})
export type CronJob = Projected<typeof cronJob>
