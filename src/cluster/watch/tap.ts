import { clusterUid } from '../cluster-look.ts'
import type { AnyObject } from '../kinds.ts'
import type { Looks } from '../look.ts'
import type { Mirror } from '../mirror.ts'
import { kindOf } from '../store.ts'
import { EventShelf } from './event-shelf.ts'
import { OwnerKinds } from './owner-kinds.ts'

/** Hears everything that goes into the mirror, for what the watch itself has to know. */
export class Tap implements Mirror {
  readonly #mirror: Mirror
  readonly owners = new OwnerKinds()
  /** Where Events go. */
  readonly events: EventShelf
  readonly #namespaces = new Map<string, string>()
  /** The uid of `kube-system`, as soon as it was seen. */
  cluster: string | undefined

  constructor(mirror: Mirror) {
    this.#mirror = mirror
    this.events = new EventShelf(mirror)
  }

  /** The names of the namespaces that there are. */
  get namespaces(): readonly string[] {
    return [...this.#namespaces.values()]
  }

  put(object: AnyObject): void {
    this.#mirror.put(object)
    this.owners.note(object)
    if (kindOf(object)?.resource === 'namespaces') this.#namespaces.set(object.metadata.uid, object.metadata.name)
    this.cluster = clusterUid([object]) ?? this.cluster
  }

  remove(uid: string, witnessed: boolean): void {
    this.#mirror.remove(uid, witnessed)
    this.owners.forget(uid)
    this.#namespaces.delete(uid)
    this.events.gone(uid)
  }

  watch(looks: Looks): void {
    this.#mirror.watch(looks)
  }
}
