import { kindsOf } from './kinds.ts'
import { Layout, type Sizes } from './layout.ts'
import { ABSENT, stateOf, type LoadKind, type Slot } from './slot.ts'

/** How all objects of a kind are. Columns, so that a copy of them is a few megabytes. */
export interface Columns {
  readonly life: Uint16Array
  readonly state: Uint8Array
  readonly rv: Uint32Array
  readonly born: Float64Array
  readonly since: Float64Array
}

export interface Snapshot {
  /** Of the whole store, when it was taken. */
  readonly rv: number
  readonly columns: Columns
}

export const TYPES = ['ADDED', 'MODIFIED', 'DELETED'] as const
export type ChangeType = (typeof TYPES)[number]

export interface Change extends Slot {
  readonly kind: LoadKind
  readonly type: ChangeType
}

const FIRST_RV = 10_000_000
const DAY_MS = 86_400_000
const STARTED_AFTER_MS = 20_000
const SPREAD_MS = 7_919_000
const RUNNING = stateOf('running')
const IMAGELESS = stateOf('imageless')

export const slotOf = ({ life, state, rv, born, since }: Columns, index: number): Slot => ({
  index,
  life: life[index] ?? 0,
  state: state[index] ?? ABSENT,
  rv: rv[index] ?? 0,
  born: born[index] ?? 0,
  since: since[index] ?? 0,
})

function columnsOf(count: number, now: number): Columns {
  return {
    life: new Uint16Array(count),
    state: new Uint8Array(count).fill(RUNNING),
    rv: Uint32Array.from({ length: count }, (_, at) => 1000 + at),
    born: Float64Array.from({ length: count }, (_, at) => bornAt(now, at)),
    since: Float64Array.from({ length: count }, (_, at) => bornAt(now, at) + STARTED_AFTER_MS),
  }
}

// Spread, since equal times would be held once, which no real cluster allows.
const bornAt = (now: number, index: number): number => now - DAY_MS - ((index * SPREAD_MS) % (30 * DAY_MS))

const copyOf = ({ life, state, rv, born, since }: Columns): Columns => ({
  life: life.slice(),
  state: state.slice(),
  rv: rv.slice(),
  born: born.slice(),
  since: since.slice(),
})

/** Everything that the server holds: a row of numbers an object, and the last changes. */
export class World {
  readonly layout: Layout
  readonly kinds: ReadonlyMap<string, LoadKind>
  readonly #columns = new Map<string, Columns>()
  readonly #changes: Change[] = []
  readonly #remembered: number
  readonly #listeners = new Set<() => void>()
  #rv = FIRST_RV
  #forgotten = FIRST_RV

  /** `remembered`: how many changes a watch can be resumed over. */
  constructor(sizes: Sizes, { now, remembered }: { readonly now: number; readonly remembered: number }) {
    this.layout = new Layout(sizes)
    this.#remembered = remembered
    const podNow = (pod: number): Slot => slotOf(this.#columnsOf('pods'), pod)
    this.kinds = new Map(kindsOf(this.layout, podNow).map((kind) => [kind.resource, kind]))
    for (const { resource, count } of this.kinds.values()) this.#columns.set(resource, columnsOf(count, now))
    this.#columnsOf('pods').state.fill(IMAGELESS, 0, sizes.broken * sizes.podsEach)
  }

  get rv(): number {
    return this.#rv
  }

  /** The oldest resourceVersion that a watch can be resumed from. */
  get oldest(): number {
    return this.#forgotten
  }

  slot(resource: string, index: number): Slot {
    return slotOf(this.#columnsOf(resource), index)
  }

  snapshot(resource: string): Snapshot {
    return { rv: this.#rv, columns: copyOf(this.#columnsOf(resource)) }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Changes one object. `as` is how it is from now on; what it leaves out stays. */
  change(resource: string, type: ChangeType, as: Partial<Slot> & { readonly index: number }): void {
    const kind = this.kinds.get(resource)
    if (kind === undefined) throw new Error(`no ${resource} here`)
    const columns = this.#columnsOf(resource)
    const after = { ...slotOf(columns, as.index), ...as, rv: ++this.#rv }
    columns.life[as.index] = after.life
    columns.state[as.index] = type === 'DELETED' ? ABSENT : after.state
    columns.rv[as.index] = after.rv
    columns.born[as.index] = after.born
    columns.since[as.index] = after.since
    this.#changes[this.#rv % this.#remembered] = { ...after, kind, type }
    this.#forgotten = Math.max(this.#forgotten, this.#rv - this.#remembered)
  }

  /** Tells who listens that there were changes. One word for many of them. */
  announce(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Forgets all changes: whoever comes with an old resourceVersion has to list again. */
  forget(): void {
    this.#forgotten = this.#rv
  }

  /** The change that made this resourceVersion. */
  changeAt(rv: number): Change | undefined {
    return rv > this.#forgotten ? this.#changes[rv % this.#remembered] : undefined
  }

  #columnsOf(resource: string): Columns {
    const columns = this.#columns.get(resource)
    if (columns === undefined) throw new Error(`no ${resource} here`)
    return columns
  }
}
