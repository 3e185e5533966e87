import type { AnyObject } from '../kinds.ts'

/** What is known of samples: when each was taken, by namespace and uid. */
export class Samples {
  readonly #byNamespace = new Map<string | undefined, Map<string, string | undefined>>()

  /** When the sample that is held was taken; `undefined` when none is held. */
  timeOf(namespace: string | undefined, uid: string): string | undefined {
    return this.#byNamespace.get(namespace)?.get(uid)
  }

  /** Whether it is the first one of its uid. */
  put(namespace: string | undefined, uid: string, timestamp: string | undefined): boolean {
    const there = this.#byNamespace.get(namespace)
    const isNew = there?.has(uid) !== true
    if (there) there.set(uid, timestamp)
    else this.#byNamespace.set(namespace, new Map([[uid, timestamp]]))
    return isNew
  }

  /** Whether there was one. */
  drop(namespace: string | undefined, uid: string): boolean {
    const there = this.#byNamespace.get(namespace)
    const done = there?.delete(uid) === true
    if (there?.size === 0) this.#byNamespace.delete(namespace)
    return done
  }

  namespaces(): IterableIterator<string | undefined> {
    return this.#byNamespace.keys()
  }

  /** The uids of one namespace. */
  uids(namespace: string | undefined): Iterable<string> {
    return this.#byNamespace.get(namespace)?.keys() ?? []
  }
}

/** When a sample was taken, as its server writes it. */
export const timestampOf = (object: AnyObject): string | undefined =>
  'timestamp' in object && typeof object.timestamp === 'string' ? object.timestamp : undefined
