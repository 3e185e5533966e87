import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiRequest, ApiResponse, Transport } from '../../src/cluster/transport.ts'
import { KINDS } from '../../src/cluster/kinds.ts'
import type { Raw } from './build.ts'

/** What an API server was asked. */
export interface Asked {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or anything else as JSON. */
  readonly body?: unknown
  /** Takes over from here: to break off, to be silent, to go on for ever. */
  readonly act?: (response: ServerResponse) => void
}

export type Handler = (asked: Asked) => Answer

const bytesOf = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}))

/** A refusal as the API server words it. */
export const refusal = (status: number, message: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status },
})

/** A transport without a network. `asked` is what was asked, in order. */
export function memoryTransport(handler: Handler): Transport & { readonly asked: Asked[] } {
  const asked: Asked[] = []
  return {
    place: 'https://memory (context "test")',
    asked,
    async request({ path, query = {}, headers = {}, signal }: ApiRequest): Promise<ApiResponse> {
      signal?.throwIfAborted()
      asked.push({ path, query, headers })
      const answer = handler({ path, query, headers })
      const bytes = bytesOf(answer.body)
      return { status: answer.status ?? 200, headers: answer.headers ?? {}, body: chunks(bytes) }
    },
  }
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = Math.max(100, Math.ceil(bytes.length / 50))
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

export interface Served extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  readonly asked: Asked[]
  /** How many connections were made to it. */
  connections: number
}

/** The same over HTTP on this machine. */
export async function serve(handler: Handler, server: Server = createServer()): Promise<Served> {
  const asked: Asked[] = []
  server.on('request', (request, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://any')
    const one: Asked = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    }
    asked.push(one)
    const answer = handler(one)
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    if (answer.act) answer.act(response)
    else response.end(Buffer.isBuffer(answer.body) ? answer.body : bytesOf(answer.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const served: Served = {
    server,
    asked,
    connections: 0,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  server.on('connection', () => void served.connections++)
  return served
}

export interface FakeCluster {
  readonly objects: readonly Raw[]
  /** Custom kinds that the server has. */
  readonly custom?: readonly { apiVersion: string; kind: string; plural: string; namespaced?: boolean }[]
  /** Groups that the server does not have, of those that are optional. */
  readonly without?: readonly string[]
  /** Answers before the cluster does; `undefined` lets it. */
  readonly instead?: ((asked: Asked) => Answer | undefined) | undefined
  /** Objects on a page. */
  readonly page?: number
}

interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

const OPTIONAL = ['metrics.k8s.io', 'snapshot.storage.k8s.io', 'autoscaling.k8s.io']
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '')

/** An API server with these objects: discovery, versions, namespaces, lists in pages. */
export function fakeCluster({ objects, custom = [], without = OPTIONAL, instead, page = 500 }: FakeCluster): Handler {
  const builtIn = KINDS.filter(({ apiVersion }) => !without.includes(groupOf(apiVersion)))
  const resources: Resource[] = [
    ...builtIn.map((kind) => ({ ...kind, plural: kind.resource.split('.')[0] ?? '' })),
    { apiVersion: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers', namespaced: true },
    ...custom.map((kind) => ({ namespaced: true, ...kind })),
  ]
  const inherent = (asked: Asked): Answer => {
    if (asked.path === '/version') return { body: { gitVersion: 'v1.36.3' } }
    if (asked.path === '/apis') return { body: discovery(resources) }
    const [, name] = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(asked.path) ?? []
    return name === undefined ? listed(asked) : oneNamespace(objects, name)
  }
  const listed = ({ path, query }: Asked): Answer => {
    const place = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(path)
    const [, root, namespace, plural] = place ?? []
    const resource = resources.find((kind) => kind.plural === plural && rootOf(kind) === root)
    if (!resource) return { status: 404, body: '404 page not found\n' }
    const here = objects.filter(({ metadata }) => namespace === undefined || metadata['namespace'] === namespace)
    const of = here.filter(({ apiVersion, kind }) => apiVersion === resource.apiVersion && kind === resource.kind)
    return { body: listOf(resource, of, { from: Number(query['continue'] ?? 0), page }) }
  }
  return (asked) => instead?.(asked) ?? inherent(asked)
}

function oneNamespace(objects: readonly Raw[], name: string): Answer {
  const found = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata['name'] === name)
  return found ? { body: found } : refusal(404, `namespaces "${name}" not found`)
}

const rootOf = ({ apiVersion }: Resource): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`

/** A page of a list as the API server writes it: items without kind and apiVersion. */
export function listOf(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  objects: readonly object[],
  { from = 0, page = 500 }: { from?: number; page?: number } = {},
): object {
  const rest = from + page < objects.length ? { continue: String(from + page) } : {}
  const items = objects
    .slice(from, from + page)
    .map((object) => ({ ...object, kind: undefined, apiVersion: undefined }))
  return { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: '7', ...rest }, items }
}

function discovery(resources: readonly Resource[]): object {
  const groups = Map.groupBy(
    resources.filter(({ apiVersion }) => apiVersion.includes('/')),
    ({ apiVersion }) => groupOf(apiVersion),
  )
  const items = [...groups].map(([name, kinds]) => ({
    metadata: { name },
    versions: [...Map.groupBy(kinds, ({ apiVersion }) => apiVersion.split('/')[1] ?? '')].map(([version, of]) => ({
      version,
      resources: of.map((kind) => ({
        resource: kind.plural,
        responseKind: { group: name, version, kind: kind.kind },
        scope: kind.namespaced ? 'Namespaced' : 'Cluster',
        verbs: ['get', 'list', 'watch'],
      })),
    })),
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}
