import assert from 'node:assert/strict'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import { KINDS } from '../../src/cluster/kinds.ts'
import { targetOf } from '../../src/cluster/kind-look.ts'
import type { Freshness, WatchState } from '../../src/cluster/freshness.ts'
import type { Looks } from '../../src/cluster/look.ts'
import type { Mirror } from '../../src/cluster/mirror.ts'
import type { Transport } from '../../src/cluster/transport.ts'
import { ClusterWatch, type WatchOptions } from '../../src/cluster/watch/cluster-watch.ts'
import { CountedTransport } from '../../src/cluster/watch/counted-transport.ts'
import { OutageGate } from '../../src/cluster/watch/outage-gate.ts'
import { isWell } from '../../src/cluster/watch/probe.ts'
import { Reflector } from '../../src/cluster/watch/reflector.ts'
import { Slots } from '../../src/cluster/watch/slots.ts'
import type { LoggedRequest } from '../../src/simulator/request-log.ts'
import type { SimulatedApiServer, SimulatedApiServerOptions } from '../../src/simulator/server.ts'
import type { ObjectTable } from '../../src/simulator/table.ts'
import type { Fields, Logger } from '../../src/util/logger.ts'
import { rest, type VirtualClock } from '../../src/util/virtual-clock.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { simulation } from './simulator.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

const nameKey = ({ kind, metadata }: AnyObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`

/** A mirror that holds what it is given, and what it was told. */
export class Cache implements Mirror {
  readonly objects = new Map<string, AnyObject>()
  readonly told: {
    readonly what: 'put' | 'gone'
    readonly name: string
    readonly uid: string
    readonly witnessed: boolean
  }[] = []
  readonly looks: Looks[] = []
  readonly #byName = new Map<string, string>()
  /** Objects that it does not take. */
  readonly refuses = new Set<string>()

  put(object: AnyObject): void {
    const { uid, name } = object.metadata
    if (this.refuses.has(name)) throw new Error(`cannot store ${name}`)
    const former = this.#byName.get(nameKey(object))
    if (former !== undefined && former !== uid) this.remove(former, false)
    this.#byName.set(nameKey(object), uid)
    this.objects.set(uid, object)
    this.told.push({ what: 'put', name, uid, witnessed: true })
  }

  remove(uid: string, witnessed: boolean): void {
    const object = this.objects.get(uid)
    if (object === undefined) return
    this.objects.delete(uid)
    this.#byName.delete(nameKey(object))
    this.told.push({ what: 'gone', name: object.metadata.name, uid, witnessed })
  }

  watch(looks: Looks): void {
    this.looks.push(looks)
  }

  /** Forgets what it was told, and holds on. */
  clear(): void {
    this.told.length = 0
    this.looks.length = 0
  }

  names(kind = 'Pod'): string[] {
    return [...this.objects.values()]
      .filter((object) => object.kind === kind)
      .map(({ metadata }) => metadata.name)
      .toSorted()
  }

  /** What became of an object of this name, in order. */
  storyOf(name: string): string[] {
    return this.told
      .filter((one) => one.name === name)
      .map(({ what, witnessed }) => (what === 'put' ? 'put' : witnessed ? 'seen to go' : 'gone'))
  }
}

/** A logger that keeps its lines. */
export function lines(): Logger & { readonly said: { level: string; event: string; fields: Fields }[] } {
  const said: { level: string; event: string; fields: Fields }[] = []
  const at =
    (level: string) =>
    (event: string, fields: Fields = {}): void =>
      void said.push({ level, event, fields })
  return { said, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const identify = (object: {
  readonly kind: string
  readonly metadata: { readonly uid?: string; readonly resourceVersion?: string }
}): string => `${object.kind} ${object.metadata.uid} ${object.metadata.resourceVersion}`

/** Invariant 37: what is held is what the server has, by uid and version. */
export function assertSame(
  cache: Cache,
  table: ObjectTable,
  kinds: readonly string[] = KINDS.map(({ resource }) => resource),
): void {
  const watched = KINDS.filter(({ resource }) => kinds.includes(resource) && !resource.includes('metrics'))
  const there = watched.flatMap((kind) => table.list(kind)).filter((object) => object['type'] !== 'Normal')
  assert.deepEqual([...cache.objects.values()].map(identify).toSorted(), there.map(identify).toSorted())
}

/** Most requests that came within any such time. */
export function busiest(requests: readonly LoggedRequest[], within = MINUTE): number {
  const times = requests.map(({ at }) => at)
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + within).length))
}

export interface Watching extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly server: SimulatedApiServer
  readonly cache: Cache
  readonly said: ReturnType<typeof lines>['said']
  /** How a kind is watched, in its only place. */
  freshness(resource?: string): Freshness
  /** Each state that a kind has been in, in order. */
  readonly states: WatchState[]
  stop(): Promise<void>
}

/** Ends it, and holds that nothing is left of it. */
async function settle(
  watching: Pick<Watching, 'clock' | 'server' | 'cache'>,
  stop: () => Promise<void>,
): Promise<void> {
  const { clock, server, cache } = watching
  const timers = clock.waiting
  const before = cache.told.length
  await stop()
  await rest()
  assert.deepEqual(server.log.open(), [], 'a request goes on')
  assert.equal(cache.told.length, before, 'something was heard after the end')
  assert.ok(clock.waiting <= timers)
}

/** One kind of a simulated cluster, watched. Timers of the server apart, nothing is left of it afterwards. */
export function watchOne(
  setup: (server: SimulatedApiServer) => void = () => undefined,
  options: Partial<SimulatedApiServerOptions> & {
    readonly resource?: string
    readonly optional?: boolean
    readonly transport?: (inner: Transport) => Transport
  } = {},
): Watching & { readonly transport: CountedTransport } {
  const { resource = 'pods', optional = false, transport: wrap = (inner) => inner, ...simulated } = options
  const { clock, server, transport: inner } = simulation(simulated)
  setup(server)
  const logger = lines()
  const random = seededRandom(7)
  const stop = new AbortController()
  const transport = new CountedTransport(wrap(inner))
  const probe = () => isWell(transport, clock, stop.signal)
  const kind = KINDS.find((one) => one.resource === resource)
  assert.ok(kind)
  const cache = new Cache()
  const states: WatchState[] = []
  const reflector = new Reflector({
    context: {
      transport,
      clock,
      random,
      logger,
      gate: new OutageGate({ clock, random, logger, signal: stop.signal, probe }),
      syncs: new Slots(2),
      openings: new Slots(4),
      stretch: () => 1,
    },
    mirror: cache,
    target: targetOf(kind),
    namespace: undefined,
    optional,
    rank: 0,
    onState: (watch, before) => {
      const [place] = watch.freshness()
      if (place && place.state !== before) states.push(place.state)
    },
  })
  const running = reflector.run(stop.signal)
  let stopped = false
  const watching = { clock, server, cache }
  const end = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await settle(watching, async () => {
      stop.abort()
      await running
    })
    assert.equal(clock.waiting, 0, 'a timer is left')
  }
  return {
    ...watching,
    transport,
    said: logger.said,
    states,
    freshness: () => {
      const [place] = reflector.freshness()
      assert.ok(place)
      return place
    },
    stop: end,
    [Symbol.asyncDispose]: end,
  }
}

/** A whole simulated cluster, watched. */
export function watchAll(
  setup: (server: SimulatedApiServer) => void = () => undefined,
  options: Partial<SimulatedApiServerOptions> & { readonly watch?: Partial<WatchOptions> } = {},
): Watching & { readonly watch: ClusterWatch } {
  const { watch: given = {}, ...simulated } = options
  const { clock, server, transport } = simulation(simulated)
  setup(server)
  const logger = lines()
  const cache = new Cache()
  const watch = new ClusterWatch({ transport, clock, random: seededRandom(7), logger, mirror: cache, ...given })
  const running = watch.start()
  let stopped = false
  const end = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await settle({ clock, server, cache }, async () => {
      await watch.stop()
      await running
    })
    assert.equal(clock.waiting, 0, 'a timer is left')
  }
  return {
    clock,
    server,
    cache,
    watch,
    said: logger.said,
    states: [],
    freshness: (resource = 'pods') => {
      const place = watch.freshness().find((one) => one.resource === resource)
      assert.ok(place)
      return place
    },
    stop: end,
    [Symbol.asyncDispose]: end,
  }
}

type Labels = Readonly<Record<string, string>>

export const POD = { apiVersion: 'v1', kind: 'Pod' } as const
export const podDraft = (name: string, labels: Labels = {}) => ({
  ...POD,
  metadata: { name, namespace: 'shop', labels },
})
const ref = (name: string) => ({ ...POD, namespace: 'shop', name })

/** Pods by name. */
export const createPods =
  (...names: string[]) =>
  ({ table }: SimulatedApiServer): void => {
    for (const name of names) table.create(podDraft(name))
  }

/** Changes a pod, so that its version moves. */
export const touch = ({ table }: SimulatedApiServer, name: string, value = 'touched'): void => {
  const done = table.edit(ref(name), (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { value } } }))
  assert.ok(done, `there is no pod ${name}`)
}

export const removePod = ({ table }: SimulatedApiServer, name: string): void => {
  assert.ok(table.remove(ref(name)), `there is no pod ${name}`)
}

/** Requests of one kind, in order. */
export const asked = (
  { log }: SimulatedApiServer,
  verb?: LoggedRequest['verb'],
  resource = 'pods',
): readonly LoggedRequest[] => log.find({ resource, verb })

/** Whether a request goes on from a version, and does not ask for everything. */
export const resumes = ({ query }: { readonly query: Readonly<Record<string, string>> }): boolean =>
  query['watch'] !== undefined && query['resourceVersion'] !== undefined

/** Requests that go on with the watch of pods. */
export const RESUMED_PODS = { resource: 'pods', where: resumes }

/** Requests a minute that a server in trouble is asked at most. */
export const POLITE = 30

/** Waits until a watch has come to its end and the next one goes on from there. */
export async function reopen({ clock, server }: Pick<Watching, 'clock' | 'server'>): Promise<void> {
  const before = asked(server).filter(resumes).length
  for (let i = 0; i < 660; i++) {
    if (asked(server).filter(resumes).length > before) return
    await clock.advance(SECOND)
  }
  assert.fail('no watch was resumed')
}
