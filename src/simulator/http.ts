import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { SimulatedRequest, SimulatedResponse } from './exchange.ts'

export interface ListenOptions {
  /** Default: any that is free. */
  readonly port?: number | undefined
}

/** A server that is being listened to on loopback. */
export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops for good. */
  close(): Promise<void>
  /** Takes no connection until `accept`, and breaks those there are. */
  refuse(): Promise<void>
  accept(): Promise<void>
}

type Handler = (request: SimulatedRequest) => Promise<SimulatedResponse>

const LOOPBACK = '127.0.0.1'
const LARGEST_BODY = 3 * 1024 * 1024

/** Serves a handler over HTTP. A slow client holds up its own answer, and nothing else. */
export async function listen(handler: Handler, { port = 0 }: ListenOptions): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    serve(handler, request, response).catch(() => reset(request.socket))
  })
  // A connection that is kept must not be dropped at the moment that the client uses it again.
  server.keepAliveTimeout = 0
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
  })
  await start(server, port)
  const taken = portOf(server)
  const refuse = async (): Promise<void> => {
    for (const socket of sockets) reset(socket)
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  return {
    url: `http://${LOOPBACK}:${taken}`,
    port: taken,
    close: refuse,
    refuse,
    accept: () => start(server, taken),
  }
}

async function start(server: Server, port: number): Promise<void> {
  if (server.listening) return
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

// As a peer that was killed: the client must see a broken connection, not an end.
const reset = (socket: Socket): void => void socket.resetAndDestroy()

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const { status, headers, body } = await handler({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: headersOf(request),
    body: await bodyOf(request),
    signal: gone.signal,
  })
  response.writeHead(status, headers)
  // A watch may have nothing to say for a minute, and the client is to know at once that it began.
  response.flushHeaders()
  for await (const chunk of body) if (!response.write(chunk)) await drained(response, gone.signal)
  response.end()
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > LARGEST_BODY) throw new Error('the body is too large')
  }
  return Buffer.concat(chunks).toString()
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal })
}
