import { Churn } from './churn.ts'
import type { Sizes } from './layout.ts'
import { LoadServer, type Refusal } from './server.ts'
import { ABSENT, stateOf } from './slot.ts'
import type { Trouble } from './watches.ts'
import { World } from './world.ts'

const RUNNING = stateOf('running')

/** Changes that a watch can be resumed over; about what an API server keeps of a busy kind. */
const REMEMBERED = 100_000

export interface LoadFigures {
  /** How often each method and path was asked for, since it was last looked at. */
  readonly asked: Readonly<Record<string, number>>
  readonly rv: number
  readonly watches: number
  readonly cpuSeconds: number
  readonly rssMegabytes: number
}

/** What a load server in another process can be told. */
export interface LoadOrders {
  readonly start: (order: { sizes: Sizes }) => Promise<number>
  /** So many events a second from now on. */
  readonly churn: (order: { rate: number }) => void
  /** So many events, as fast as they can be made. */
  readonly emit: (order: { count: number }) => void
  /** A pod of each of these apps has crashed six times. @returns when, in milliseconds since 1970. */
  readonly crash: (order: { apps: readonly number[] }) => number
  readonly trouble: (order: { kind: Trouble }) => number
  readonly stall: (order: { on: boolean }) => number
  readonly refuse: (order: Refusal) => void
  /** How many refusals are left: 0 when all of them were met. */
  readonly refused: () => number
  readonly away: () => Promise<void>
  readonly back: () => Promise<void>
  /** Says `asked` by itself when the next request comes. */
  readonly arm: () => void
  readonly figures: () => LoadFigures
  /** `uid resourceVersion` of everything of a kind. */
  readonly state: (order: { resource: string }) => readonly string[]
}

const NAMES = /"uid":"([^"]+)","resourceVersion":"(\d+)"/

function stateOfKind(world: World, resource: string): string[] {
  const kind = world.kinds.get(resource)
  if (kind === undefined) throw new Error(`no ${resource} here`)
  return Array.from({ length: kind.count }, (_, index) => world.slot(resource, index))
    .filter(({ state }) => state !== ABSENT)
    .map((slot) => {
      const [, uid, rv] = NAMES.exec(kind.render(slot, 'text')) ?? []
      return `${uid} ${rv}`
    })
}

/** Carries the orders out; each is a message with a number, and so is its answer. */
class Control implements LoadOrders {
  #server: LoadServer | undefined
  #churn: Churn | undefined
  #port = 0

  readonly #tell: (what: string) => void

  constructor(tell: (what: string) => void) {
    this.#tell = tell
  }

  get #running(): LoadServer {
    if (this.#server === undefined) throw new Error('not started')
    return this.#server
  }

  readonly start = async ({ sizes }: { sizes: Sizes }): Promise<number> => {
    const world = new World(sizes, { now: Date.now(), remembered: REMEMBERED })
    this.#server = new LoadServer(world)
    this.#churn = new Churn(world, Date.now)
    this.#port = await this.#server.listen()
    return this.#port
  }

  readonly churn = ({ rate }: { rate: number }): void => (rate === 0 ? this.#churn?.stop() : this.#churn?.start(rate))
  readonly emit = ({ count }: { count: number }): void => this.#churn?.emit(count)

  readonly crash = ({ apps }: { apps: readonly number[] }): number => {
    const { world } = this.#running
    const now = Date.now()
    for (const app of apps)
      world.change('pods', 'MODIFIED', { index: this.#settled(app), state: stateOf('crashed'), since: now })
    world.announce()
    return now
  }

  /** A pod of an app that runs, and is not about to be replaced. */
  #settled(app: number): number {
    const { world } = this.#running
    const { podsEach, pods } = world.layout.sizes
    for (let pod = (app + 1) * podsEach - 1; pod >= app * podsEach; pod--)
      if (pod < pods && world.slot('pods', pod).state === RUNNING && !this.#churn?.replaces(pod)) return pod
    throw new Error(`app ${app} has no pod that could crash`)
  }

  readonly trouble = ({ kind }: { kind: Trouble }): number => {
    const { world, lists, watches } = this.#running
    if (kind === 'expire') {
      world.forget()
      lists.expire()
    }
    return watches.trouble(kind)
  }

  readonly stall = ({ on }: { on: boolean }): number => this.#running.watches.stall(on)
  readonly refuse = (order: Refusal): void => {
    this.#running.refusal = { ...order }
  }
  readonly refused = (): number => this.#running.refusal?.left ?? 0
  readonly away = (): Promise<void> => this.#running.away()
  readonly back = async (): Promise<void> => void (await this.#running.listen(this.#port))

  readonly arm = (): void => {
    this.#running.firstAsked = () => this.#tell('asked')
  }

  readonly figures = (): LoadFigures => {
    const { asked, world, watches } = this.#running
    const seen = Object.fromEntries(asked)
    asked.clear()
    const { user, system } = process.cpuUsage()
    return {
      asked: seen,
      rv: world.rv,
      watches: watches.count,
      cpuSeconds: (user + system) / 1e6,
      rssMegabytes: process.memoryUsage.rss() / 2 ** 20,
    }
  }

  readonly state = ({ resource }: { resource: string }): readonly string[] => stateOfKind(this.#running.world, resource)
}

interface Message {
  readonly id: number
  readonly order: keyof LoadOrders
  readonly with: never
}

/** Listens for orders and answers them. */
export function control(
  onMessage: (listener: (message: Message) => void) => void,
  answer: (answer: { id: number; result?: unknown; error?: string } | { tell: string }) => void,
): void {
  const orders: LoadOrders = new Control((what) => answer({ tell: what }))
  onMessage(({ id, order, with: what }) => {
    const carryOut = async (): Promise<unknown> => orders[order](what)
    carryOut().then(
      (result) => answer({ id, result }),
      (error: unknown) => answer({ id, error: String(error) }),
    )
  })
}
