import { MINUTE, SECOND } from '../../util/time.ts'
import { ContainerLife, type Host } from './container-life.ts'
import type { Context } from './context.ts'
import type { Pod } from './objects.ts'
import { statusOf } from './pod-status.ts'

/** What a pod has of its node. */
export interface Place {
  readonly hostIP: string
  readonly podIP: string
  /** Whether the kubelet is there to tell. */
  readonly up: () => boolean
  readonly hasImage: (image: string) => boolean
}

/** One pod on its node, from the first look of the kubelet until it is gone. */
export class PodLife {
  readonly #context: Context
  readonly #place: Place
  readonly #started: number
  readonly lives: readonly ContainerLife[]
  #pod: Pod
  #sandbox = false
  #ending = false
  #ended = false

  constructor(context: Context, place: Place, pod: Pod) {
    this.#context = context
    this.#place = place
    this.#pod = pod
    this.#started = context.engine.now()
    const host = this.#host()
    this.lives = pod.spec.containers.map((spec) => new ContainerLife(host, spec))
  }

  get pod(): Pod {
    return this.#pod
  }

  /** A sandbox, then the containers. */
  begin(): void {
    const { engine } = this.#context
    this.publish()
    engine.after(SECOND * (0.3 + 0.5 * engine.random()), () => {
      if (this.#ending) return
      this.#sandbox = true
      this.publish()
      for (const life of this.lives) life.begin()
    })
  }

  /** The pod as it was changed by somebody. */
  changed(pod: Pod): void {
    this.#pod = pod
    // Whoever writes while a change is told would tell his own first.
    if (pod.metadata.deletionTimestamp !== undefined) this.#context.engine.after(0, () => this.end())
  }

  reconsider(): void {
    for (const life of this.lives) life.reconsider()
  }

  /** Ends the containers, then the pod; a kubelet that is gone ends nothing. */
  end(): void {
    if (this.#ended) return this.#leave()
    if (this.#ending || !this.#place.up()) return
    this.#ending = true
    const { engine } = this.#context
    for (const { state, spec } of this.lives) {
      if (state.running === undefined) continue
      this.#host().say({ reason: 'Killing', message: `Stopping container ${spec.name}`, container: spec.name })
    }
    const { deletionGracePeriodSeconds = 30 } = this.#pod.metadata
    engine.after(Math.min(deletionGracePeriodSeconds * SECOND, SECOND * (0.5 + engine.random())), () => {
      for (const life of this.lives) life.stop()
      this.#ended = true
      this.#leave()
    })
  }

  /** Nothing of it happens any more: it was taken away behind the kubelet's back. */
  forget(): void {
    this.#ending = true
    for (const life of this.lives) life.stop()
  }

  publish(): void {
    if (!this.#place.up() || this.#ending) return
    const { hostIP, podIP } = this.#place
    const { store, engine } = this.#context
    this.#pod =
      store.change(this.#pod, (now) => ({
        ...now,
        status: statusOf(now, {
          lives: this.lives,
          hostIP,
          podIP,
          started: this.#started,
          sandbox: this.#sandbox,
          now: engine.now(),
        }),
      })) ?? this.#pod
  }

  // Somebody who holds a finalizer is waited for.
  #leave(): void {
    const { store, engine } = this.#context
    const now = store.fresh(this.#pod)
    if (now === undefined) return
    if ((now.metadata.finalizers ?? []).length === 0) store.remove(now)
    else engine.after(MINUTE, () => this.#leave())
  }

  #host(): Host {
    const podNow = (): Pod => this.#pod
    return {
      ...this.#context,
      get pod() {
        return podNow()
      },
      publish: () => this.publish(),
      say: (said) => {
        if (!this.#place.up()) return
        this.#context.events.record(this.#pod, { ...said, component: 'kubelet', host: this.#pod.spec.nodeName })
      },
      hasImage: this.#place.hasImage,
    }
  }
}
