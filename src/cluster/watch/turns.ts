import { setImmediate } from 'node:timers/promises'

/** Bytes that are read before others get their turn: about a millisecond's work. */
const TURN = 64 * 1024
/** What storing an object costs, as bytes that are read. */
const OBJECT = 640

const LOOKUP = 16

/** Counts work, so that none holds up the process for longer than a turn. */
export class Turns {
  #spent = 0

  /** Counts bytes that were read; whether it is time for others. */
  bytes(count: number): boolean {
    this.#spent += count
    return this.#spent >= TURN
  }

  /** Counts one object that was stored. */
  object(): boolean {
    return this.bytes(OBJECT)
  }

  /** Counts one object that was only looked up. */
  lookup(): boolean {
    return this.bytes(LOOKUP)
  }

  /** Lets others have their turn. */
  async pass(): Promise<void> {
    this.#spent = 0
    await setImmediate()
  }
}
