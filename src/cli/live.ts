import type { Filters, Published } from '../sinks/published.ts'
import type { Status } from '../sinks/status.ts'
import { sleep, type Clock } from '../util/clock.ts'
import { SECOND } from '../util/time.ts'
import type { Address } from './client/address.ts'
import { DaemonClient } from './client/client.ts'
import { follow, type Seen } from './client/follow.ts'
import { DaemonError } from './client/request.ts'
import { isNews } from './render/changes.ts'
import { liveLines, type Heard, type Scene } from './render/live.ts'
import { Screen } from './screen.ts'
import type { Console } from './services.ts'

export interface LiveView {
  readonly io: Console
  readonly address: Address
  readonly filters: Filters
  readonly clock: Clock
  /** Lines in front of everything else. */
  readonly notes: () => readonly string[]
  /** The cluster's time, in milliseconds since 1970; default what the daemon tells. */
  readonly now?: (() => number) | undefined
  readonly signal: AbortSignal
  /** Hears of each look, before it is drawn. */
  readonly seen?: ((envelope: Published) => void) | undefined
}

/** How often ages are drawn anew, and how often the daemon is asked how it does; milliseconds. */
const TICK = SECOND
const STATUS_PERIOD = 2 * SECOND
const REMEMBERED = 100

/** Shows a daemon on the whole terminal until the signal says so, and gives the terminal back, whatever happens. */
export async function showLive(view: LiveView): Promise<void> {
  const { io, address, filters, clock, signal } = view
  const screen = new Screen(io)
  const ended = new AbortController()
  const stop = AbortSignal.any([signal, ended.signal])
  const client = new DaemonClient({ address, clock, signal: stop })
  const state = new State(view, client)
  const draw = (): void => {
    // What was asked is answered no more: it would look as if nothing were known.
    if (!stop.aborted) screen.draw(liveLines(state.scene(), io.terminal))
  }
  const following = each(follow({ client, filters, clock, signal: stop }), (seen) => {
    // Whoever is told that there is no daemon wants to read it: the screen is taken once there is something to show.
    if (!state.envelope) screen.open()
    state.look(seen)
    draw()
  })
  const asking = every(STATUS_PERIOD, { clock, stop }, async () => {
    await state.ask()
    draw()
  })
  const ticking = every(TICK, { clock, stop }, draw)
  try {
    await Promise.race([following, asking.then(() => following), ticking.then(() => following)])
  } finally {
    ended.abort()
    screen.close()
    await Promise.allSettled([following, asking, ticking])
  }
}

async function each<T>(items: AsyncIterable<T>, take: (item: T) => void): Promise<void> {
  for await (const item of items) take(item)
}

interface Pace {
  readonly clock: Clock
  readonly stop: AbortSignal
}

async function every(ms: number, { clock, stop }: Pace, act: () => Promise<void> | void): Promise<void> {
  while (!stop.aborted) {
    await act()
    await sleep(clock, ms, stop).catch(() => undefined)
  }
}

/** What is known of the daemon. */
class State {
  readonly #view: LiveView
  readonly #client: DaemonClient
  envelope: Published | undefined
  #lost: string | undefined
  #status: Status | undefined
  /** How far the cluster's time is ahead of ours, in milliseconds. */
  #ahead = 0
  #lately: readonly Heard[] = []

  constructor(view: LiveView, client: DaemonClient) {
    this.#view = view
    this.#client = client
  }

  look({ envelope, changes, lost }: Seen): void {
    this.#view.seen?.(envelope)
    if (!this.envelope) this.#ahead = Date.parse(envelope.generatedAt) - this.#view.clock.now()
    this.envelope = envelope
    this.#lost = lost
    const at = this.#now()
    const heard = changes.filter(isNews).map((change) => ({ at, change }))
    this.#lately = [...heard, ...this.#lately].slice(0, REMEMBERED)
  }

  async ask(): Promise<void> {
    try {
      this.#status = await this.#client.status()
      this.#ahead = Date.parse(this.#status.now) - this.#view.clock.now()
    } catch (error) {
      if (!(error instanceof DaemonError) && !this.#view.signal.aborted) throw error
      // What it last said of itself may be true no more; that it does not answer is said by whoever follows its findings.
      this.#status = undefined
    }
  }

  scene(): Scene {
    return {
      url: this.#client.url,
      notes: this.#view.notes(),
      envelope: this.envelope,
      status: this.#status,
      lost: this.#lost,
      lately: this.#lately,
      now: this.#now(),
    }
  }

  #now(): number {
    return this.#view.now?.() ?? this.#view.clock.now() + this.#ahead
  }
}
