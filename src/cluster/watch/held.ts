import { messageOf } from '../errors.ts'
import type { AnyObject } from '../kinds.ts'
import type { Mirror } from '../mirror.ts'
import { WatchError } from './trouble.ts'
import { isEarlier, isLater } from './versions.ts'

interface Entry {
  readonly version: string
  readonly namespace: string | undefined
}

/** Hears what becomes of objects while it looks at them from another side. */
export interface HeldWatcher {
  removed(uid: string): void
  advanced(): void
}

export interface HeldOptions {
  readonly mirror: Mirror
  /** How many objects are kept at all, and whether the oldest of them go when there are more, or no more are taken. */
  readonly most: number
  readonly rolling: boolean
  /** Hears when objects are left out. */
  readonly onCut: () => void
}

/** What one watch has put into the mirror, by uid: enough to tell what is new, what is old, and what is no more. */
export class Held {
  readonly #options: HeldOptions
  readonly #entries = new Map<string, Entry>()
  readonly #namespaces = new Map<string, number>()
  #version: string | undefined
  #relists = 0
  watcher: HeldWatcher | undefined

  constructor(options: HeldOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  /** How many objects there are by namespace. */
  get namespaces(): ReadonlyMap<string, number> {
    return this.#namespaces
  }

  /** Up to where everything is held; `undefined` before the first whole list. */
  get version(): string | undefined {
    return this.#version
  }

  /** How many lists were whole. */
  get relists(): number {
    return this.#relists
  }

  uids(): IterableIterator<string> {
    return this.#entries.keys()
  }

  versionOf(uid: string): string | undefined {
    return this.#entries.get(uid)?.version
  }

  /** Whether an event tells anything that is not held already. What is not held at all is new only if it happened after what is. */
  isNews(uid: string, version: string): boolean {
    const known = this.#entries.get(uid)?.version ?? this.#version
    return known === undefined || isLater(version, known)
  }

  /** @throws WatchError when the mirror does not take it; then it is not held. */
  put(object: AnyObject): void {
    const { uid, namespace, resourceVersion = '' } = object.metadata
    if (!this.#entries.has(uid) && !this.#makeRoom()) return
    this.#store(() => this.#options.mirror.put(object))
    this.#forget(uid)
    this.#entries.set(uid, { version: resourceVersion, namespace })
    this.#count(namespace, 1)
  }

  /** @throws WatchError when the mirror does not let go of it; then it is held on. */
  remove(uid: string, witnessed: boolean): void {
    if (!this.#entries.has(uid)) return
    this.#store(() => this.#options.mirror.remove(uid, witnessed))
    this.#forget(uid)
    this.watcher?.removed(uid)
  }

  /** Everything up to here is held. */
  advance(version: string): void {
    if (this.#version !== undefined && !isLater(version, this.#version)) return
    this.#version = version
    this.watcher?.advanced()
  }

  /** A list was whole at this version, which goes before everything that was seen until now. */
  listed(version: string): void {
    this.#version = version
    this.#relists++
    this.watcher?.advanced()
  }

  /** Whether a state is older than what was seen before. */
  isBehind(version: string): boolean {
    return this.#version !== undefined && isEarlier(version, this.#version)
  }

  /** Whether there is room for one more. */
  #makeRoom(): boolean {
    const { most, rolling, onCut } = this.#options
    if (this.#entries.size < most) return true
    onCut()
    const [oldest] = this.#entries.keys()
    if (rolling && oldest !== undefined) this.remove(oldest, false)
    return rolling
  }

  #store(act: () => void): void {
    try {
      act()
    } catch (error) {
      throw new WatchError('mirror', `what was seen could not be stored: ${messageOf(error)}`)
    }
  }

  #forget(uid: string): void {
    const entry = this.#entries.get(uid)
    if (!entry) return
    this.#entries.delete(uid)
    this.#count(entry.namespace, -1)
  }

  #count(namespace: string | undefined, by: 1 | -1): void {
    if (namespace === undefined) return
    const count = (this.#namespaces.get(namespace) ?? 0) + by
    if (count > 0) this.#namespaces.set(namespace, count)
    else this.#namespaces.delete(namespace)
  }
}
