import { formatTime, SECOND } from '../../util/time.ts'
import { isTrue } from './conditions.ts'
import type { Context } from './context.ts'
import type { Pod } from './objects.ts'
import { createPod, deletePod, isActive, isDeleting, isReady } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { Job } from './workload-objects.ts'

const COMPONENT = 'job-controller'
const FIRST_RETRY = 10 * SECOND
const LAST_RETRY = 360 * SECOND

export const isOver = (job: Job | undefined): boolean =>
  isTrue(job?.status?.conditions, 'Complete') || isTrue(job?.status?.conditions, 'Failed')

interface Counts {
  readonly active: readonly Pod[]
  readonly succeeded: number
  readonly failed: readonly Pod[]
}

/** Runs the pods of each Job, again when they fail, until it is done or given up. */
export class Jobs {
  readonly #context: Context
  readonly #queue: WorkQueue<Job>

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<Job>({ engine, store, delay: SECOND, look: (job) => this.#look(job) })
    for (const job of store.list('Job')) this.#queue.add(job)
    store.on(['Job'], ({ after }) => after && this.#queue.add(after as Job))
    store.on(['Pod'], ({ before, after }) => {
      const pod = after ?? before
      const owner = pod?.metadata.ownerReferences?.find(({ kind }) => kind === 'Job')
      const found = owner && store.get('Job', pod?.metadata.namespace, owner.name)
      if (found) this.#queue.add(found)
    })
  }

  #look(job: Job): void {
    if (job.metadata.deletionTimestamp !== undefined) return
    if (isOver(job)) return this.#tidy(job)
    if (job.spec.suspend === true) return
    const { engine, store } = this.#context
    const now = engine.now()
    const startTime = job.status?.startTime ?? formatTime(now)
    const pods = store.owned('Pod', job)
    const counts: Counts = {
      active: pods.filter(isActive),
      succeeded: pods.filter(({ status }) => status?.phase === 'Succeeded').length,
      failed: pods.filter(({ status }) => status?.phase === 'Failed'),
    }
    if (counts.succeeded >= (job.spec.completions ?? 1)) return this.#complete(job, { startTime, counts })
    const why = this.#givenUp(job, { startTime, counts })
    if (why) return this.#fail(job, { startTime, counts, why })
    this.#start(job, counts)
    this.#say(job, startTime)
  }

  /** Why nothing more is tried: reason and message. */
  #givenUp(job: Job, about: { startTime: string; counts: Counts }): readonly [string, string] | undefined {
    const { backoffLimit = 6, activeDeadlineSeconds } = job.spec
    if (activeDeadlineSeconds !== undefined) {
      const deadline = Date.parse(about.startTime) + activeDeadlineSeconds * SECOND
      if (this.#context.engine.now() >= deadline)
        return ['DeadlineExceeded', 'Job was active longer than specified deadline']
      this.#queue.addAt(job, deadline)
    }
    return failuresOf(about.counts) > backoffLimit
      ? ['BackoffLimitExceeded', 'Job has reached the specified backoff limit']
      : undefined
  }

  #start(job: Job, { active, succeeded, failed }: Counts): void {
    const { completions = 1, parallelism = 1 } = job.spec
    const missing = Math.min(parallelism, completions - succeeded) - active.length
    if (missing <= 0) return
    const { engine, events } = this.#context
    const wait = failed.length === 0 ? 0 : Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failed.length - 1))
    const since = Math.max(0, ...failed.map(endOf))
    if (engine.now() < since + wait) return this.#queue.addAt(job, since + wait)
    for (let made = 0; made < missing; made++) {
      const pod = createPod(this.#context, { owner: job, template: job.spec.template })
      const said =
        typeof pod === 'string'
          ? { reason: 'FailedCreate', type: 'Warning' as const, message: `Error creating: ${pod}` }
          : { reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` }
      events.record(job, { ...said, component: COMPONENT })
      if (typeof pod === 'string') return this.#queue.addAt(job, engine.now() + FIRST_RETRY)
    }
  }

  #say(job: Job, startTime: string): void {
    const { store } = this.#context
    const pods = store.owned('Pod', job)
    const active = pods.filter(isActive)
    const failed = pods.filter(({ status }) => status?.phase === 'Failed').length
    const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').length
    const status = {
      startTime,
      ...(active.length > 0 ? { active: active.length } : {}),
      ...(succeeded > 0 ? { succeeded } : {}),
      ...(failed > 0 ? { failed } : {}),
      terminating: pods.filter(isDeleting).length,
      uncountedTerminatedPods: {},
      ready: active.filter(isReady).length,
    }
    store.change(job, (now) => ({ ...now, status }))
  }

  #complete(job: Job, { startTime, counts }: { startTime: string; counts: Counts }): void {
    const completionTime = formatTime(this.#context.engine.now())
    const why = ['CompletionsReached', 'Reached expected number of succeeded pods'] as const
    this.#end(job, ['SuccessCriteriaMet', 'Complete'], {
      why,
      counts: {
        startTime,
        completionTime,
        succeeded: counts.succeeded,
        ...(counts.failed.length > 0 ? { failed: counts.failed.length } : {}),
      },
    })
    this.#context.events.record(job, { reason: 'Completed', message: 'Job completed', component: COMPONENT })
  }

  #fail(job: Job, about: { startTime: string; counts: Counts; why: readonly [string, string] }): void {
    const { startTime, counts, why } = about
    const { events } = this.#context
    for (const pod of counts.active) {
      deletePod(this.#context, pod)
      events.record(job, {
        reason: 'SuccessfulDelete',
        message: `Deleted pod: ${pod.metadata.name}`,
        component: COMPONENT,
      })
    }
    const failed = counts.failed.length + counts.active.length
    this.#end(job, ['FailureTarget', 'Failed'], { why, counts: { startTime, failed } })
    events.record(job, { reason: why[0], message: why[1], type: 'Warning', component: COMPONENT })
  }

  #end(job: Job, types: readonly string[], { why, counts }: { why: readonly [string, string]; counts: object }): void {
    const at = formatTime(this.#context.engine.now())
    const [reason, message] = why
    const conditions = types.map((type) => ({
      type,
      status: 'True',
      lastProbeTime: at,
      lastTransitionTime: at,
      reason,
      message,
    }))
    const status = { conditions, ...counts, terminating: 0, uncountedTerminatedPods: {}, ready: 0 }
    this.#context.store.change(job, (now) => ({ ...now, status }))
  }

  #tidy(job: Job): void {
    const { ttlSecondsAfterFinished } = job.spec
    if (ttlSecondsAfterFinished === undefined) return
    const { engine, store } = this.#context
    const ended = Math.max(0, ...(job.status?.conditions ?? []).map((one) => Date.parse(one.lastTransitionTime ?? '')))
    const due = ended + ttlSecondsAfterFinished * SECOND
    if (engine.now() >= due) store.remove(job)
    else this.#queue.addAt(job, due)
  }
}

// With restartPolicy OnFailure a pod fails many times in itself.
const failuresOf = ({ active, failed }: Counts): number =>
  failed.length +
  active
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)

const endOf = ({ status }: Pod): number =>
  Math.max(
    0,
    ...(status?.containerStatuses ?? []).map(({ state }) => Date.parse(state.terminated?.finishedAt ?? '1970-01-01')),
  )
