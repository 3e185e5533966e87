import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'
import { once } from 'node:events'

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** Another process that is told things and answers. */
export class Child {
  readonly process: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #told = new Map<string, () => void>()
  #count = 0
  #ended: string | undefined

  constructor(script: string, args: readonly string[], options: ForkOptions = {}) {
    this.process = fork(script, [...args], { serialization: 'advanced', ...options })
    this.process.on('message', (message: Answer | { readonly tell: string }) => {
      if ('tell' in message) this.#told.get(message.tell)?.()
      else this.#waiting.get(message.id)?.(message)
    })
    this.process.on('exit', (code, signal) => {
      this.#ended = `${script} ended with ${code ?? signal}`
      for (const [id, answer] of this.#waiting) answer({ id, error: this.#ended })
    })
  }

  async ask(order: string, what: object = {}): Promise<unknown> {
    if (this.#ended !== undefined) throw new Error(this.#ended)
    const id = ++this.#count
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve)
      this.process.send({ id, order, with: what })
    }).finally(() => this.#waiting.delete(id))
    if (error !== undefined) throw new Error(`${order}: ${error}`)
    return result
  }

  /** Waits until it says so by itself. */
  told(what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#told.set(what, resolve)
      this.process.once('exit', () => reject(new Error(this.#ended)))
    })
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    await ended
  }
}
