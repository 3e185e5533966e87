import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { RequestError } from '@hono/node-server'
import { SECURITY_HEADERS } from '../app.ts'
import { errorBody, Refusal } from '../errors.ts'

/** A request that no route is to see: what its connection has sent, or will still send, cannot be relied on. */
export function refusalOf({ method, url = '', headers, rawHeaders }: IncomingMessage): Refusal | undefined {
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length !== 1) return new Refusal(400, 'bad-request', 'one Host header is needed')
  if (!url.startsWith('/')) return new Refusal(400, 'bad-request', 'a path is needed, not an address')
  const size = headers['content-length']
  const hasBody = headers['transfer-encoding'] !== undefined || (size !== undefined && size !== '0')
  if (!hasBody) return undefined
  if (method === 'GET' || method === 'HEAD') return new Refusal(413, 'body-not-allowed', 'a read has no body')
  return new Refusal(413, 'body-not-allowed', 'this API only reads and takes no body', {
    headers: { allow: 'GET, HEAD' },
  })
}

/** Refuses and closes the connection; what is still being sent is not read. */
export function refuse(refusal: Refusal, request: IncomingMessage, response: ServerResponse): void {
  const body = errorBody(refusal)
  response.writeHead(refusal.status, {
    ...SECURITY_HEADERS,
    ...refusal.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  })
  response.end(request.method === 'HEAD' ? undefined : body, () => request.socket.destroySoon())
}

const PARSE_FAULTS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: new Refusal(431, 'headers-too-large', 'the headers are too large'),
  ERR_HTTP_REQUEST_TIMEOUT: new Refusal(408, 'timeout', 'the request took too long to arrive'),
}
const MALFORMED = new Refusal(400, 'bad-request', 'this is no HTTP request')
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** Answers what the adapter could not make a request of, such as a Host that is none. */
export function responseTo(error: unknown): Response {
  const refusal =
    error instanceof RequestError
      ? new Refusal(400, 'bad-request', 'the host or the path cannot be read')
      : new Refusal(500, 'internal', 'something went wrong')
  const headers = { ...SECURITY_HEADERS, 'content-type': 'application/json' }
  return new Response(errorBody(refusal), { status: refusal.status, headers })
}

/** Answers what could not even be read as a request. */
export function refuseMalformed(error: Error, socket: Duplex): void {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal = PARSE_FAULTS[code] ?? MALFORMED
  const body = errorBody(refusal)
  const head = [
    `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
