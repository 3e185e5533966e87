import type { Engine } from './engine.ts'
import type { KubeObject } from './objects.ts'
import type { Store } from './store.ts'

/** The work of one controller: objects to look at, each at most once at a time. */
export class WorkQueue<T extends KubeObject> {
  readonly #engine: Engine
  readonly #store: Store
  readonly #look: (object: T) => void
  readonly #delay: number
  readonly #waiting = new Set<string>()
  readonly #later = new Map<string, { readonly at: number; readonly off: () => void }>()

  /** `delay` is how long a change rests until it is looked at, in milliseconds: changes that come together are one look. */
  constructor(about: { engine: Engine; store: Store; delay: number; look: (object: T) => void }) {
    this.#engine = about.engine
    this.#store = about.store
    this.#delay = about.delay
    this.#look = about.look
  }

  add(object: T): void {
    const { uid = '' } = object.metadata
    if (this.#waiting.has(uid)) return
    this.#waiting.add(uid)
    this.#engine.after(this.#delay, () => {
      this.#waiting.delete(uid)
      this.#lookAt(object)
    })
  }

  /** Looks again at a time, in milliseconds since 1970; an earlier such wish stands. */
  addAt(object: T, at: number): void {
    const { uid = '' } = object.metadata
    const before = this.#later.get(uid)
    if (before && before.at <= at) return
    before?.off()
    const off = this.#engine.at(at, () => {
      this.#later.delete(uid)
      this.#lookAt(object)
    })
    this.#later.set(uid, { at, off })
  }

  #lookAt(object: T): void {
    const now = this.#store.fresh(object)
    if (now) this.#look(now)
  }
}
