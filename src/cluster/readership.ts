import { listOf, withOne, withoutOne, type Few } from '../util/few.ts'

/** Something that can be read, and who has read it. */
interface Key<R extends object> {
  readonly name: string
  readers: Few<R>
  /** What whoever last read this first has read in all. */
  reads?: readonly Key<R>[]
}

/** What somebody has read; most who read the same share one list of it. */
export type Reads<R extends object> = readonly Key<R | Shared<R>>[]

/** A computed value that many read; gone when something that it was computed from changes. */
class Shared<R extends object> {
  readonly key: Key<R | Shared<R>>
  /** Read by whoever read more of what is computed so than is told apart. */
  readonly whole: Key<R | Shared<R>>
  readonly value: unknown
  readonly forget: () => void
  reads?: Reads<R> | undefined

  constructor(read: Pick<Shared<R>, 'key' | 'whole'>, value: unknown, forget: () => void) {
    this.key = read.key
    this.whole = read.whole
    this.value = value
    this.forget = forget
  }
}

/** Whether what is read is about the reader itself: it looks again whenever that changes, without its being noted. */
export type Own = (family: string, name: string) => boolean

/** What was computed in one way, by what it was computed for. */
interface Computed<R extends object> {
  readonly values: Map<string, Shared<R>>
  readonly whole: Key<R | Shared<R>>
}

interface Recording<R extends object> {
  readonly own: Own
  readonly keys: Set<Key<R | Shared<R>>>
  /** What was read of each family, until it is too much to tell apart. */
  readonly perFamily: Map<string | object, Key<R | Shared<R>>[] | 'all'>
}

// Whoever reads more than this of one family (a pending pod reads the room on every node) is noted as a reader of all of it, and of nothing
// in particular: one that reads of five thousand nodes would look again with each change of any.
const MANY = 200

/**
 * Remembers who read what, while they read it; so whoever must look again after a change is known without anybody declaring it.
 * A key has a family (an index, a kind of question) and a name in it.
 */
export class Readership<R extends { reads?: Reads<R> | undefined }> {
  readonly #keys = new Map<string, Key<R | Shared<R>>>()
  readonly #shared = new Map<object, Computed<R>>()
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
    if (recording.perFamily.get(family) !== 'all')
      this.#gather(recording, { family, key: this.#key(asked), whole: () => this.#key(wholeOf(family)) })
  }

  /** What `compute` gave for this key, until something that it read changes. */
  remember<T extends object>(compute: object, name: string, work: () => T): T {
    const computed = this.#shared.get(compute) ?? { values: new Map<string, Shared<R>>(), whole: unnamed<R>() }
    this.#shared.set(compute, computed)
    const { values, whole } = computed
    let shared = values.get(name)
    if (!shared) {
      const { result, keys } = this.#during(work, nothing)
      shared = new Shared({ key: unnamed(), whole }, result, () => values.delete(name))
      values.set(name, shared)
      this.#settle(shared, keys)
    }
    if (this.#recording) this.#gather(this.#recording, { family: compute, key: shared.key, whole: () => whole })
    return shared.value as T
  }

  /** Calls `visit` for whoever read this. `wide`: it read more of the family than could be told apart, and may have nothing to do with it. */
  changed(family: string, name: string, visit: (reader: R, wide: boolean) => void): void {
    if (name !== ALL) this.#visit(this.#keys.get(`${family} ${name}`), visit, false)
    this.#visit(this.#keys.get(wholeOf(family)), visit, true)
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

  #visit(key: Key<R | Shared<R>> | undefined, visit: (reader: R, wide: boolean) => void, wide: boolean): void {
    for (const reader of listOf<R | Shared<R>>(key?.readers)) {
      if (!(reader instanceof Shared)) visit(reader, wide)
      else {
        reader.forget()
        this.#settle(reader, new Set())
        this.#visit(reader.key, visit, wide)
        this.#visit(reader.whole, visit, true)
      }
    }
  }

  #key(name: string): Key<R | Shared<R>> {
    let key = this.#keys.get(name)
    if (!key) this.#keys.set(name, (key = { name, readers: undefined }))
    return key
  }

  #gather({ keys, perFamily }: Recording<R>, { family, key, whole }: Gathered<R | Shared<R>>): void {
    const read = perFamily.get(family) ?? []
    if (read === 'all' || keys.has(key)) return
    keys.add(key)
    perFamily.set(family, read)
    if (read.push(key) <= MANY) return
    for (const one of read) {
      keys.delete(one)
      this.#tidy(one)
    }
    keys.add(whole())
    perFamily.set(family, 'all')
  }

  #tidy(key: Key<R | Shared<R>>): void {
    if (key.readers === undefined && this.#keys.get(key.name) === key) this.#keys.delete(key.name)
  }

  // What is read inside of another's reading may have tidied away a key that the other gathered before.
  #inUse(key: Key<R | Shared<R>>): Key<R | Shared<R>> {
    return key.name === '' ? key : this.#key(key.name)
  }

  #settle(reader: R | Shared<R>, keys: ReadonlySet<Key<R | Shared<R>>>): void {
    const before = reader.reads ?? []
    // Nearly always the same is read again.
    if (before.length === keys.size && before.every((key) => keys.has(key))) return
    for (const key of before) if (!keys.has(key)) this.#leave(key, reader)
    const known = new Set(before)
    const now = Array.from(keys, (key) => (known.has(key) ? key : this.#inUse(key)))
    for (const key of now) if (!known.has(key)) key.readers = withOne(key.readers, reader)
    reader.reads = listed(now)
  }

  #leave(key: Key<R | Shared<R>>, reader: R | Shared<R>): void {
    key.readers = withoutOne(key.readers, reader)
    this.#tidy(key)
  }
}

interface Gathered<R extends object> {
  readonly family: string | object
  readonly key: Key<R>
  readonly whole: () => Key<R>
}

/** The same list for all who read the same in the same order, as the pods of a workload do. */
function listed<R extends object>(keys: readonly Key<R>[]): readonly Key<R>[] | undefined {
  const [first] = keys
  if (!first) return undefined
  const { reads } = first
  if (reads?.length === keys.length && keys.every((key, at) => key === reads[at])) return reads
  first.reads = keys
  return keys
}

const unnamed = <R extends object>(): Key<R | Shared<R>> => ({ name: '', readers: undefined })

/** The name of everything in a family. */
export const ALL = '*'

const nothing: Own = () => false
const named =
  (self: string): Own =>
  (_, name) =>
    name === self

const wholeOf = (family: string): string => `${family} ${ALL}`
