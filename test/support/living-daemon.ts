import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { configSchema, type Config } from '../../src/config.ts'
import { Daemon } from '../../src/daemon.ts'
import type { DaemonOptions } from '../../src/daemon-options.ts'
import type { LoggedRequest } from '../../src/simulator/request-log.ts'
import { SimulatedApiServer } from '../../src/simulator/server.ts'
import type { Behaviour } from '../../src/simulator/world/behaviour.ts'
import { deployment, type App } from '../../src/simulator/world/manifests.ts'
import { namespace, node, storageClass } from '../../src/simulator/world/platform-manifests.ts'
import { World } from '../../src/simulator/world/world.ts'
import type { Envelope, FindingView } from '../../src/sinks/envelope.ts'
import type { Status } from '../../src/sinks/status.ts'
import type { Turn } from '../../src/turns.ts'
import { systemClock, type Clock } from '../../src/util/clock.ts'
import { formatTime, MINUTE, parseTime, SECOND } from '../../src/util/time.ts'
import { rest, VirtualClock } from '../../src/util/virtual-clock.ts'
import { NOW } from './build.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { transportTo } from '../../src/cli/demo/transport.ts'
import { lines } from './watching.ts'
import { someApp } from './worlds.ts'

/** A machine's clock that was set wrong, or is set anew, while time goes on. */
export class WrongClock implements Clock {
  readonly #inner: Clock
  /** Milliseconds that it is ahead. */
  ahead: number

  constructor(inner: Clock, ahead = 0) {
    this.#inner = inner
    this.ahead = ahead
  }

  now(): number {
    return this.#inner.now() + this.ahead
  }

  after(ms: number, call: () => void): () => void {
    return this.#inner.after(ms, call)
  }
}

/** A clock of a process that stands still now and then: its timers ring late, all at once. */
export class StalledClock implements Clock {
  readonly #inner: Clock
  #late: (() => void)[] | undefined

  constructor(inner: Clock) {
    this.#inner = inner
  }

  now(): number {
    return this.#inner.now()
  }

  after(ms: number, call: () => void): () => void {
    let off = false
    const ring = (): void => {
      if (!off) call()
    }
    const cancel = this.#inner.after(ms, () => {
      if (this.#late) this.#late.push(ring)
      else ring()
    })
    return () => {
      off = true
      cancel()
    }
  }

  stop(): void {
    this.#late = []
  }

  goOn(): void {
    const late = this.#late ?? []
    this.#late = undefined
    for (const ring of late) ring()
  }
}

/** A cluster of a few nodes that lives in virtual time, on a simulated API server. */
export class Cluster {
  readonly clock = new VirtualClock(NOW)
  readonly server: SimulatedApiServer
  readonly world: World

  constructor({ nodes = 1, seed = 1 } = {}) {
    const { clock } = this
    const random = seededRandom(seed)
    this.server = new SimulatedApiServer({ clock, random })
    this.world = new World(this.server.table, { clock, random })
    this.server.provideMetrics(this.world.metrics)
    const at = formatTime(clock.now())
    for (const name of ['kube-system', 'shop']) this.world.store.create(namespace(name, at))
    this.world.store.create(storageClass(at))
    for (let number = 0; number < nodes; number++) this.world.store.create(node(`node-${number + 1}`, number, at))
    this.world.start()
  }

  /** Deploys an app of the namespace `shop` that behaves so. */
  deploy(name: string, behaviour?: Behaviour, app: Partial<App> = {}): void {
    if (behaviour) this.world.behaviours.set(`shop/${name}`, behaviour)
    this.world.store.create(deployment(someApp({ name, ...app }), formatTime(this.clock.now())))
  }

  /** Lets so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
  }
}

/** One turn of a finding, with when it was told. */
export interface Told extends Turn {
  readonly at: number
}

export interface DaemonSetup extends Partial<Omit<DaemonOptions, 'config'>> {
  readonly config?: object
  /** HOST:PORT of its API; default any port on loopback. */
  readonly listen?: string
}

/** A whole daemon over a cluster in virtual time. */
export class LivingDaemon implements AsyncDisposable {
  readonly daemon: Daemon
  readonly cluster: Pick<Cluster, 'clock' | 'server'>
  readonly said: ReturnType<typeof lines>['said']
  readonly told: Told[] = []
  url = ''
  readonly #stop = new AbortController()
  #running: Promise<readonly string[]> = Promise.resolve([])
  /** Why it came to an end by itself. */
  failed: unknown

  private constructor(daemon: Daemon, cluster: Pick<Cluster, 'clock' | 'server'>, said: LivingDaemon['said']) {
    this.daemon = daemon
    this.cluster = cluster
    this.said = said
  }

  /** Opens a daemon and lets it run. */
  static async open(
    cluster: Pick<Cluster, 'clock' | 'server'>,
    { config = {}, listen, ...options }: DaemonSetup = {},
  ): Promise<LivingDaemon> {
    const logger = lines()
    const daemon = await Daemon.open({
      version: '0.0.0',
      config: configOf(config, listen),
      transport: transportTo(cluster.server),
      clock: cluster.clock,
      wall: systemClock,
      random: seededRandom(7),
      logger,
      namespaces: undefined,
      ownNamespace: undefined,
      stopwatch: () => 0,
      ...options,
      told: {
        listening: (url) => (living.url = url),
        fresh: () => options.told?.fresh([]),
        changed: (turns) => {
          living.told.push(...turns.map((turn) => ({ ...turn, at: cluster.clock.now() })))
          options.told?.changed(turns)
        },
      },
    })
    const living = new LivingDaemon(daemon, cluster, logger.said)
    living.#running = daemon.run(living.#stop.signal)
    living.#running.catch((error: unknown) => (living.failed = error))
    while (living.url === '' && living.failed === undefined) await rest(1)
    return living
  }

  /** Ends it as a signal would; gives what it complains of. */
  async stop(): Promise<readonly string[]> {
    this.#stop.abort()
    return this.#running
  }

  /** Waits until it judges. Little time passes for it: what it reads from the disk is not of the cluster's time. */
  async begun(): Promise<void> {
    for (let i = 0; i < 1_000; i++) {
      if (this.status().ready.synced) return
      await rest(500)
      await this.cluster.clock.advance(20)
    }
    assert.fail('it does not begin')
  }

  /** Ends it as SIGKILL would: of its checkpoint there is what was there before. */
  async kill(): Promise<void> {
    const { path } = this.status().checkpoint
    const files = path === null ? [] : [path, `${path}.recent`]
    const there = new Map(files.map((file) => [file, existsSync(file) ? readFileSync(file) : undefined]))
    await this.stop()
    for (const [file, bytes] of there) {
      if (bytes) writeFileSync(file, bytes)
      else rmSync(file, { force: true })
    }
  }

  /** Waits until a checkpoint of this moment or later is on the disk; time passes until it is written, and little while it is. */
  async saved(): Promise<void> {
    const from = this.cluster.clock.now()
    for (let i = 0; i < 10_000; i++) {
      if ((parseTime(this.status().checkpoint.savedAt ?? undefined) ?? 0) >= from - SECOND) return
      await this.cluster.clock.advance(100)
      await rest(500)
    }
    assert.fail('nothing was saved')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** What the API answers. */
  async get<T = unknown>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`, { headers: { connection: 'close' } })
    assert.equal(response.status, 200, path)
    return (await response.json()) as T
  }

  recommendations(): Promise<Envelope> {
    return this.get<Envelope>('/recommendations')
  }

  status(): Status {
    return this.daemon.status()
  }

  /** `state rule` of each finding in sight, in order. */
  async found(): Promise<string[]> {
    return (await this.recommendations()).items.map(wordsOf).toSorted()
  }

  /** What was told of one rule's findings, as `state` or `before>state`. */
  storyOf(rule: string): string[] {
    return this.told
      .filter(({ finding }) => finding.rule.id === rule)
      .map(({ before, finding }) => (before === undefined ? finding.state : `${before}>${finding.state}`))
  }
}

export const wordsOf = ({ state, rule, target }: FindingView): string =>
  `${state} ${rule.id} ${target.kind}/${target.name}`

export const configOf = (given: object, listen = '127.0.0.1:0'): Config => {
  const config = configSchema.parse({ ...given })
  return { ...config, server: { ...config.server, listen } }
}

/** Invariant 39: the most requests that a server is sent within any minute, watches that are opened again among them. */
export function assertPolite(requests: readonly LoggedRequest[], most: number): void {
  const times = requests.map(({ at }) => at)
  let from = 0
  for (const [to, at] of times.entries()) {
    while ((times[from] ?? 0) <= at - MINUTE) from++
    assert.ok(to - from + 1 <= most, `${to - from + 1} requests in the minute before ${formatTime(at)}`)
  }
}

export { MINUTE, SECOND }
