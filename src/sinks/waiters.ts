/** How waiting ended. `busy`: too many wait already. */
export type Waited = 'moved' | 'stopped' | 'busy'

interface Waiter<T> {
  readonly concerns: (news: T) => boolean
  readonly wake: () => void
}

/** Those who wait for news that concern them, at most so many at a time. */
export class Waiters<T> {
  readonly #most: number
  readonly #waiting = new Set<Waiter<T>>()

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#waiting.size
  }

  wait(concerns: (news: T) => boolean, signal: AbortSignal): Promise<Waited> {
    if (signal.aborted) return Promise.resolve('stopped')
    if (this.#waiting.size >= this.#most) return Promise.resolve('busy')
    return new Promise((resolve) => {
      const end = (how: Waited) => (): void => {
        signal.removeEventListener('abort', stop)
        this.#waiting.delete(waiter)
        resolve(how)
      }
      const stop = end('stopped')
      const waiter = { concerns, wake: end('moved') }
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting.add(waiter)
    })
  }

  tell(news: T): void {
    const concerned = [...this.#waiting].filter(({ concerns }) => concerns(news))
    for (const { wake } of concerned) wake()
  }
}
