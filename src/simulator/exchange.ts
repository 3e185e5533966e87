import { resourceOf, type KindRegistry, type SimulatedKind } from './kinds.ts'

/** A request, as a transport sends it. */
export interface SimulatedRequest {
  readonly method: string
  /** Below the server's root; may end in a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SimulatedResponse {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
}

/** What is asked of a resource, in the words of RBAC; `path` of anything else. */
export type Verb = 'list' | 'watch' | 'get' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'path'

/** The resource that a path is of. */
export interface Route {
  readonly kind: SimulatedKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** A request with what the server makes of it. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly verb: Verb
  readonly route: Route | undefined
  /** `plural.group`, empty when the path is of none. */
  readonly resource: string
  /** Aborts when the exchange is over, for whatever reason. */
  readonly signal: AbortSignal
}

const RESOURCE = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/(.+)$/
const NAMESPACED = /^namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/
const PLAIN = /^([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/
/** Parts of a namespace itself, not resources within it. */
const OF_NAMESPACES = new Set(['status', 'finalize'])

interface Place {
  readonly namespace: string | undefined
  readonly plural: string
  readonly name: string | undefined
  readonly subresource: string | undefined
}

function placeOf(rest: string): Place {
  const within = NAMESPACED.exec(rest)
  if (within && !OF_NAMESPACES.has(within[2] ?? '')) {
    const [, namespace, plural = '', name, subresource] = within
    return { namespace, plural, name, subresource }
  }
  const [, plural = '', name, subresource] = PLAIN.exec(rest) ?? []
  return { namespace: undefined, plural, name, subresource }
}

/** Reads a path; `undefined` when it is of no kind that the server has. */
function routeOf(path: string, kinds: KindRegistry): Route | undefined {
  const [, core, group, rest = ''] = RESOURCE.exec(path) ?? []
  const apiVersion = core ?? group
  if (apiVersion === undefined) return undefined
  const { namespace, plural, name, subresource } = placeOf(rest)
  const kind = kinds.byPlural(apiVersion, plural)
  if (kind === undefined || (namespace !== undefined && !kind.namespaced)) return undefined
  return { kind, namespace, name: decoded(name), subresource }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return text
  }
}

const OF_OBJECTS: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const YES = new Set(['1', 'true'])

/** Whether a parameter says yes, as Go reads it. */
export const isYes = (value: string | undefined): boolean => value !== undefined && YES.has(value.toLowerCase())

function verbOf(method: string, route: Route | undefined, query: Exchange['query']): Verb {
  if (route === undefined) return 'path'
  if (method === 'POST') return 'create'
  if (route.name !== undefined) return OF_OBJECTS[method] ?? 'path'
  if (method === 'DELETE') return 'deletecollection'
  if (method !== 'GET') return 'path'
  return isYes(query['watch']) ? 'watch' : 'list'
}

/** Makes an exchange of a request. */
export function exchangeOf(request: SimulatedRequest, kinds: KindRegistry, signal: AbortSignal): Exchange {
  const [path = '', search] = request.path.split('?', 2)
  const query = { ...Object.fromEntries(new URLSearchParams(search)), ...request.query }
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const route = routeOf(path, kinds)
  return {
    method: request.method,
    path,
    query,
    headers,
    body: request.body ?? '',
    verb: verbOf(request.method, route, query),
    route,
    resource: route === undefined ? '' : resourceOf(route.kind),
    signal,
  }
}
