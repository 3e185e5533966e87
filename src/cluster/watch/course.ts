import { HOUR, MINUTE } from '../../util/time.ts'
import type { WatchState } from '../freshness.ts'
import { pathOf, type Target } from '../kind-look.ts'
import type { Mirror } from '../mirror.ts'
import { kindOf } from '../store.ts'
import type { WatchContext } from './context.ts'
import { Held } from './held.ts'
import type { Member } from './outage-gate.ts'
import type { PagedQuestion } from './paged-list.ts'
import { PlaceStatus } from './place-status.ts'
import { Relist } from './relist.ts'
import { Repeats } from './repeats.ts'
import { Setback } from './setback.ts'
import type { Trouble } from './trouble.ts'
import type { WatchQuestion } from './watch-stream.ts'

export interface CourseOptions {
  readonly context: WatchContext
  readonly mirror: Mirror
  readonly target: Target
  readonly namespace: string | undefined
  /** Whether a cluster may well be without this kind. */
  readonly optional: boolean
  /** Which of several that wait is listed first: the smaller one. */
  readonly rank: number
  /** Hears of each change of what can be relied on. */
  readonly onState: (before: WatchState) => void
}

/** Servers keep Events for an hour, so after that nothing is missing any more that was left out. */
const EVENTS_LAST = HOUR
/** What is wrong with one object may be wrong with thousands: one line of the log stands for all of them, for so many milliseconds. */
const SAID_FOR = 10 * MINUTE
const isEvents = ({ resource }: Target): boolean => resource === 'events'

/** How far the watch of one kind in one place has come, and what it was asked to do. */
export class Course implements Member {
  readonly options: CourseOptions
  readonly context: WatchContext
  readonly name: string
  readonly held: Held
  readonly status: PlaceStatus
  readonly setback: Setback
  readonly repeats = new Repeats()
  /** Why everything has to be listed before it can be followed; `undefined` when it can be. */
  listFor: Trouble | 'start' | undefined = 'start'
  /** Whether a watch was open since the last list. */
  opened = false
  /** Whether the kind is gone, and what is held of it is to go too. */
  vanished = false
  /** How many streams in a row broke before everything was sent. */
  brokenStreams = 0
  /** Until when lists are not streamed, in milliseconds. */
  pagesUntil = Number.NEGATIVE_INFINITY
  #saidAt = Number.NEGATIVE_INFINITY
  #asJson = false

  constructor(options: CourseOptions) {
    const { context, target, namespace, mirror, onState } = options
    const { resource } = target
    this.options = options
    this.context = context
    this.name = namespace === undefined ? resource : `${resource} in namespace ${namespace}`
    const { most = Number.POSITIVE_INFINITY } = target
    this.held = new Held({ mirror, most, rolling: isEvents(target), onCut: () => this.leftOut() })
    this.setback = new Setback(context.clock)
    this.status = new PlaceStatus({ resource, namespace, clock: context.clock, onChange: onState })
  }

  /** A watch from the version that is held, or one that sends everything first. */
  watch(from: 'start' | 'held'): WatchQuestion {
    const { target, rank } = this.options
    const start = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
    const place = from === 'start' ? start : { resourceVersion: this.held.version ?? '' }
    const binary = !this.#asJson && kindOf(target)?.project.wire !== undefined
    return { path: this.#path, query: { ...target.query, ...place }, binary, fromStart: from === 'start', rank }
  }

  /** Counts trouble; whether it came again at the same place. What cannot be read then is asked for as JSON from now on. */
  again(trouble: Trouble): boolean {
    const again = this.repeats.count(trouble, this.held.version)
    this.#asJson ||= again && trouble === 'frame'
    return again
  }

  pages(): PagedQuestion {
    const { query = {}, most = Number.POSITIVE_INFINITY } = this.options.target
    return { path: this.#path, query, most }
  }

  relist(): Relist {
    return new Relist({ held: this.held, type: this.options.target, onBad: (why) => this.bad(why) })
  }

  /** Whether more objects could be kept. */
  get hasRoom(): boolean {
    return this.held.size < (this.options.target.most ?? Number.POSITIVE_INFINITY)
  }

  /** There are more objects than are kept. */
  leftOut(): void {
    const { target } = this.options
    this.status.partly(`${this.name}: more than ${target.most}`, isEvents(target) ? EVENTS_LAST : undefined)
  }

  /** Something could not be read or stored. */
  bad(why: string): void {
    this.status.counts.malformed++
    const now = this.context.clock.now()
    if (Math.abs(now - this.#saidAt) < SAID_FOR) return
    this.#saidAt = now
    this.context.logger.warn('something could not be read', { kind: this.name, why })
  }

  get #path(): string {
    return pathOf(this.options.target, this.options.namespace)
  }
}
