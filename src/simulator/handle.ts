import type { Clock } from '../util/clock.ts'
import type { Answer } from './answer.ts'
import { authenticate, authorize, type Gate } from './authorize.ts'
import { describeServer } from './discovery.ts'
import type { Exchange, Route } from './exchange.ts'
import { METRICS_KINDS, REVIEW_KINDS, type KindRegistry } from './kinds.ts'
import { listOptions } from './list-options.ts'
import { listObjects } from './list.ts'
import { shapeFor } from './shape.ts'
import { readMetrics, type MetricsProvider } from './metrics.ts'
import { review, tokenRequest } from './reviews.ts'
import { deleteCollection, deleteObject } from './remove.ts'
import { methodNotAllowed } from './status.ts'
import type { User } from './users.ts'
import { checkPart, createObject, existing, patchObject, updateObject } from './write.ts'
import type { ObjectTable } from './table.ts'
import { watchObjects } from './watch.ts'

/** What requests are answered from. */
export interface ServerState {
  readonly table: ObjectTable
  readonly kinds: KindRegistry
  readonly clock: Clock
  readonly random: () => number
  readonly gate: Gate
  /** `undefined`: there is no metrics API. */
  readonly metrics: MetricsProvider | undefined
  readonly version: string
  readonly watchList: boolean
  readonly aggregatedDiscovery: boolean
  readonly mostWaiting: number
}

type Asked = Exchange & { readonly user: User }
type Handler = (state: ServerState, exchange: Asked, route: Route) => Promise<Answer>

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

const get: Handler = async ({ table }, exchange, route) => {
  checkPart(route)
  const shape = shapeFor(route.kind, exchange.headers['accept'], 'get')
  return { status: 200, json: shape.one(existing(table, route)) }
}

const create: Handler = async (state, exchange, route) => {
  const { kind, name, subresource } = route
  if (REVIEW_KINDS.includes(kind)) return review(state.gate, kind, { body: exchange.body, user: exchange.user })
  if (kind.kind === 'ServiceAccount' && name !== undefined && subresource === 'token')
    return tokenRequest(state.gate, existing(state.table, route), exchange.body)
  return createObject(state, exchange, route)
}

const HANDLERS: Readonly<Partial<Record<Exchange['verb'], Handler>>> = {
  list,
  watch,
  get,
  create,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
}

/**
 * Answers a request as an API server does. `onUser` hears who asks.
 * @throws Refusal
 */
export async function handle(state: ServerState, exchange: Exchange, onUser: (user: User) => void): Promise<Answer> {
  const user = authenticate(state.gate, exchange)
  onUser(user)
  authorize(state.gate, user, exchange)
  const { route, verb, method } = exchange
  if (route === undefined) {
    const answer = describe(state, exchange)
    if (method !== 'GET') throw methodNotAllowed()
    return answer
  }
  const handler = HANDLERS[verb]
  if (handler === undefined || route.kind.verbs?.includes(verb) === false) throw methodNotAllowed()
  if (state.metrics !== undefined && METRICS_KINDS.includes(route.kind))
    return readMetrics(state.metrics, exchange, route)
  return handler(state, { ...exchange, user }, route)
}

function describe({ kinds, version, aggregatedDiscovery }: ServerState, { path, headers }: Exchange): Answer {
  return describeServer({ kinds: kinds.all, version, aggregated: aggregatedDiscovery }, path, headers['accept'])
}
