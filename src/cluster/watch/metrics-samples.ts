import { standInUid, type AnyObject } from '../kinds.ts'

type Called = Pick<AnyObject['metadata'], 'namespace' | 'name'>

/** What is known of samples: when each was taken. Kept by name, which the sample itself is kept by too: no text is made for it. */
export class Samples {
  readonly #kind: string
  readonly #byNamespace = new Map<string | undefined, Map<string, string | undefined>>()

  constructor(kind: string) {
    this.#kind = kind
  }

  /** When the sample that is held was taken; `undefined` when none is held. */
  timeOf({ namespace, name }: Called): string | undefined {
    return this.#byNamespace.get(namespace)?.get(name)
  }

  /** Whether it is the first one of its name. */
  put({ namespace, name }: Called, timestamp: string | undefined): boolean {
    const there = this.#byNamespace.get(namespace)
    const isNew = there?.has(name) !== true
    if (there) there.set(name, timestamp)
    else this.#byNamespace.set(namespace, new Map([[name, timestamp]]))
    return isNew
  }

  /** Whether there was one. */
  drop(namespace: string | undefined, uid: string): boolean {
    const there = this.#byNamespace.get(namespace)
    const done = there?.delete(uid.slice(standInUid(this.#kind, namespace, '').length)) === true
    if (there?.size === 0) this.#byNamespace.delete(namespace)
    return done
  }

  namespaces(): IterableIterator<string | undefined> {
    return this.#byNamespace.keys()
  }

  /** The uids of one namespace. */
  *uids(namespace: string | undefined): Iterable<string> {
    for (const name of this.#byNamespace.get(namespace)?.keys() ?? []) yield standInUid(this.#kind, namespace, name)
  }
}

/** When a sample was taken, as its server writes it. */
export const timestampOf = (object: AnyObject): string | undefined =>
  'timestamp' in object && typeof object.timestamp === 'string' ? object.timestamp : undefined
