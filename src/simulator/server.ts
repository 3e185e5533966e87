import type { Clock } from '../util/clock.ts'
import { oneChunk, type Answer } from './answer.ts'
import { encode, type Encoded } from './encode.ts'
import { exchangeOf, type Exchange, type SimulatedRequest, type SimulatedResponse } from './exchange.ts'
import { Faults, NetworkFault, type FaultAnswer, type FaultTools, type Striking } from './faults.ts'
import { handle, type ServerState } from './handle.ts'
import { listen, type ListenOptions, type Listening } from './http.ts'
import { KindRegistry, METRICS_KINDS, resourceOf } from './kinds.ts'
import { Life } from './life.ts'
import type { MetricsProvider } from './metrics.ts'
import { newUid } from './object.ts'
import { RequestLog, type LogEntry } from './request-log.ts'
import { AccessControl } from './rbac.ts'
import { finishNamespace } from './remove.ts'
import { Refusal } from './status.ts'
import { ObjectTable } from './table.ts'
import { Tokens, type User } from './users.ts'

export interface SimulatedApiServerOptions {
  readonly clock: Clock
  /** At least 0, less than 1; the same numbers give the same uids and the same jitter. */
  readonly random: () => number
  /** The objects to serve, when another server has them too; default an own table. */
  readonly table?: ObjectTable | undefined
  /** How many changes of each kind are kept; default 10,000. */
  readonly history?: number | undefined
  /** Default `v1.36.3`. */
  readonly version?: string | undefined
  /** Who asks without a token; default an administrator. */
  readonly defaultUser?: User | undefined
  /** Whether a watch may begin with what is there (gate WatchList); default yes. */
  readonly watchList?: boolean | undefined
  /** Whether discovery gives everything in one answer; default yes. */
  readonly aggregatedDiscovery?: boolean | undefined
  /** Events that may wait for a slow watcher before it is cut off; default 100,000. */
  readonly mostWaiting?: number | undefined
  /** Names every server that messages should tell apart; default `https://simulator`. */
  readonly place?: string | undefined
}

/** An API server in one process. `request` is a transport's; `listen` serves the same over HTTP. */
export class SimulatedApiServer {
  readonly place: string
  readonly table: ObjectTable
  readonly kinds = new KindRegistry()
  readonly faults = new Faults()
  readonly log: RequestLog
  readonly tokens: Tokens
  readonly access: AccessControl
  readonly #state: Omit<ServerState, 'metrics'>
  readonly #lives = new Set<Life>()
  readonly #listening = new Set<Listening>()
  #metrics: MetricsProvider | undefined
  #up = true

  constructor(options: SimulatedApiServerOptions) {
    const { clock, random, table = new ObjectTable(options) } = options
    this.place = options.place ?? 'https://simulator'
    this.table = table
    this.log = new RequestLog(() => clock.now())
    this.tokens = new Tokens({ clock, random, table })
    this.access = new AccessControl(table)
    this.#state = {
      table,
      kinds: this.kinds,
      clock,
      random,
      gate: { tokens: this.tokens, access: this.access, defaultUser: options.defaultUser },
      version: options.version ?? 'v1.36.3',
      watchList: options.watchList ?? true,
      aggregatedDiscovery: options.aggregatedDiscovery ?? true,
      mostWaiting: options.mostWaiting ?? 100_000,
    }
    table.subscribe(({ before, after }) => {
      const { namespace } = before?.metadata ?? {}
      if (after === undefined && namespace !== undefined) finishNamespace(table, namespace)
    })
  }

  /** Has a metrics API from now on, or (without a provider) has none. */
  provideMetrics(provider: MetricsProvider | undefined): void {
    this.#metrics = provider
    for (const kind of METRICS_KINDS) {
      if (provider === undefined) this.kinds.unregister(resourceOf(kind))
      else this.kinds.register(kind)
    }
  }

  /** Whether it answers. */
  get up(): boolean {
    return this.#up
  }

  /** Breaks every connection and takes no new one, as a server that was killed. */
  async down(): Promise<void> {
    this.#up = false
    for (const life of this.#lives) life.break(new NetworkFault('ECONNRESET'), 'reset')
    for (const one of this.#listening) await one.refuse()
  }

  /** Answers again, at the same address. What was being watched before is remembered as far as the table remembers. */
  async comeUp(): Promise<void> {
    this.#up = true
    for (const one of this.#listening) await one.accept()
  }

  /** Serves the same over HTTP, on loopback. */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    const listening = await listen((request) => this.request(request), options)
    this.#listening.add(listening)
    const close = (): Promise<void> => {
      this.#listening.delete(listening)
      return listening.close()
    }
    return { ...listening, close }
  }

  /** @throws NetworkFault when there is no connection, and whatever the request's signal says when it comes first. */
  async request(request: SimulatedRequest): Promise<SimulatedResponse> {
    request.signal?.throwIfAborted()
    const life = new Life(request.signal, () => void this.#lives.delete(life))
    this.#lives.add(life)
    const exchange = exchangeOf(request, this.kinds, life.signal)
    const entry = this.log.begin(exchange)
    life.note(entry)
    try {
      if (!this.#up) throw new NetworkFault('ECONNREFUSED')
      const { status, headers, bytes } = await this.#answer(exchange, life, entry)
      life.signal.throwIfAborted()
      entry.answered(status)
      return { status, headers: { ...this.#usualHeaders(), ...headers }, body: life.body(bytes) }
    } catch (error) {
      life.fail(error)
      throw error
    }
  }

  async #answer(exchange: Exchange, life: Life, entry: LogEntry): Promise<Encoded> {
    const striking = this.faults.striking(exchange).map((strike) => ({ ...strike, tools: this.#tools(strike, life) }))
    const encoded = await this.#beneath(exchange, striking, entry)
    let { bytes } = encoded
    for (const { effect, tools } of striking) if ('bytes' in effect) bytes = effect.bytes(bytes, tools)
    return { ...encoded, bytes }
  }

  async #beneath(exchange: Exchange, striking: readonly Strike[], entry: LogEntry): Promise<Encoded> {
    for (const { effect, tools } of striking) {
      if ('before' in effect) await effect.before(tools)
      if ('answer' in effect) return faultAnswer(effect.answer(tools), tools)
    }
    const state = { ...this.#state, table: this.#tableFor(striking), metrics: this.#metrics }
    const answer = await handle(state, exchange, (user) => entry.user(user.username)).catch(refused)
    return encode(answer, exchange.headers['accept-encoding'], (frames) => {
      let changed = frames
      for (const { effect, tools } of striking) if ('frames' in effect) changed = effect.frames(changed, tools)
      return changed
    })
  }

  #tableFor(striking: readonly Strike[]): ObjectTable {
    const { effect, tools } = striking.findLast((strike) => 'from' in strike.effect) ?? {}
    if (effect === undefined || !('from' in effect)) return this.table
    tools?.reached()
    return effect.from
  }

  #tools({ reached }: Striking, life: Life): FaultTools {
    const { clock, random } = this.#state
    return { clock, random, signal: life.signal, reached, ends: (how) => life.willEnd(how) }
  }

  #usualHeaders(): Record<string, string> {
    const { clock, random } = this.#state
    return {
      'audit-id': newUid(random),
      'cache-control': 'no-cache, private',
      date: new Date(clock.now()).toUTCString(),
    }
  }
}

type Strike = Striking & { readonly tools: FaultTools }

function faultAnswer({ status, headers = {}, body }: FaultAnswer, tools: FaultTools): Encoded {
  tools.reached()
  return { status, headers, bytes: oneChunk(body) }
}

function refused(error: unknown): Answer {
  if (!(error instanceof Refusal)) throw error
  const { code: status, headers, body } = error
  return typeof body === 'string' ? { status, headers, text: body } : { status, headers, json: body }
}
