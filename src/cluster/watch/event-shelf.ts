import { kindOf } from '../store.ts'
import type { AnyObject, ObjectOf } from '../kinds.ts'
import type { Looks } from '../look.ts'
import type { Mirror } from '../mirror.ts'

/** Minutes after which an Event is let go: servers keep them for an hour, unless told otherwise. */
const KEPT = 70

interface Kept {
  readonly about: string | undefined
  readonly minute: number
}

const isEvent = (object: AnyObject): object is ObjectOf<'events'> => kindOf(object)?.resource === 'events'

/**
 * Stands before the mirror for Events and keeps only those that something can be learnt from: not of objects that are gone, and not for
 * ever. It counts the minutes itself, so that a clock that jumps makes no Event older.
 */
export class EventShelf implements Mirror {
  readonly #mirror: Mirror
  readonly #kept = new Map<string, Kept>()
  readonly #about = new Map<string, Set<string>>()
  #minute = 0

  constructor(mirror: Mirror) {
    this.#mirror = mirror
  }

  put(object: AnyObject): void {
    this.#mirror.put(object)
    const { uid } = object.metadata
    this.#forget(uid)
    const about = isEvent(object) ? object.involvedObject?.uid : undefined
    this.#kept.set(uid, { about, minute: this.#minute })
    if (about === undefined) return
    const events = this.#about.get(about)
    if (events) events.add(uid)
    else this.#about.set(about, new Set([uid]))
  }

  remove(uid: string, witnessed: boolean): void {
    if (!this.#kept.has(uid)) return
    this.#mirror.remove(uid, witnessed)
    this.#forget(uid)
  }

  watch(looks: Looks): void {
    this.#mirror.watch(looks)
  }

  /** An object is gone, and what was said about it with it. */
  gone(uid: string): void {
    for (const event of this.#about.get(uid) ?? []) this.remove(event, false)
  }

  /** A minute has passed. */
  tick(): void {
    this.#minute++
    for (const [uid, { minute }] of this.#kept) if (this.#minute - minute > KEPT) this.remove(uid, false)
  }

  #forget(uid: string): void {
    const { about } = this.#kept.get(uid) ?? {}
    this.#kept.delete(uid)
    if (about === undefined) return
    const events = this.#about.get(about)
    events?.delete(uid)
    if (events?.size === 0) this.#about.delete(about)
  }
}
