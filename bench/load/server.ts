import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { discovery } from './discovery.ts'
import { Lists } from './lists.ts'
import { metricsOf } from './metrics.ts'
import { questionOf, status } from './question.ts'
import { send } from './send.ts'
import { stateOf } from './slot.ts'
import { Watches } from './watches.ts'
import type { World } from './world.ts'

const NOT_FOUND = 404
const RUNNING = stateOf('running')

/** Answers the next requests itself. */
export interface Refusal {
  readonly status: number
  readonly retryAfter?: number
  left: number
}

/** An API server for load: everything that dogwatch asks of one, and nothing else. */
export class LoadServer {
  readonly world: World
  readonly lists: Lists
  readonly watches: Watches
  /** How often each method and path was asked for, since it was last looked at. */
  readonly asked = new Map<string, number>()
  refusal: Refusal | undefined
  /** Called once, with the next request. */
  firstAsked: (() => void) | undefined
  readonly #server: Server
  readonly #discovery: string

  constructor(world: World) {
    this.world = world
    this.lists = new Lists(world)
    this.watches = new Watches(world)
    this.#discovery = discovery(world.kinds.values())
    this.#server = createServer((request, response) => {
      response.on('error', () => response.destroy())
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  /** @returns the port, on loopback. */
  async listen(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  /** Refuses connections and breaks those that there are, until it listens again. */
  async away(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer(
    { method = 'GET', url: path = '/', headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(path, 'http://localhost')
    const verb = url.searchParams.has('watch') ? 'WATCH' : method
    this.#note(`${verb} ${url.pathname}`)
    if (this.#refuses(response)) return
    const fixed = this.#fixed(url.pathname)
    if (fixed !== undefined) return void response.setHeader('content-type', 'application/json').end(fixed)
    const metrics = metricsOf(url.pathname, this.world, Date.now())
    if (metrics) return this.#stream(metrics, response)
    const question = questionOf(url, headers.accept, this.world.kinds)
    if (question === undefined)
      return void response.writeHead(NOT_FOUND).end(status(NOT_FOUND, 'NotFound', 'not found'))
    await (verb === 'WATCH' ? this.watches : this.lists).answer(question, response)
  }

  #note(line: string): void {
    this.asked.set(line, (this.asked.get(line) ?? 0) + 1)
    this.firstAsked?.()
    this.firstAsked = undefined
  }

  #refuses(response: ServerResponse): boolean {
    const { refusal } = this
    if (refusal === undefined || refusal.left === 0) return false
    refusal.left--
    const { status: code, retryAfter } = refusal
    response.writeHead(code, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
    response.end(status(code, 'Refused', 'the server is in trouble'))
    return true
  }

  #fixed(path: string): string | undefined {
    if (path === '/version') return '{"major":"1","minor":"36","gitVersion":"v1.36.3"}'
    if (path === '/apis') return this.#discovery
    const [, name] = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path) ?? []
    if (name === undefined) return undefined
    const { namespaces } = this.world.layout.sizes
    const index = name === 'kube-system' ? namespaces : Number(name.replace('team-', ''))
    const slot = this.world.slot('namespaces', index)
    return slot.state === RUNNING ? this.world.kinds.get('namespaces')?.render(slot, 'text') : undefined
  }

  async #stream(texts: Iterable<string>, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/json' })
    if (await send(response, texts)) response.end()
  }
}
