import { formatTime, MINUTE, SECOND } from '../../util/time.ts'
import { withCondition } from './conditions.ts'
import type { Context } from './context.ts'
import type { Condition } from './objects.ts'
import { isActive, isReady } from './pods.ts'
import { wantedBy } from './rooms.ts'
import type { Metrics } from './usage.ts'
import type { Autoscaler, Kinds } from './workload-objects.ts'

const LOOK = 15 * SECOND
const TOLERANCE = 0.1
const CALM = 5 * MINUTE

type Target = Kinds['Deployment'] | Kinds['StatefulSet']

interface Wish {
  readonly at: number
  readonly replicas: number
}

/** Scales what each HorizontalPodAutoscaler is for by the processor time of its pods. */
export class Autoscalers {
  readonly #context: Context
  readonly #metrics: Metrics
  readonly #wishes = new Map<string, Wish[]>()

  constructor(context: Context, metrics: Metrics) {
    this.#context = context
    this.#metrics = metrics
    context.engine.every(LOOK, () => {
      for (const autoscaler of context.store.list('HorizontalPodAutoscaler')) this.#look(autoscaler)
    })
  }

  #look(autoscaler: Autoscaler): void {
    const target = this.#target(autoscaler)
    if (target === undefined) return this.#lost(autoscaler)
    const use = this.#use(target)
    const replicas = target.spec.replicas ?? 1
    if (use === undefined || replicas === 0) return
    const goal = autoscaler.spec.metrics?.[0]?.resource?.target.averageUtilization ?? 80
    const wish = this.#wish(autoscaler, { replicas, ratio: use.percent / goal })
    const scaled = wish.desired !== replicas
    const { store } = this.#context
    if (scaled) store.change(target, (now) => ({ ...now, spec: { ...now.spec, replicas: wish.desired } }))
    const current = { averageUtilization: use.percent, averageValue: `${use.milliCores}m` }
    store.update({
      ...autoscaler,
      status: {
        ...this.#scaled(autoscaler, scaled),
        currentReplicas: replicas,
        desiredReplicas: wish.desired,
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current } }],
        conditions: this.#conditions(autoscaler, { ...wish, scaled }),
      },
    })
  }

  #target({ metadata, spec }: Autoscaler): Target | undefined {
    const { kind, name } = spec.scaleTargetRef
    const known = kind === 'Deployment' || kind === 'StatefulSet'
    return known ? this.#context.store.get(kind, metadata.namespace, name) : undefined
  }

  #scaled({ status }: Autoscaler, now: boolean): { readonly lastScaleTime?: string } {
    if (now) return { lastScaleTime: formatTime(this.#context.engine.now()) }
    return status?.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }
  }

  #wish(
    autoscaler: Autoscaler,
    { replicas, ratio }: { replicas: number; ratio: number },
  ): { wished: number; desired: number } {
    const { minReplicas = 1, maxReplicas } = autoscaler.spec
    const wished = Math.abs(ratio - 1) <= TOLERANCE ? replicas : Math.ceil(replicas * ratio)
    const calm = this.#calm(autoscaler, wished)
    const next = wished >= replicas ? wished : Math.min(replicas, calm)
    return { wished, desired: Math.max(minReplicas, Math.min(maxReplicas, next)) }
  }

  /** What the pods of a workload use of what they asked for, together. */
  #use(target: Target): { percent: number; milliCores: number } | undefined {
    const { store } = this.#context
    const owners = target.kind === 'Deployment' ? store.owned('ReplicaSet', target) : [target as Kinds['StatefulSet']]
    const pods = owners.flatMap((owner) => store.owned('Pod', owner)).filter((pod) => isActive(pod) && isReady(pod))
    const wanted = pods.reduce((sum, pod) => sum + wantedBy(pod).milliCores, 0)
    if (wanted === 0) return undefined
    const used = pods.reduce((sum, pod) => sum + (this.#metrics.ofPod(pod)?.cpuCores ?? 0) * 1000, 0)
    return { percent: Math.round((used / wanted) * 100), milliCores: Math.round(used / pods.length) }
  }

  // It scales down to the most that was wished in five minutes.
  #calm(autoscaler: Autoscaler, replicas: number): number {
    const now = this.#context.engine.now()
    const { uid = '' } = autoscaler.metadata
    const wishes = [...(this.#wishes.get(uid) ?? []).filter(({ at }) => at > now - CALM), { at: now, replicas }]
    this.#wishes.set(uid, wishes)
    return Math.max(...wishes.map((wish) => wish.replicas))
  }

  #conditions(
    autoscaler: Autoscaler,
    { wished, desired, scaled }: { wished: number; desired: number; scaled: boolean },
  ): Condition[] {
    const able = scaled
      ? words('AbleToScale', 'True', [
          'SucceededRescale',
          `the HPA controller was able to update the target scale to ${desired}`,
        ])
      : words('AbleToScale', 'True', ['ReadyForNewScale', 'recommended size matches current size'])
    const message =
      'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)'
    const active = words('ScalingActive', 'True', ['ValidMetricFound', message])
    const limited =
      wished < desired
        ? words('ScalingLimited', 'True', [
            'TooFewReplicas',
            'the desired replica count is less than the minimum replica count',
          ])
        : wished > desired
          ? words('ScalingLimited', 'True', [
              'TooManyReplicas',
              'the desired replica count is more than the maximum replica count',
            ])
          : words('ScalingLimited', 'False', ['DesiredWithinRange', 'the desired count is within the acceptable range'])
    const now = this.#context.engine.now()
    return [able, active, limited].reduce<Condition[]>(
      (said, next) => withCondition(said, next, now),
      [...(autoscaler.status?.conditions ?? [])],
    )
  }

  #lost(autoscaler: Autoscaler): void {
    const { store, engine } = this.#context
    const { kind, name } = autoscaler.spec.scaleTargetRef
    const message = `the HPA controller was unable to get the target's current scale: ${kind.toLowerCase()}s.apps "${name}" not found`
    const next = words('AbleToScale', 'False', ['FailedGetScale', message])
    const conditions = withCondition(autoscaler.status?.conditions, next, engine.now())
    store.update({ ...autoscaler, status: { ...autoscaler.status, conditions } })
  }
}

const words = (type: string, status: string, [reason, message]: readonly [string, string]): Condition => ({
  type,
  status,
  reason,
  message,
})
