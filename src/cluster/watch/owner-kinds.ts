import { mayBeFollowed, nameOf, type Named } from '../custom-kinds.ts'
import { KINDS, type AnyObject } from '../kinds.ts'

interface Wanted {
  readonly owner: Named
  objects: number
}

const BUILT_IN = new Set(KINDS.map(nameOf))

/** The custom kinds that objects name as their controllers, for as long as any object does. */
export class OwnerKinds {
  readonly #namesOf = new Map<string, readonly string[]>()
  readonly #wanted = new Map<string, Wanted>()
  #version = 0

  /** Another number whenever a kind has come or gone. */
  get version(): number {
    return this.#version
  }

  /** The kinds by their name, in the order met. */
  wanted(): ReadonlyMap<string, Named> {
    return new Map([...this.#wanted].map(([name, { owner }]) => [name, owner]))
  }

  note({ metadata }: AnyObject): void {
    const { uid, ownerReferences = [] } = metadata
    const owners = ownerReferences.filter((owner) => mayBeFollowed(owner) && !BUILT_IN.has(nameOf(owner)))
    const before = this.#namesOf.get(uid) ?? []
    if (owners.length === 0 && before.length === 0) return
    for (const owner of owners) this.#count(owner)
    this.#uncount(before)
    if (owners.length > 0) this.#namesOf.set(uid, owners.map(nameOf))
    else this.#namesOf.delete(uid)
  }

  forget(uid: string): void {
    this.#uncount(this.#namesOf.get(uid) ?? [])
    this.#namesOf.delete(uid)
  }

  #count(owner: Named): void {
    const name = nameOf(owner)
    const known = this.#wanted.get(name)
    if (known) known.objects++
    else {
      this.#wanted.set(name, { owner, objects: 1 })
      this.#version++
    }
  }

  #uncount(names: readonly string[]): void {
    for (const name of names) {
      const known = this.#wanted.get(name)
      if (!known || --known.objects > 0) continue
      this.#wanted.delete(name)
      this.#version++
    }
  }
}
