import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import type { Sight } from '../sinks/published.ts'
import type { Logger } from '../util/logger.ts'
import type { Access, Credentials } from './access/access.ts'
import type { Caller } from './access/reviews.ts'
import type { Answered } from './api.ts'
import { errorBody, Refusal } from './errors.ts'
import { allowsHost, isForeign, type HostRules } from './hosts.ts'
import { readQuery } from './query.ts'
import { openapiRoute } from './openapi.ts'
import type { Rooms, Route } from './route.ts'
import { ROUTES } from './routes/index.ts'

export interface AppEnv {
  // Without a network there is no connection to know anything of.
  Bindings: Partial<HttpBindings>
  Variables: { route: string }
}
export type App = Hono<AppEnv>

export interface AppOptions {
  readonly rooms: Rooms
  readonly logger: Logger
  readonly access: Access
  readonly hosts: HostRules
  readonly answered?: ((request: Answered) => void) | undefined
}

type C = Context<AppEnv>

/** For every answer: nothing of it is to be kept, run, framed or guessed at. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const NOTHING: Sight = new Set()

/** The routes, behind what guards them all. */
export function createApp({ rooms, access, hosts, logger, answered }: AppOptions): App {
  const app: App = new Hono()
  app.use(async (c, next) => {
    const began = rooms.clock.now()
    c.set('route', 'other')
    await next()
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value)
    if (rooms.closing.aborted) c.res.headers.set('connection', 'close')
    answered?.({
      route: c.get('route'),
      method: methodOf(c),
      code: c.res.status,
      seconds: (rooms.clock.now() - began) / 1000,
    })
  })
  app.use(async (c, next) => {
    refuseForeign(c, hosts)
    await next()
  })
  for (const route of [...ROUTES, openapiRoute(ROUTES)]) {
    app.get(route.path, (c) => answer(route, c, { rooms, access }))
    app.all(route.path, (c) => {
      c.set('route', route.path)
      access.count(credentialsOf(c))
      throw new Refusal(405, 'method-not-allowed', 'this API only reads', { headers: { allow: 'GET, HEAD' } })
    })
  }
  app.notFound((c) => written(new Refusal(404, 'not-found', 'no such resource; see /openapi.json'), c))
  app.onError((error, c) => {
    if (error instanceof Refusal) return written(error, c)
    logger.error('request failed', { route: c.get('route'), error: error.message })
    return written(new Refusal(500, 'internal', 'something went wrong; the log says what'), c)
  })
  return app
}

async function answer(route: Route, c: C, { rooms, access }: Pick<AppOptions, 'rooms' | 'access'>): Promise<Response> {
  c.set('route', route.path)
  const { guard } = route
  const credentials = credentialsOf(c)
  if (guard === 'open') access.count(credentials)
  const caller = guard === 'open' ? undefined : await access.callerOf(credentials)
  const request = { context: c, query: readQuery(new URL(c.req.url).searchParams, route.parameters), rooms }
  const sightOf = (who: Caller | undefined): Promise<Sight> =>
    guard === 'open'
      ? Promise.resolve(NOTHING)
      : access.sightOf(who, { resource: guard.resource, namespaces: () => guard.namespaces?.(request) ?? [] })
  const again = async (): Promise<Sight> => sightOf(guard === 'open' ? undefined : await access.identify(credentials))
  return route.answer({ ...request, sight: await sightOf(caller), again })
}

const credentialsOf = (c: C): Credentials => ({
  authorization: c.req.header('authorization'),
  address: c.env?.incoming?.socket.remoteAddress ?? 'unknown',
})

function refuseForeign(c: C, hosts: HostRules): void {
  const host = c.req.header('host') ?? new URL(c.req.url).host
  if (!allowsHost(hosts, host, c.env?.incoming?.socket.localAddress))
    throw new Refusal(421, 'misdirected', 'this API does not go by that name; see server.hosts in the configuration')
  if (isForeign({ host, origin: c.req.header('origin'), site: c.req.header('sec-fetch-site') }))
    throw new Refusal(403, 'foreign-origin', 'a page of another place may not ask')
}

const methodOf = (c: C): Answered['method'] =>
  c.req.method === 'GET' || c.req.method === 'HEAD' ? c.req.method : 'other'

const written = (refusal: Refusal, c: C): Response =>
  c.body(errorBody(refusal), refusal.status, { 'content-type': 'application/json', ...refusal.headers })
