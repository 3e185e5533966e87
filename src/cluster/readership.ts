/** Something that can be read, and who has read it. */
interface Key<R> {
  readonly name: string
  readers: R | Set<R> | undefined
}

/** A computed value that many read; gone when something that it was computed from changes. */
class Shared<R> {
  readonly key: Key<R | Shared<R>>
  readonly value: unknown
  readonly forget: () => void

  constructor(key: Key<R | Shared<R>>, value: unknown, forget: () => void) {
    this.key = key
    this.value = value
    this.forget = forget
  }
}

/** Whether what is read is about the reader itself: it looks again whenever that changes, without its being noted. */
export type Own = (family: string, name: string) => boolean

interface Recording<R> {
  readonly own: Own
  readonly keys: Set<Key<R | Shared<R>>>
  readonly perFamily: Map<string, number>
}

// Whoever reads more than this of one family (a pending pod reads the pods of every node) is noted as a reader of all of it.
const MANY = 200

/**
 * Remembers who read what, while they read it; so whoever must look again after a change is known without anybody declaring it.
 * A key has a family (an index, a kind of question) and a name in it.
 */
export class Readership<R extends object> {
  readonly #keys = new Map<string, Key<R | Shared<R>>>()
  readonly #reads = new Map<R | Shared<R>, readonly Key<R | Shared<R>>[]>()
  readonly #shared = new Map<object, Map<string, Shared<R>>>()
  #recording: Recording<R> | undefined

  /**
   * Runs `work` and notes what it reads as read by `reader`, in place of what was noted before. What is its own (or has that name) is left out: whoever is
   * about an object looks again whenever something has that object's name, and most that is read is of that kind.
   */
  record<T>(reader: R, own: Own | string, work: () => T): T {
    const { result, keys } = this.#during(work, typeof own === 'string' ? named(own) : own)
    this.#settle(reader, keys)
    return result
  }

  /** Notes that something is being read. */
  note(family: string, name: string): void {
    const recording = this.#recording
    if (!recording || recording.own(family, name)) return
    const asked = `${family} ${name}`
    const known = this.#keys.get(asked)
    if (known && recording.keys.has(known)) return
    const many = (recording.perFamily.get(family) ?? 0) + 1
    recording.perFamily.set(family, many)
    recording.keys.add(this.#key(many <= MANY ? asked : wholeOf(family)))
  }

  /** What `compute` gave for this key, until something that it read changes. */
  remember<T extends object>(compute: object, name: string, work: () => T): T {
    const values = this.#shared.get(compute) ?? new Map<string, Shared<R>>()
    this.#shared.set(compute, values)
    let shared = values.get(name)
    if (!shared) {
      const { result, keys } = this.#during(work, nothing)
      const key: Key<R | Shared<R>> = { name: '', readers: undefined }
      shared = new Shared(key, result, () => values.delete(name))
      values.set(name, shared)
      this.#settle(shared, keys)
    }
    this.#recording?.keys.add(shared.key)
    return shared.value as T
  }

  /** Calls `visit` for whoever read this. `wide`: it read more of the family than could be told apart, and may have nothing to do with it. */
  changed(family: string, name: string, visit: (reader: R, wide: boolean) => void): void {
    if (name !== ALL) this.#visit(this.#keys.get(`${family} ${name}`), (reader) => visit(reader, false))
    this.#visit(this.#keys.get(wholeOf(family)), (reader) => visit(reader, true))
  }

  /** The reader reads nothing any more. */
  forget(reader: R): void {
    this.#settle(reader, new Set())
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#keys.size
  }

  #during<T>(work: () => T, own: Own): { result: T; keys: ReadonlySet<Key<R | Shared<R>>> } {
    const outer = this.#recording
    const recording: Recording<R> = { own, keys: new Set(), perFamily: new Map() }
    this.#recording = recording
    try {
      return { result: work(), keys: recording.keys }
    } finally {
      this.#recording = outer
    }
  }

  #visit(key: Key<R | Shared<R>> | undefined, visit: (reader: R) => void): void {
    for (const reader of readersOf(key)) {
      if (!(reader instanceof Shared)) visit(reader)
      else {
        reader.forget()
        this.#settle(reader, new Set())
        this.#visit(reader.key, visit)
      }
    }
  }

  #key(name: string): Key<R | Shared<R>> {
    let key = this.#keys.get(name)
    if (!key) this.#keys.set(name, (key = { name, readers: undefined }))
    return key
  }

  #settle(reader: R | Shared<R>, keys: ReadonlySet<Key<R | Shared<R>>>): void {
    const before = this.#reads.get(reader) ?? []
    for (const key of before) if (!keys.has(key)) this.#leave(key, reader)
    const known = new Set(before)
    for (const key of keys) if (!known.has(key)) join(key, reader)
    if (keys.size === 0) this.#reads.delete(reader)
    else this.#reads.set(reader, [...keys])
  }

  #leave(key: Key<R | Shared<R>>, reader: R | Shared<R>): void {
    if (key.readers instanceof Set) key.readers.delete(reader)
    if (key.readers === reader || (key.readers instanceof Set && key.readers.size === 0)) key.readers = undefined
    if (key.readers === undefined && key.name !== '') this.#keys.delete(key.name)
  }
}

/** The name of everything in a family. */
export const ALL = '*'

const nothing: Own = () => false
const named =
  (self: string): Own =>
  (_, name) =>
    name === self

const wholeOf = (family: string): string => `${family} ${ALL}`

// Most keys have one reader; a set for each would be most of the memory of a large cluster.
function join<R extends object>(key: Key<R>, reader: R): void {
  if (key.readers instanceof Set) key.readers.add(reader)
  else key.readers = key.readers === undefined ? reader : new Set([key.readers, reader])
}

const readersOf = <R extends object>(key: Key<R> | undefined): R[] => {
  if (key?.readers === undefined) return []
  return key.readers instanceof Set ? [...key.readers] : [key.readers]
}
