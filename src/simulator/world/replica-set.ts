import { withCondition, withoutCondition } from './conditions.ts'
import type { Context } from './context.ts'
import type { KubeObject, Pod } from './objects.ts'
import { createPod, deletePod, isActive, isDeleting, isReady } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { ReplicaSet } from './workload-objects.ts'

const COMPONENT = 'replicaset-controller'
const FIRST_RETRY = 5000
const LAST_RETRY = 600_000

interface Refusal {
  readonly why: string
  /** When it is tried again, in milliseconds since 1970. */
  readonly until: number
  /** How long it was waited, in milliseconds. */
  readonly wait: number
}

/** Which pod goes first: what is nowhere, then what is not ready, then the youngest. */
function expendable(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number => (pod.spec.nodeName === undefined ? 0 : isReady(pod) ? 2 : 1)
  const byAge = (b.metadata.creationTimestamp ?? '') < (a.metadata.creationTimestamp ?? '') ? -1 : 1
  return rank(a) - rank(b) || byAge
}

/** Keeps as many pods as each ReplicaSet wants. */
export class ReplicaSets {
  readonly #context: Context
  readonly #queue: WorkQueue<ReplicaSet>
  readonly #refusals = new Map<string, Refusal>()

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<ReplicaSet>({ engine, store, delay: 20, look: (set) => this.#look(set) })
    for (const set of store.list('ReplicaSet')) this.#queue.add(set)
    store.on(['ReplicaSet'], ({ after }) => after && this.#queue.add(after as ReplicaSet))
    store.on(['Pod'], ({ before, after }) => {
      const pod = after ?? before
      const set = pod && ownerIn(context, pod)
      if (set) this.#queue.add(set)
    })
  }

  #look(set: ReplicaSet): void {
    if (isDeleting(set)) return
    const { store } = this.#context
    const active = store.owned('Pod', set).filter(isActive)
    const missing = set.spec.replicas - active.length
    const refused = missing > 0 ? this.#make(set, missing) : this.#spare(set, { active, many: -missing })
    this.#say(set, refused)
  }

  #make(set: ReplicaSet, many: number): string | undefined {
    const { events, engine } = this.#context
    const refusal = this.#refusals.get(set.metadata.uid ?? '')
    // Each refusal names another pod and so changes the set: that is no reason to try again at once.
    if (refusal && engine.now() < refusal.until) return refusal.why
    for (let made = 0; made < many; made++) {
      const pod = createPod(this.#context, { owner: set, template: set.spec.template })
      if (typeof pod === 'string') return this.#refused(set, pod)
      events.record(set, {
        reason: 'SuccessfulCreate',
        component: COMPONENT,
        message: `Created pod: ${pod.metadata.name}`,
      })
    }
    this.#refusals.delete(set.metadata.uid ?? '')
    return undefined
  }

  #refused(set: ReplicaSet, why: string): string {
    const { events, engine } = this.#context
    const { uid = '' } = set.metadata
    const before = this.#refusals.get(uid)
    const wait = before ? Math.min(LAST_RETRY, before.wait * 2) : FIRST_RETRY
    const until = engine.now() + wait
    this.#refusals.set(uid, { why, until, wait })
    this.#queue.addAt(set, until)
    const message = `Error creating: ${why}`
    events.record(set, { reason: 'FailedCreate', type: 'Warning', message, component: COMPONENT })
    return why
  }

  #spare(set: ReplicaSet, { active, many }: { active: readonly Pod[]; many: number }): undefined {
    for (const pod of active.toSorted(expendable).slice(0, many)) {
      deletePod(this.#context, pod)
      this.#context.events.record(set, {
        reason: 'SuccessfulDelete',
        component: COMPONENT,
        message: `Deleted pod: ${pod.metadata.name}`,
      })
    }
    return undefined
  }

  #say(set: ReplicaSet, refused: string | undefined): void {
    const { store, engine } = this.#context
    const pods = store.owned('Pod', set)
    const active = pods.filter(isActive)
    const ready = active.filter(isReady).length
    const conditions =
      refused === undefined
        ? withoutCondition(set.status?.conditions, 'ReplicaFailure')
        : withCondition(
            set.status?.conditions,
            { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refused },
            engine.now(),
          )
    const status = {
      replicas: active.length,
      ...(active.length > 0 ? { fullyLabeledReplicas: active.length } : {}),
      ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
      terminatingReplicas: pods.filter(isDeleting).length,
      observedGeneration: set.metadata.generation ?? 1,
      ...(conditions.length > 0 ? { conditions } : {}),
    }
    store.change(set, (now) => ({ ...now, status }))
  }
}

function ownerIn({ store }: Context, pod: KubeObject): ReplicaSet | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet')
  return owner && store.get('ReplicaSet', pod.metadata.namespace, owner.name)
}
