import { Backoff } from '../../util/backoff.ts'
import { abortError, sleep, type Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { MINUTE, SECOND } from '../../util/time.ts'

/** Who asks the server through the gate. */
export interface Member {
  readonly name: string
}

export interface GateOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Ends all waiting. */
  readonly signal: AbortSignal
  /** Asks the server whether it is well. */
  readonly probe: () => Promise<boolean>
}

interface Waiting {
  readonly member: Member
  readonly go: () => void
}

/** Tries of whatever fails again and again: one each 6 seconds of all who try, and three at once. */
const REPEAT = 6 * SECOND
const BURST = 3
/** After an outage all resume, but not all at once. */
const SPREAD = 2 * SECOND
const LONGEST_QUEUE = 10 * MINUTE

/**
 * Stands between all watches of one server and the server. While most of them fail, all wait and one probe asks for all of them; when it is
 * answered, one watch goes first, and the others follow when that one is served. So an outage of any kind costs a few requests a minute.
 */
export class OutageGate {
  readonly #options: GateOptions
  readonly #backoff: Backoff
  readonly #up = new Set<Member>()
  readonly #down = new Map<Member, number>()
  #waiting: Waiting[] = []
  #closed = false
  #scout: { readonly member: Member; readonly served: (well: boolean) => void } | undefined
  #repeatAt = Number.NEGATIVE_INFINITY

  constructor(options: GateOptions) {
    this.#options = options
    this.#backoff = new Backoff(options)
  }

  /** Whether the server is taken to be out of reach. */
  get closed(): boolean {
    return this.#closed
  }

  /** Waits until the server may be asked. */
  async pass(member: Member, signal: AbortSignal): Promise<void> {
    while (this.#closed && this.#scout?.member !== member) {
      await this.#wait(member, signal)
      if (this.#scout?.member !== member) await this.#sleep(SPREAD * this.#options.random(), signal)
    }
  }

  /** For who fails again and again: waits for all others who do. That bounds what any fault costs, also one of which the probe knows nothing. */
  async pace(signal: AbortSignal): Promise<void> {
    const wait = this.#repeatIn()
    if (wait > 0) await this.#sleep(wait, signal)
  }

  /** The server serves this one. */
  served(member: Member): void {
    this.#down.delete(member)
    this.#up.add(member)
    if (this.#scout?.member === member) this.#scout.served(true)
  }

  /** What was served has come to its end. */
  ended(member: Member): void {
    this.#up.delete(member)
  }

  /** The server did not serve this one. */
  failed(member: Member): void {
    this.#up.delete(member)
    this.#down.set(member, (this.#down.get(member) ?? 0) + 1)
    if (this.#scout?.member === member) this.#scout.served(false)
    if (!this.#closed && this.#down.size > 1 && this.#down.size > this.#up.size) this.#close()
  }

  /** The server answered, if only to refuse: it is there. */
  answered(member: Member): void {
    this.#up.delete(member)
    this.#down.delete(member)
    if (this.#scout?.member === member) this.#scout.served(true)
  }

  /** Does not count any more. */
  leave(member: Member): void {
    this.#up.delete(member)
    this.#down.delete(member)
    if (this.#scout?.member === member) this.#scout.served(false)
  }

  #repeatIn(): number {
    const now = this.#options.clock.now()
    const earliest = now - BURST * REPEAT
    this.#repeatAt = Math.min(now + LONGEST_QUEUE, Math.max(earliest, this.#repeatAt) + REPEAT)
    return Math.max(0, this.#repeatAt - now)
  }

  #close(): void {
    this.#closed = true
    this.#options.logger.warn('the API server does not answer; waiting for it', { watches: this.#down.size })
    void this.#watchOver().catch(() => undefined)
  }

  async #watchOver(): Promise<void> {
    const { clock, signal, probe } = this.#options
    const began = clock.now()
    do await this.#sleep(this.#backoff.next(), signal)
    while (!(await probe()) || !(await this.#sendScout(signal)))
    this.#closed = false
    this.#scout = undefined
    const seconds = Math.round((clock.now() - began) / SECOND)
    this.#options.logger.info('the API server answers again', { seconds })
    for (const { go } of this.#waiting.splice(0)) go()
  }

  /** Lets the one go that failed the fewest times: what fails for reasons of its own must not hold up the others. */
  #sendScout(signal: AbortSignal): Promise<boolean> {
    const [next] = this.#waiting.toSorted((a, b) => this.#failuresOf(a) - this.#failuresOf(b))
    if (!next) return Promise.resolve(true)
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(abortError(signal))
      signal.addEventListener('abort', stop, { once: true })
      const served = (well: boolean): void => {
        signal.removeEventListener('abort', stop)
        this.#scout = undefined
        resolve(well)
      }
      this.#scout = { member: next.member, served }
      this.#waiting = this.#waiting.filter((one) => one !== next)
      next.go()
    })
  }

  #failuresOf = ({ member }: Waiting): number => this.#down.get(member) ?? 0

  #wait(member: Member, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== entry)
        reject(abortError(signal))
      }
      const entry: Waiting = {
        member,
        go: () => {
          signal.removeEventListener('abort', stop)
          resolve()
        },
      }
      if (signal.aborted) stop()
      else {
        signal.addEventListener('abort', stop, { once: true })
        this.#waiting.push(entry)
      }
    })
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return sleep(this.#options.clock, ms, signal)
  }
}
