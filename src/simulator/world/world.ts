import type { Clock } from '../../util/clock.ts'
import type { ObjectTable } from '../table.ts'
import { Autoscalers } from './autoscaler.ts'
import { Behaviours } from './behaviours.ts'
import { keepBudgets } from './budget.ts'
import { ClaimBinder } from './claims.ts'
import type { Context } from './context.ts'
import { CronJobs } from './cron-job.ts'
import { DaemonSets } from './daemon-set.ts'
import { Deployments } from './deployment.ts'
import { keepEndpoints } from './endpoints.ts'
import { Engine } from './engine.ts'
import { EventRecorder } from './events.ts'
import { collectGarbage } from './garbage.ts'
import type { RunningContainer } from './history.ts'
import { Jobs } from './job.ts'
import { Kubelets } from './kubelet.ts'
import { NodeLifecycle } from './node-lifecycle.ts'
import type { Pod } from './objects.ts'
import { countQuotas } from './quota.ts'
import { ReplicaSets } from './replica-set.ts'
import { Scheduler } from './scheduler.ts'
import { StatefulSets } from './stateful-set.ts'
import { Store } from './store.ts'
import { Metrics } from './usage.ts'

export interface WorldOptions {
  /** Time as the world has it; hand a `scaledClock` in for one that runs faster. */
  readonly clock: Clock
  /** At least 0, less than 1; the same numbers make the same history. */
  readonly random: () => number
  /** When the world begins, in milliseconds since 1970; default now. What lies between is caught up with by the first step. */
  readonly begins?: number
  /** Milliseconds of the machine, to bound how long the world works at a time. */
  readonly stopwatch?: () => number
}

/** A cluster without machines: what kubelets and controllers would do with the objects of a table, in the time of a clock. */
export class World {
  readonly store: Store
  readonly behaviours: Behaviours
  readonly nodes: Pick<NodeLifecycle, 'fail' | 'recover'>
  readonly metrics: Metrics
  readonly engine: Engine
  readonly #kubelets: Kubelets

  constructor(table: ObjectTable, options: WorldOptions) {
    const engine = new Engine(options)
    const store = new Store(table)
    const behaviours = new Behaviours(store)
    const events = new EventRecorder(engine, store)
    const context: Context = { engine, store, events, behaviours }
    const kubelets = new Kubelets(context)
    this.engine = engine
    this.#kubelets = kubelets
    this.store = store
    this.behaviours = behaviours
    this.nodes = new NodeLifecycle(context, kubelets)
    this.metrics = new Metrics(context, kubelets)
    for (const Part of [Scheduler, Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs, ClaimBinder])
      void new Part(context)
    void new Autoscalers(context, this.metrics)
    for (const keep of [keepEndpoints, keepBudgets, countQuotas, collectGarbage]) keep(context)
  }

  /** What the containers of a pod do that run. */
  runsOf({ metadata, spec }: Pod): RunningContainer[] {
    const life = this.#kubelets.of(spec.nodeName)?.podLife(metadata.uid ?? '')
    return (life?.lives ?? []).flatMap((one) =>
      one.run === undefined ? [] : [{ spec: one.spec, curve: one.run.curve, since: one.since }],
    )
  }

  /** Lets everything happen that is due by the clock (or by a time, in milliseconds since 1970), at once. */
  step(until?: number): void {
    this.engine.step(until)
  }

  /** Goes on by itself as the clock goes. */
  start(): void {
    this.engine.start()
  }

  stop(): void {
    this.engine.stop()
    this.store.close()
  }
}
