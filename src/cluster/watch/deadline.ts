import { abortError, type Clock } from '../../util/clock.ts'

/** Ends a request from within: a signal that follows another one, and can be cut for a reason of its own. */
export class Cut implements Disposable {
  readonly #clock: Clock
  readonly #parent: AbortSignal
  readonly #controller = new AbortController()
  readonly #timers = new Set<() => void>()
  readonly #follow = (): void => this.#controller.abort(abortError(this.#parent))

  constructor(clock: Clock, parent: AbortSignal) {
    this.#clock = clock
    this.#parent = parent
    if (parent.aborted) this.#follow()
    else parent.addEventListener('abort', this.#follow, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Cuts after so many milliseconds, unless what it returns is called before. */
  after(ms: number, reason: () => Error): () => void {
    const cancel = this.#clock.after(ms, () => this.#controller.abort(reason()))
    this.#timers.add(cancel)
    return () => {
      this.#timers.delete(cancel)
      cancel()
    }
  }

  /** Cuts when nobody has called what it returns for so many milliseconds, or up to twice as many after the machine's clock was set back. */
  unless(ms: number, reason: () => Error): { heard(): void; cancel(): void } {
    let last = this.#clock.now()
    const wait = (left: number): (() => void) => {
      const cancel = this.#clock.after(left, () => {
        this.#timers.delete(cancel)
        const rest = ms - (this.#clock.now() - last)
        if (rest <= 0) this.#controller.abort(reason())
        else stop = wait(Math.min(rest, ms))
      })
      this.#timers.add(cancel)
      return () => {
        this.#timers.delete(cancel)
        cancel()
      }
    }
    let stop = wait(ms)
    return { heard: () => (last = this.#clock.now()), cancel: () => stop() }
  }

  /** Ends whatever still goes on under the signal. */
  [Symbol.dispose](): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.#parent.removeEventListener('abort', this.#follow)
    this.#controller.abort()
  }
}
