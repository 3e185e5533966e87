import { ABSENT, stateOf } from './slot.ts'
import type { World } from './world.ts'

/** Pods that are being replaced at a time. */
const AT_ONCE = 200
const TICK_MS = 10
const SECOND_MS = 1000

const PENDING = stateOf('pending')
const CREATING = stateOf('creating')
const STARTING = stateOf('starting')
const RUNNING = stateOf('running')
const TERMINATING = stateOf('terminating')

type Step = (world: World, index: number, now: number) => void

/** A pod that is being replaced, and how far that has come. */
interface Replaced {
  readonly index: number
  step: number
}

/** The life of a pod that replaces another, in the six events that a server tells of it. */
const STEPS: readonly Step[] = [
  (world, index, now) => world.change('pods', 'MODIFIED', { index, state: TERMINATING, since: now }),
  (world, index) => world.change('pods', 'DELETED', { index }),
  (world, index, now) => {
    const life = world.slot('pods', index).life + 1
    world.change('pods', 'ADDED', { index, life, state: PENDING, born: now, since: now })
  },
  (world, index, now) => world.change('pods', 'MODIFIED', { index, state: CREATING, since: now }),
  (world, index, now) => world.change('pods', 'MODIFIED', { index, state: STARTING, since: now }),
  (world, index, now) => world.change('pods', 'MODIFIED', { index, state: RUNNING, since: now }),
]

/** The step that follows at once on the making of a pod. */
const SCHEDULED = 3

/** Of a hundred events so many are of these kinds, as in client.md section 4; the rest are of pods. */
const OTHERS = [
  ['nodes', 4],
  ['endpointslices.discovery.k8s.io', 4],
  ['replicasets.apps', 3],
  ['deployments.apps', 2],
  ['events', 2],
] as const
const HUNDRED = 100

/** Something that happens over and over, at a rate. */
export class Churn {
  readonly #world: World
  readonly #now: () => number
  readonly #replaced: Replaced[] = []
  /** What is done next, whatever comes. */
  #pressing: Replaced | undefined
  #next = 0
  #turn = 0
  #timer: NodeJS.Timeout | undefined

  constructor(world: World, now: () => number) {
    this.#world = world
    this.#now = now
  }

  /** So many events a second from now on, until told otherwise. */
  start(rate: number): void {
    this.stop()
    let owed = 0
    let last = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      owed += ((now - last) * rate) / SECOND_MS
      last = now
      const whole = Math.floor(owed)
      owed -= whole
      this.emit(whole)
    }, TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Whether a pod is being replaced. */
  replaces(pod: number): boolean {
    return this.#replaced.some(({ index }) => index === pod)
  }

  /** So many events at once. */
  emit(count: number): void {
    for (let at = 0; at < count; at++) this.#one()
    if (count > 0) this.#world.announce()
  }

  #one(): void {
    if (this.#pressing) return this.#step(this.#pressing)
    this.#turn++
    let place = this.#turn % HUNDRED
    for (const [resource, share] of OTHERS) {
      if (place < share) return this.#touch(resource)
      place -= share
    }
    this.#pod()
  }

  /** Something says how it is, and that is as before. */
  #touch(resource: string): void {
    const count = this.#world.kinds.get(resource)?.count ?? 0
    if (count > 0) this.#world.change(resource, 'MODIFIED', { index: this.#turn % count, since: this.#now() })
  }

  #pod(): void {
    const { sizes } = this.#world.layout
    const most = Math.min(AT_ONCE, Math.ceil(sizes.pods / sizes.podsEach / 2))
    while (this.#replaced.length < most) this.#replaced.push({ index: this.#choose(), step: 0 })
    const one = this.#replaced[this.#turn % most]
    if (one) this.#step(one)
  }

  #step(one: Replaced): void {
    STEPS[one.step]?.(this.#world, one.index, this.#now())
    one.step++
    // A scheduler takes milliseconds.
    this.#pressing = one.step === SCHEDULED ? one : undefined
    if (one.step === STEPS.length) this.#replaced.splice(this.#replaced.indexOf(one), 1)
  }

  // One app after another, so that no workload is without most of its pods.
  #choose(): number {
    const { sizes, apps } = this.#world.layout
    for (;;) {
      const app = this.#next % apps
      const index = app * sizes.podsEach + (Math.floor(this.#next / apps) % sizes.podsEach)
      this.#next++
      if (index >= sizes.pods) continue
      const { state } = this.#world.slot('pods', index)
      if (state === RUNNING && state !== ABSENT) return index
    }
  }
}
