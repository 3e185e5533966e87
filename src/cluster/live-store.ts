import type { AnyObject } from './kinds.ts'
import type { Looks } from './look.ts'
import type { Change, Mirror } from './mirror.ts'
import { isSame } from './same.ts'
import { ObjectStore } from './store.ts'

export interface LiveStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What the cluster is called until it says so itself. */
  readonly cluster: string
  /** Hears of every change, after it is stored. */
  readonly onChange: (change: Change) => void
  /** Hears when kinds are looked at more or less completely than before. */
  readonly onLooks: () => void
}

const NOTHING: Looks = { listed: new Map(), blind: new Map(), unnamed: 'not-listed' }

/** The objects of a cluster as reflectors see them. Says what changed, and keeps still when nothing did that anybody reads. */
export class LiveStore implements Mirror {
  readonly objects: ObjectStore
  readonly #options: LiveStoreOptions

  constructor(options: LiveStoreOptions) {
    this.#options = options
    this.objects = new ObjectStore({ takenAt: options.now(), cluster: options.cluster, looks: NOTHING })
  }

  put(object: AnyObject): void {
    const before = this.objects.byUid(object.metadata.uid)
    if (before && isSame(before, object)) {
      // A heartbeat. The object that many hold on to stays, and only its version moves.
      Object.assign(before.metadata, { resourceVersion: object.metadata.resourceVersion })
      return
    }
    const former = this.objects.namesake(object)
    if (former && former.metadata.uid !== object.metadata.uid) this.remove(former.metadata.uid, false)
    this.objects.put(object)
    this.#tell(before, object, true)
  }

  remove(uid: string, witnessed: boolean): void {
    const before = this.objects.remove(uid)
    if (before) this.#tell(before, undefined, witnessed)
  }

  watch(looks: Looks): void {
    this.objects.learn({ looks })
    this.#options.onLooks()
  }

  #tell(before: AnyObject | undefined, after: AnyObject | undefined, witnessed: boolean): void {
    this.#options.onChange({ before, after, witnessed, observedAt: this.#options.now() })
  }
}
