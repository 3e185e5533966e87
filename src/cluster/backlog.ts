import type { AnyObject } from './kinds.ts'
import type { Change } from './mirror.ts'

interface Held {
  readonly before: AnyObject | undefined
  readonly witnessed: boolean
}

/** Changes that nobody may hear of yet: of each object what it was before the first of them. So there are never more than objects. */
export class Backlog {
  readonly #held = new Map<string, Held>()

  get size(): number {
    return this.#held.size
  }

  add({ before, after, witnessed }: Change): void {
    const uid = (before ?? after)?.metadata.uid
    if (uid === undefined) return
    this.#held.set(uid, { before: this.#held.has(uid) ? this.#held.get(uid)?.before : before, witnessed })
  }

  /** Everything that was held back, a change for each object, in the order in which they changed first. `observedAt` in milliseconds. */
  *take(byUid: (uid: string) => AnyObject | undefined, observedAt: number): Generator<Change> {
    for (const [uid, { before, witnessed }] of this.#held) {
      this.#held.delete(uid)
      const after = byUid(uid)
      if (before ?? after) yield { before, after, witnessed, observedAt }
    }
  }
}
