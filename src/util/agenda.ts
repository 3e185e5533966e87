import { Alarms } from './alarms.ts'

/** What is still to be looked at: keys, each with the time (milliseconds since 1970) of what asked for it first. */
export class Agenda {
  readonly #dirty = new Map<string, number>()
  // One walk for all that is taken: a walk from the beginning would pass by the place of everything that was taken before.
  #walk = this.#dirty.entries()
  readonly #alarms = new Alarms<string>()
  #sweep: { readonly keys: Iterator<string>; readonly at: number } | undefined

  /** Asks for a key to be looked at. */
  mark(key: string, at: number): void {
    if (!this.#dirty.has(key)) this.#dirty.set(key, at)
  }

  /** Asks for all of many keys to be looked at, after all that is asked for by name. They are taken one by one: there may be hundreds of thousands. */
  sweep(keys: Iterator<string>, at: number): void {
    this.#sweep = { keys, at }
  }

  /** Asks for a key to be looked at at a time; in place of the time it had, or (without one) not at all. */
  alarm(key: string, at: number | undefined): void {
    this.#alarms.set(key, at)
  }

  /** Marks what is due. */
  wake(now: number): void {
    for (const key of this.#alarms.due(now)) this.mark(key, now)
  }

  /** The next key to be looked at. */
  take(): { readonly key: string; readonly at: number } | undefined {
    const next = this.#next()
    if (next) {
      const [key, at] = next
      this.#dirty.delete(key)
      return { key, at }
    }
    const { keys, at = 0 } = this.#sweep ?? {}
    const swept = keys?.next()
    if (swept?.done === false) return { key: swept.value, at }
    this.#sweep = undefined
    return undefined
  }

  #next(): [string, number] | undefined {
    if (this.#dirty.size === 0) return undefined
    const { value, done } = this.#walk.next()
    if (done !== true) return value
    this.#walk = this.#dirty.entries()
    return this.#walk.next().value
  }

  /** Whether there is something to be looked at now. */
  get isEmpty(): boolean {
    return this.#dirty.size === 0 && this.#sweep === undefined
  }

  /** How many keys were asked for by name. */
  get size(): number {
    return this.#dirty.size
  }

  /** When the next alarm is. */
  next(): number | undefined {
    return this.#alarms.next()
  }
}
