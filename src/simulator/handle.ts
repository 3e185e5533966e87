import type { Clock } from '../util/clock.ts'
import type { Answer } from './answer.ts'
import { describeServer } from './discovery.ts'
import type { Exchange, Route } from './exchange.ts'
import { METRICS_KINDS, type KindRegistry } from './kinds.ts'
import { listOptions } from './list-options.ts'
import { listObjects } from './list.ts'
import { shapeFor } from './shape.ts'
import { methodNotAllowed, notFound, pageNotFound } from './status.ts'
import type { ObjectTable } from './table.ts'
import { watchObjects } from './watch.ts'

/** What requests are answered from. */
export interface ServerState {
  readonly table: ObjectTable
  readonly kinds: KindRegistry
  readonly clock: Clock
  readonly random: () => number
  readonly version: string
  readonly watchList: boolean
  readonly aggregatedDiscovery: boolean
  readonly mostWaiting: number
}

type Handler = (state: ServerState, exchange: Exchange, route: Route) => Promise<Answer>

const list: Handler = async (state, exchange, route) => {
  const options = listOptions(exchange, state.watchList)
  const shape = shapeFor(route.kind, exchange.headers['accept'], 'list')
  return listObjects(state, exchange, { route, options, shape })
}

const watch: Handler = async (state, exchange, route) => {
  const options = listOptions(exchange, state.watchList)
  const shape = shapeFor(route.kind, exchange.headers['accept'], 'watch')
  return watchObjects(state, exchange, { route, options, shape })
}

const get: Handler = async ({ table }, exchange, { kind, namespace, name = '' }) => {
  const shape = shapeFor(kind, exchange.headers['accept'], 'get')
  const object = table.get({ ...kind, namespace, name })
  if (object === undefined) throw notFound(kind, name)
  return { status: 200, json: shape.one(object) }
}

const HANDLERS: Readonly<Partial<Record<Exchange['verb'], Handler>>> = { list, watch, get }

/**
 * Answers a request as an API server does.
 * @throws Refusal
 */
export async function handle(state: ServerState, exchange: Exchange): Promise<Answer> {
  const { route, verb } = exchange
  if (route === undefined) {
    if (exchange.method !== 'GET') throw pageNotFound()
    return describe(state, exchange)
  }
  const handler = HANDLERS[verb]
  if (handler === undefined) throw methodNotAllowed()
  return handler(state, exchange, route)
}

function describe({ kinds, version, aggregatedDiscovery }: ServerState, { path, headers }: Exchange): Answer {
  const source = { kinds: [...kinds.all, ...METRICS_KINDS], version, aggregated: aggregatedDiscovery }
  return describeServer(source, path, headers['accept'])
}
