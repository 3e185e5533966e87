import { abortError } from '../util/clock.ts'
import type { Ending, LogEntry } from './request-log.ts'
import { NetworkFault } from './faults.ts'

const LEFT = new Error('the client has gone')

/** How long one exchange lasts: until all is read, the client goes, the connection breaks. */
export class Life {
  readonly #gone = new AbortController()
  readonly #after: () => void
  readonly #caller: AbortSignal | undefined
  readonly #onAbort: () => void
  #entry: LogEntry | undefined
  #how: Ending = 'whole'

  /** `after` is called once when it is over. */
  constructor(caller: AbortSignal | undefined, after: () => void) {
    this.#after = after
    this.#caller = caller
    this.#onAbort = () => caller && this.break(abortError(caller), 'left')
    if (caller?.aborted === true) this.#onAbort()
    else caller?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** Where to note what is sent and how it ends. */
  note(entry: LogEntry): void {
    this.#entry = entry
  }

  /** How a clean end is to be noted. */
  willEnd(how: Ending): void {
    this.#how = how
  }

  /** It is over as it should be. */
  end(): void {
    this.#over(this.#how, LEFT)
  }

  /** It is over, and whoever still waits for something gets the error. */
  break(error: Error, how: Ending): void {
    this.#over(how, error)
  }

  /** It is over by an error, ours or a fault's. */
  fail(error: unknown): void {
    this.#over(error instanceof NetworkFault ? 'reset' : 'failed', error instanceof Error ? error : LEFT)
  }

  /** The bytes for whoever asked. To stop reading is to go. */
  body(bytes: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
    const done: IteratorReturnResult<undefined> = { done: true, value: undefined }
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      try {
        const result = await bytes.next()
        if (result.done === true) this.end()
        else {
          this.signal.throwIfAborted()
          this.#entry?.sent(result.value.length)
        }
        return result.done === true ? done : result
      } catch (error) {
        if (error === LEFT) return done
        this.fail(error)
        throw error
      }
    }
    const leave = async (): Promise<IteratorReturnResult<undefined>> => {
      this.break(LEFT, 'left')
      // Who leaves does not wait for what was still being made.
      bytes.return(undefined).catch(() => undefined)
      return done
    }
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) }
  }

  #over(how: Ending, reason: Error): void {
    if (this.#gone.signal.aborted) return
    this.#caller?.removeEventListener('abort', this.#onAbort)
    this.#entry?.end(how)
    this.#gone.abort(reason)
    this.#after()
  }
}
