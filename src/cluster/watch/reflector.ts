import { sleep } from '../../util/clock.ts'
import { messageOf } from '../errors.ts'
import type { Freshness, WatchState } from '../freshness.ts'
import type { Target } from '../kind-look.ts'
import { Course, type CourseOptions } from './course.ts'
import { follow } from './follow.ts'
import { list } from './listing.ts'
import { STALE_AFTER, STALE_AFTER_SILENCE } from './place-status.ts'
import { Recheck } from './recheck.ts'
import { ANSWERS, Resumption } from './resumption.ts'
import { troubleOf, wordsOf } from './trouble.ts'
import { Turns } from './turns.ts'
import type { Watch } from './watch.ts'

export interface ReflectorOptions extends Omit<CourseOptions, 'onState'> {
  readonly onState: (reflector: Reflector, before: WatchState) => void
}

/** Keeps the mirror equal to one kind in one place: lists once, then follows each change; whatever happens, it goes on. */
export class Reflector implements Watch {
  readonly target: Target
  readonly namespace: string | undefined
  readonly #course: Course
  readonly #resumption: Resumption

  constructor(options: ReflectorOptions) {
    this.target = options.target
    this.namespace = options.namespace
    this.#course = new Course({ ...options, onState: (before) => options.onState(this, before) })
    this.#resumption = new Resumption(options.context)
  }

  get name(): string {
    return this.#course.name
  }

  freshness(): readonly Freshness[] {
    return [this.#course.status.freshness(this.#course.held.size)]
  }

  /** How many objects there are. */
  get objects(): number {
    return this.#course.held.size
  }

  /** Whether the server refuses it. */
  get forbidden(): boolean {
    return this.#course.status.state === 'forbidden'
  }

  /** Whether everything was seen once, or it is known why it cannot be. */
  get settled(): boolean {
    return this.#course.status.settled
  }

  /** How many objects there are by namespace. */
  get namespaces(): ReadonlyMap<string, number> {
    return this.#course.held.namespaces
  }

  /** Watches until the signal. Afterwards nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { context, status } = this.#course
    const ends = await Promise.allSettled([this.#rounds(signal), this.#recheck(signal)])
    status.close()
    context.gate.leave(this.#course)
    const failed = ends.find((end) => end.status === 'rejected' && !signal.aborted)
    if (failed?.status === 'rejected') throw failed.reason
  }

  /** Takes back everything that was put into the mirror, when this does not run any more. */
  clear(): void {
    const { held } = this.#course
    for (const uid of held.uids()) held.remove(uid, false)
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    const { clock, gate } = this.#course.context
    for (;;) {
      const began = clock.now()
      const wait = await this.#round(signal).then(
        (ended) => (ended ? this.#ended(clock.now() - began) : 0),
        (error: unknown) => this.#failed(error, signal),
      )
      if (this.#course.vanished) await this.#letGo(signal)
      if (wait > 0) await sleep(clock, wait, signal)
      if (wait > 0 && this.#resumption.struggles) await gate.pace(signal)
    }
  }

  // With its definition a kind goes as a whole, and mostly nobody says so of each object.
  async #letGo(signal: AbortSignal): Promise<void> {
    const course = this.#course
    const { held } = course
    const turns = new Turns()
    course.vanished = false
    course.listFor = 'missing'
    for (const uid of held.uids()) {
      signal.throwIfAborted()
      try {
        held.remove(uid, false)
      } catch (error) {
        course.bad(messageOf(error))
      }
      if (turns.object()) await turns.pass()
    }
  }

  /** One list, one watch, or both in one; whether a watch came to its regular end. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const course = this.#course
    const { gate, syncs } = course.context
    if (course.listFor === undefined) {
      await gate.pass(course, signal)
      this.#resumption.begin()
      await follow(course, signal)
      return true
    }
    const done = await syncs.take(course.options.rank, signal)
    try {
      await gate.pass(course, signal)
      this.#resumption.begin()
      if (!course.status.settled) course.status.is('syncing', `${course.name}: being listed`)
      return await list(course, signal, done)
    } finally {
      done()
    }
  }

  #ended(lasted: number): number {
    const { context, status, name } = this.#course
    context.gate.ended(this.#course)
    status.lost(`${name}: the watch has ended`, STALE_AFTER)
    return this.#resumption.afterEnd(lasted)
  }

  /** Says what happened and how long to wait before the next try. */
  #failed(error: unknown, signal: AbortSignal): number {
    signal.throwIfAborted()
    const course = this.#course
    const trouble = troubleOf(error)
    const { relist, shared } = ANSWERS[trouble]
    if (shared) course.context.gate.failed(course)
    else course.context.gate.answered(course)
    if (trouble === 'frame' || trouble === 'mirror') course.bad(messageOf(error))
    if (trouble === 'defect')
      course.context.logger.error('a watch failed unexpectedly', { kind: course.name, error: messageOf(error) })
    const again = course.again(trouble)
    if (relist === 'always' || (relist === 'repeated' && again)) course.listFor ??= trouble
    this.#say(error)
    return this.#resumption.afterError(error)
  }

  #say(error: unknown): void {
    const { status, name, options, held } = this.#course
    const words = `${name}: ${wordsOf(error)}`
    const trouble = troubleOf(error)
    // The first such answer may be of a server that has yet to learn of the kind.
    if (trouble === 'missing' && options.optional)
      this.#course.vanished = status.state === 'not-installed' && held.size > 0
    if (trouble === 'forbidden') status.is('forbidden', words)
    else if (trouble === 'missing' && options.optional) status.is('not-installed', `${name}: not installed`)
    else if (trouble === 'missing') status.is('failed', words)
    else if (trouble === 'behind') status.is('stale', words)
    else status.lost(words, trouble === 'silence' ? STALE_AFTER_SILENCE : STALE_AFTER)
  }

  #recheck(signal: AbortSignal): Promise<void> {
    const { context, held, options, status } = this.#course
    if (options.target.most !== undefined) return Promise.resolve()
    const recheck = new Recheck({
      context,
      held,
      type: options.target,
      question: this.#course.pages(),
      rank: Number.MAX_SAFE_INTEGER,
      ready: () => status.state === 'live',
      onBad: (why) => this.#course.bad(why),
      onMissed: (count) => {
        status.counts.missed += count
        status.synced({ continuous: false })
        context.logger.error('changes had been missed', { kind: this.name, count })
      },
    })
    return recheck.run(signal)
  }
}
