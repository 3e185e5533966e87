import { abortError, type Clock } from '../util/clock.ts'
import type { Answer, Frame } from './answer.ts'
import { storedAs } from './events.ts'
import type { Exchange, Route } from './exchange.ts'
import { seen, selection, tooLarge } from './list.ts'
import type { ListOptions } from './list-options.ts'
import type { KubeObject, TypeName } from './object.ts'
import type { Selects } from './selectors.ts'
import type { ObjectShape } from './shape.ts'
import { objectOf, type TableChange } from './shelf.ts'
import { expired } from './status.ts'
import type { ObjectTable } from './table.ts'

export interface WatchSource {
  readonly table: ObjectTable
  readonly clock: Clock
  readonly random: () => number
  /** Events that may wait for a client before it is cut off. */
  readonly mostWaiting: number
}

export interface WatchWish {
  readonly route: Route
  readonly options: ListOptions
  readonly shape: ObjectShape
}

const MINUTE = 60_000
/** Without a word of the client a watch lasts between this long and twice as long. */
const SHORTEST = 30 * MINUTE

/** A watch. It fails in the stream when it begins before what is remembered. */
export function watchObjects(source: WatchSource, exchange: Exchange, wish: WatchWish): Answer {
  const selects = selection(exchange, wish.route)
  const stream = new WatchStream(source, exchange.signal, { ...wish, selects })
  return { status: 200, frames: stream.open() }
}

/** `undefined` ends the stream. */
type Entry = (() => Frame | undefined) | undefined

class WatchStream {
  readonly #source: WatchSource
  readonly #signal: AbortSignal
  readonly #wish: WatchWish & { readonly selects: Selects }
  readonly #since: number
  #entries: Entry[] = []
  #wake = (): void => undefined
  #ends: (() => void)[] = []

  constructor(source: WatchSource, signal: AbortSignal, wish: WatchWish & { readonly selects: Selects }) {
    this.#source = source
    this.#signal = signal
    this.#wish = wish
    this.#since = wish.options.resourceVersion ?? 0
  }

  /** Begins at once, read or not: from here on nothing is missed. It is over when the signal says so. */
  open(): AsyncGenerator<Frame> {
    const { table } = this.#source
    const { options, route } = this.#wish
    const type = storedAs(route.kind)
    const fresh = options.sendInitialEvents || this.#since === 0
    const missed = fresh ? [] : table.changesSince(type, this.#since)
    if (missed === undefined) return this.#tooOld()
    for (const change of missed) this.#push(change)
    this.#ends.push(table.subscribe((change) => this.#push(change), type))
    this.#startTimers()
    const end = (): void => {
      for (const call of this.#ends) call()
    }
    if (this.#signal.aborted) end()
    else this.#signal.addEventListener('abort', end, { once: true })
    return this.#frames(fresh ? table.list(type, route.namespace) : [], table.revision)
  }

  async *#frames(initial: readonly KubeObject[], revision: number): AsyncGenerator<Frame> {
    if (this.#wish.options.sendInitialEvents && !(await seen(this.#source, this.#since, this.#signal))) {
      yield { type: 'ERROR', object: tooLarge(this.#since, this.#source.table) }
      return
    }
    yield* this.#initially(initial, revision)
    yield* this.#live()
  }

  *#initially(objects: readonly KubeObject[], revision: number): Generator<Frame> {
    const { shape, selects, options } = this.#wish
    for (const object of objects)
      if (selects(object)) {
        if (shape.brokenOnWatch) {
          this.#entries = [undefined]
          return
        }
        yield { type: 'ADDED', object: shape.one(object) }
      }
    if (options.sendInitialEvents && options.bookmarks) yield this.#bookmark(revision, true)
  }

  async *#live(): AsyncGenerator<Frame> {
    for (;;) {
      const entries = this.#entries
      this.#entries = []
      for (const entry of entries) {
        const frame = entry?.()
        if (frame === undefined) return
        yield frame
      }
      if (this.#entries.length === 0) await this.#something()
    }
  }

  #something(): Promise<void> {
    const signal = this.#signal
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(abortError(signal))
      this.#wake = () => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
  }

  #enter(entry: Entry): void {
    // The real server cuts off who does not read; everything not yet sent is lost with it.
    if (this.#entries.length >= this.#source.mostWaiting) this.#entries = [undefined]
    else this.#entries.push(entry)
    this.#wake()
  }

  #push(change: TableChange): void {
    // A watch from the future hears nothing, not even while the present catches up.
    if (change.revision <= this.#since) return
    const frame = frameOf(change, this.#wish.selects)
    if (frame === undefined) return
    const { shape } = this.#wish
    this.#enter(shape.brokenOnWatch ? undefined : () => ({ ...frame, object: shape.one(frame.object) }))
  }

  #startTimers(): void {
    const { clock, random } = this.#source
    const { options } = this.#wish
    const lasts = options.timeout ?? SHORTEST * (1 + random())
    const at = (ms: number, call: () => void): void => void this.#ends.push(clock.after(ms, call))
    at(lasts, () => this.#enter(undefined))
    if (!options.bookmarks) return
    const mark = (): void => {
      const { revision } = this.#source.table
      // In the order of everything else: when it is sent, all up to its revision has been.
      if (revision >= this.#since) this.#enter(() => this.#bookmark(revision, false))
    }
    for (const before of lastMarks(random)) if (lasts > before) at(lasts - before, mark)
    const next = (): void =>
      at(MINUTE - 1000 + random() * 2000, () => {
        mark()
        next()
      })
    next()
  }

  #bookmark(revision: number, end: boolean): Frame {
    const { route, shape } = this.#wish
    return { type: 'BOOKMARK', object: bookmark(route.kind, shape, { revision, end }) }
  }

  async *#tooOld(): AsyncGenerator<Frame> {
    const oldest = this.#source.table.oldest(storedAs(this.#wish.route.kind))
    yield { type: 'ERROR', object: expired(`too old resource version: ${this.#since} (${oldest})`) }
  }
}

/** Milliseconds before the end of a watch at which one or two more bookmarks come: at each tick of a second or so, from 2.5 s on. */
function lastMarks(random: () => number): number[] {
  const first = 1500 + random() * 1000
  const second = first - 1000 - random() * 200
  return second > 900 ? [first, second] : [first]
}

function bookmark(
  { apiVersion, kind }: TypeName,
  shape: ObjectShape,
  { revision, end }: { readonly revision: number; readonly end: boolean },
): unknown {
  const annotations = { 'k8s.io/initial-events-end': 'true' }
  const metadata = { resourceVersion: String(revision), ...(end ? { annotations } : {}) }
  const object = { kind, apiVersion, metadata }
  return shape.one(object)
}

/** What a watch with a selector hears of a change: an object that is selected no longer is gone, as it was before. */
function frameOf(change: TableChange, selects: Selects): { type: string; object: KubeObject } | undefined {
  const { before, after, revision } = change
  const was = before !== undefined && selects(before)
  const is = after !== undefined && selects(after)
  if (!was && !is) return undefined
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: after }
  const last = before ?? objectOf(change)
  return { type: 'DELETED', object: { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } } }
}
