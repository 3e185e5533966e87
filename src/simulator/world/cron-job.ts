import { formatTime, HOUR, MINUTE, SECOND } from '../../util/time.ts'
import { conditionOf, isTrue } from './conditions.ts'
import type { Context } from './context.ts'
import { nextTime } from './cron-schedule.ts'
import { isOver } from './job.ts'
import type { KubeObject } from './objects.ts'
import { isDeleting, ownerOf } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { CronJob, Job } from './workload-objects.ts'

const COMPONENT = 'cronjob-controller'
// Of a past that is caught up with, so much is run, and of that so many times: nightly Jobs have run once.
const REMEMBERED = 26 * HOUR
const MOST_RUNS = 6
const LABELS = ['batch.kubernetes.io/', ''] as const

/** Makes a Job whenever it is time, and clears old ones away. */
export class CronJobs {
  readonly #context: Context
  readonly #queue: WorkQueue<CronJob>
  readonly #armed = new Map<string, string>()

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<CronJob>({ engine, store, delay: 500, look: (cron) => this.#look(cron) })
    for (const cron of store.list('CronJob')) this.#queue.add(cron)
    store.on(['CronJob'], ({ after }) => after && this.#queue.add(after as CronJob))
    store.on(['Job'], ({ before, after }) => {
      const job = after ?? before
      const found = cronOf(context, job)
      if (found === undefined) return
      this.#queue.add(found)
      if (after && isOver(after as Job) && !isOver(before as Job | undefined))
        engine.after(0, () => this.#saw(found, after as Job))
    })
  }

  #look(cron: CronJob): void {
    if (isDeleting(cron)) return
    const { store } = this.#context
    const jobs = store.owned('Job', cron)
    this.#clear(cron, jobs)
    const last = jobs
      .filter((job) => isTrue(job.status?.conditions, 'Complete'))
      .map(({ status }) => status?.completionTime ?? '')
    const lastSuccessfulTime = [...last, cron.status?.lastSuccessfulTime ?? ''].toSorted().at(-1)
    const active = jobs
      .filter((job) => !isOver(job))
      .map(({ metadata: { name, namespace, uid } }) => ({ kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1' }))
    store.change(cron, (now) => {
      const { active: _, ...status } = now.status ?? {}
      return {
        ...now,
        status: {
          ...(active.length > 0 ? { active } : {}),
          ...status,
          ...(lastSuccessfulTime === undefined || lastSuccessfulTime === '' ? {} : { lastSuccessfulTime }),
        },
      }
    })
    this.#arm(cron)
  }

  #arm(cron: CronJob): void {
    const { engine } = this.#context
    const { uid = '' } = cron.metadata
    const { schedule, suspend } = cron.spec
    const key = `${schedule} ${suspend === true}`
    if (this.#armed.get(uid) === key) return
    this.#armed.set(uid, key)
    if (suspend === true) return
    const wait = (): void => {
      const next = nextTime(schedule, this.#from(schedule))
      if (next === undefined) return
      engine.at(next, () => {
        const now = this.#context.store.fresh(cron)
        if (now === undefined || this.#armed.get(uid) !== key) return
        this.#run(now, next)
        wait()
      })
    }
    wait()
  }

  #from(schedule: string): number {
    const { engine } = this.#context
    const times: number[] = []
    let at: number | undefined = Math.max(engine.now(), engine.present - REMEMBERED)
    while (at !== undefined && at < engine.present) {
      times.push(at)
      at = nextTime(schedule, at)
    }
    return times.at(-1 - MOST_RUNS) ?? times[0] ?? engine.now()
  }

  #run(cron: CronJob, at: number): void {
    const { store, events } = this.#context
    const active = store.owned('Job', cron).filter((job) => !isOver(job))
    const { concurrencyPolicy = 'Allow', jobTemplate } = cron.spec
    if (concurrencyPolicy === 'Forbid' && active.length > 0) return
    if (concurrencyPolicy === 'Replace') for (const job of active) store.remove(job)
    const name = `${cron.metadata.name}-${Math.floor(at / MINUTE)}`
    if (store.get('Job', cron.metadata.namespace, name) !== undefined) return
    const job = store.create(jobOf({ cron, name, at }, jobTemplate.spec))
    // The server gives the uid, and the labels tell it.
    const { uid = '' } = job.metadata
    const own = Object.fromEntries(
      LABELS.flatMap((prefix) => [
        [`${prefix}controller-uid`, uid],
        [`${prefix}job-name`, name],
      ]),
    )
    const { template } = job.spec
    const labels = { ...template.metadata.labels, ...own }
    store.update<Job>({
      ...job,
      metadata: { ...job.metadata, labels: { ...job.metadata.labels, ...own }, generation: 1 },
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        ...job.spec,
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    })
    store.change(cron, (now) => ({ ...now, status: { ...now.status, lastScheduleTime: formatTime(at) } }))
    events.record(cron, { reason: 'SuccessfulCreate', message: `Created job ${name}`, component: COMPONENT })
  }

  #clear({ spec }: CronJob, jobs: readonly Job[]): void {
    const { store } = this.#context
    const older = (type: string, keep: number): Job[] =>
      jobs
        .filter(({ status }) => isTrue(status?.conditions, type))
        .toSorted((a, b) => Date.parse(b.status?.startTime ?? '') - Date.parse(a.status?.startTime ?? ''))
        .slice(keep)
    const gone = [
      ...older('Complete', spec.successfulJobsHistoryLimit ?? 3),
      ...older('Failed', spec.failedJobsHistoryLimit ?? 1),
    ]
    for (const job of gone) store.remove(job)
  }

  #saw(cron: CronJob, job: Job): void {
    const how = conditionOf(job.status?.conditions, 'Failed') ? 'Failed' : 'Complete'
    const message = `Saw completed job: ${job.metadata.name}, condition: ${how}`
    this.#context.events.record(cron, { reason: 'SawCompletedJob', message, component: COMPONENT })
  }
}

function cronOf({ store }: Context, job: KubeObject | undefined): CronJob | undefined {
  const owner = job?.metadata.ownerReferences?.find(({ kind }) => kind === 'CronJob')
  return owner && store.get('CronJob', job?.metadata.namespace, owner.name)
}

const jobOf = ({ cron, name, at }: { cron: CronJob; name: string; at: number }, spec: Job['spec']): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name,
    namespace: cron.metadata.namespace ?? 'default',
    creationTimestamp: formatTime(at + SECOND / 2),
    labels: { ...cron.spec.jobTemplate.metadata?.labels },
    annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': formatTime(at) },
    ownerReferences: [ownerOf(cron)],
  },
  spec,
  status: {},
})
