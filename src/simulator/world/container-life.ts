import { formatTime, MINUTE, SECOND } from '../../util/time.ts'
import { hexDigits } from '../object.ts'
import { BackOff, goDuration } from './back-off.ts'
import type { Behaviour, End, Run } from './behaviour.ts'
import type { Context } from './context.ts'
import type { Said } from './events.ts'
import type { ContainerSpec, Pod, State, Terminated } from './objects.ts'

/** The pod that a container runs in, as its kubelet holds it. */
export interface Host extends Context {
  readonly pod: Pod
  /** Tells the API server what has become of the pod. */
  readonly publish: () => void
  readonly say: (said: Pick<Said, 'reason' | 'message' | 'type' | 'container'>) => void
  /** Whether the node had the image; from now on it has. */
  readonly hasImage: (image: string) => boolean
}

const WARNING = 'Warning'

/** One container through all its runs, as the kubelet of 1.36 leads it. */
export class ContainerLife {
  state: State = { waiting: { reason: 'ContainerCreating' } }
  lastState: State = {}
  ready = false
  restartCount = 0
  containerID: string | undefined
  /** The run that goes on. */
  run: Run | undefined
  readonly spec: ContainerSpec
  readonly #host: Host
  readonly #crashes = new BackOff()
  readonly #pulls = new BackOff()
  #startedAt = 0
  #since = 0
  readonly #off = new Set<() => void>()

  constructor(host: Host, spec: ContainerSpec) {
    this.#host = host
    this.spec = spec
  }

  /** When it was started last, in milliseconds since 1970. */
  get startedAt(): number {
    return this.#startedAt
  }

  /** Since when it does what it does: since it was started, or since its script was changed. */
  get since(): number {
    return this.#since
  }

  get over(): boolean {
    return this.state.terminated !== undefined && !this.#restarts(this.state.terminated.exitCode)
  }

  /** Pulls, configures and starts. */
  begin(): void {
    const { image } = this.spec
    const behaviour = this.#behaviour()
    if (behaviour.pullError !== undefined) return this.#failPull(behaviour.pullError(image))
    if (this.#host.hasImage(image)) {
      this.#say('Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
      return this.#configure(behaviour)
    }
    this.#say('Pulling', `Pulling image "${image}"`)
    const took = Math.round(SECOND * (0.8 + 2 * this.#random()))
    this.#after(took, () => {
      const words = `${took / SECOND}s (${took / SECOND}s including waiting)`
      this.#say(
        'Pulled',
        `Successfully pulled image "${image}" in ${words}. Image size: ${31_457_280 + image.length} bytes.`,
      )
      this.#configure(behaviour)
    })
  }

  /** What runs changes its ways. */
  reconsider(): void {
    if (this.state.running === undefined) return
    this.#cancel()
    this.#live(this.#behaviour().run(this.#random))
  }

  /** Is ended from outside, with no trace but what the pod says. */
  stop(): void {
    this.#cancel()
    this.run = undefined
    this.ready = false
  }

  #behaviour(): Behaviour {
    return this.#host.behaviours.of(this.#host.pod, this.spec.image)
  }

  #failPull(error: string): void {
    const { image } = this.spec
    this.#say('Pulling', `Pulling image "${image}"`)
    this.#say('Failed', `Failed to pull image "${image}": ${error}`, WARNING)
    this.#say('Failed', 'Error: ErrImagePull', WARNING)
    this.#pulls.next(this.#now())
    this.#wait('ErrImagePull', error)
    this.#after(this.#random() * SECOND, () => this.#lookAtPull(error))
  }

  #lookAtPull(error: string): void {
    if (!this.#pulls.holdsSinceTry(this.#now())) return this.begin()
    const words = `Back-off pulling image "${this.spec.image}"`
    this.#say('BackOff', words)
    this.#say('Failed', 'Error: ImagePullBackOff', WARNING)
    this.#wait('ImagePullBackOff', `${words}: ErrImagePull: ${error}`)
    this.#after(this.#lookIn(10 * SECOND), () => this.#lookAtPull(error))
  }

  #configure({ configError, run }: Behaviour): void {
    if (configError === undefined) return this.#start(run(this.#random))
    this.#say('Failed', `Error: ${configError}`, WARNING)
    this.#wait('CreateContainerConfigError', configError)
    this.#after(this.#lookIn(10 * SECOND), () => this.begin())
  }

  #start(run: Run): void {
    this.#say('Created', 'Container created')
    this.#say('Started', 'Container started')
    const again = this.lastState.terminated !== undefined || this.state.terminated !== undefined
    if (this.state.terminated !== undefined) this.lastState = this.state
    if (again) this.restartCount++
    this.#startedAt = this.#now()
    this.containerID = `containerd://${hexDigits(this.#random, 64)}`
    this.state = { running: { startedAt: formatTime(this.#startedAt) } }
    this.ready = this.spec.readinessProbe === undefined
    this.#live(run)
    this.#host.publish()
  }

  #live(run: Run): void {
    this.run = run
    this.#since = this.#now()
    const { end } = run
    if (end !== undefined) this.#after(end.after, () => this.#die(end))
    if (this.spec.readinessProbe === undefined) return
    if (typeof run.ready !== 'number') this.#failProbe(run.ready.never, 1)
    else if (!this.ready) this.#after(run.ready, () => this.#pass())
  }

  #pass(): void {
    this.ready = true
    this.#host.publish()
  }

  // Three failures in a row make it unready.
  #failProbe(says: string, times: number): void {
    const { periodSeconds = 10 } = this.spec.readinessProbe ?? {}
    this.#say('Unhealthy', `Readiness probe failed: ${says}`, WARNING)
    if (times === 3 && this.ready) {
      this.ready = false
      this.#host.publish()
    }
    this.#after(periodSeconds * SECOND, () => this.#failProbe(says, times + 1))
  }

  #die({ exitCode, reason = exitCode === 0 ? 'Completed' : 'Error' }: End): void {
    this.#cancel()
    const ended = this.#now()
    const terminated: Terminated = {
      exitCode,
      reason,
      startedAt: formatTime(this.#startedAt),
      finishedAt: formatTime(ended),
      containerID: this.containerID ?? '',
    }
    this.run = undefined
    this.ready = false
    this.state = { terminated }
    this.#after(SECOND * (0.2 + 0.8 * this.#random()), () => this.#notice(ended, exitCode))
  }

  #notice(ended: number, exitCode: number): void {
    if (!this.#restarts(exitCode)) return this.#host.publish()
    if (!this.#crashes.holds(ended, this.#now())) return this.#restart()
    this.#host.publish()
    this.#leaveAlone(ended)
  }

  #leaveAlone(ended: number): void {
    this.#say('BackOff', `Back-off restarting failed container ${this.spec.name} in pod ${this.#podName()}`, WARNING)
    this.#after(this.#lookIn(Math.min(this.#crashes.wait, MINUTE)), () => this.#lookAtCrash(ended))
  }

  #lookAtCrash(ended: number): void {
    const words = `back-off ${goDuration(this.#crashes.wait)} restarting failed container=${this.spec.name} pod=${this.#podName()}`
    if (this.state.terminated !== undefined) this.lastState = this.state
    this.#wait('CrashLoopBackOff', words)
    if (this.#crashes.holds(ended, this.#now())) this.#leaveAlone(ended)
    else this.#after(SECOND / 10, () => this.#restart())
  }

  #restart(): void {
    this.#crashes.next(this.#now())
    this.begin()
  }

  #restarts(exitCode: number): boolean {
    const { restartPolicy = 'Always' } = this.#host.pod.spec
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0)
  }

  #wait(reason: string, message: string): void {
    this.state = { waiting: { reason, message } }
    this.#host.publish()
  }

  // The kubelet comes back after a while and up to half of it again.
  #lookIn(ms: number): number {
    return ms * (1 + 0.5 * this.#random())
  }

  #podName(): string {
    const { name, namespace = '', uid = '' } = this.#host.pod.metadata
    return `${name}_${namespace}(${uid})`
  }

  #say(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.#host.say({ reason, message, type, container: this.spec.name })
  }

  readonly #random = (): number => this.#host.engine.random()

  #now(): number {
    return this.#host.engine.now()
  }

  #after(ms: number, call: () => void): void {
    const off = this.#host.engine.after(ms, () => {
      this.#off.delete(off)
      call()
    })
    this.#off.add(off)
  }

  #cancel(): void {
    for (const off of this.#off) off()
    this.#off.clear()
  }
}
