import { once } from 'node:events'
import https from 'node:https'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { KubeConfig } from '@kubernetes/client-node'
import type { SimulatedApiServer } from '../../src/simulator/server.ts'
import type { VirtualClock } from '../../src/util/virtual-clock.ts'
import { simulation, textOf } from './simulator.ts'

/** A request to an API server, of whatever kind. */
export interface Ask {
  /** Default `GET`. */
  readonly method?: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Whose request it is; default an administrator's. */
  readonly token?: string
}

export type Headers = Readonly<Record<string, string | undefined>>

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface WatchEvent {
  readonly type: string
  readonly object: unknown
}

/** The events of a watch as they come. */
export interface Stream {
  readonly status: number
  readonly headers: Headers
  /** The next event; `undefined` at the end. */
  next(): Promise<WatchEvent | undefined>
  /** All that come until the end. */
  rest(): Promise<WatchEvent[]>
  close(): void
}

/** An API server of which nothing is known but what it answers. */
export interface Target {
  readonly place: string
  send(ask: Ask): Promise<Reply>
  open(ask: Ask): Promise<Stream>
}

interface Lines {
  readonly status: number
  readonly headers: Headers
  readonly lines: AsyncIterator<string, undefined>
  readonly close: () => void
  /** Waits for what is awaited, and lets time pass meanwhile. */
  readonly wait: <T>(promise: Promise<T>) => Promise<T>
}

function streamOf({ status, headers, lines, close, wait }: Lines): Stream {
  const next = async (): Promise<WatchEvent | undefined> => {
    const result = await wait(lines.next())
    return result.done === true ? undefined : (JSON.parse(result.value) as WatchEvent)
  }
  const rest = async (): Promise<WatchEvent[]> => {
    const events: WatchEvent[] = []
    for (let event = await next(); event !== undefined; event = await next()) events.push(event)
    return events
  }
  return { status, headers, next, rest, close }
}

const typeOf = ({ method = 'GET' }: Ask): string =>
  method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
const textIn = ({ body }: Ask): string =>
  body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)

/** The API server that `KUBECONFIG` names. */
export function realTarget(): Target {
  if (!process.env['KUBECONFIG']) throw new Error('KUBECONFIG must name a cluster for these tests')
  const config = new KubeConfig()
  config.loadFromDefault()
  const open = (ask: Ask): Promise<IncomingMessage> => openReal(config, ask)
  return {
    place: config.getCurrentCluster()?.server ?? '',
    async send(ask) {
      const response = await open(ask)
      const zipped = response.headers['content-encoding'] === 'gzip'
      const text = await textOf(zipped ? response.pipe(createGunzip()) : response)
      return { status: response.statusCode ?? 0, headers: headersOf(response), text }
    },
    async open(ask) {
      const response = await open(ask)
      return streamOf({
        status: response.statusCode ?? 0,
        headers: headersOf(response),
        lines: createInterface({ input: response })[Symbol.asyncIterator](),
        close: () => void response.destroy(),
        wait: (promise) => promise,
      })
    },
  }
}

const headersOf = ({ headers }: IncomingMessage): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

async function openReal(config: KubeConfig, ask: Ask): Promise<IncomingMessage> {
  const options: https.RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const mine = ask.token === undefined
  const url = new URL(ask.path, config.getCurrentCluster()?.server)
  url.search = new URLSearchParams(ask.query).toString()
  const text = textIn(ask)
  const headers = {
    accept: 'application/json',
    'content-type': typeOf(ask),
    ...(mine ? (options.headers as OutgoingHttpHeaders | undefined) : { authorization: `Bearer ${ask.token}` }),
    // Without the length Node sends the body of a DELETE so that no server sees it, and a dry run deletes.
    ...(text === '' ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...ask.headers,
  }
  const { agent, cert, key, ca, rejectUnauthorized } = options
  const who = mine ? { agent, cert, key } : {}
  const request = https.request(url, {
    ...who,
    ...trust({ ca, rejectUnauthorized }, config),
    method: ask.method ?? 'GET',
    headers,
  })
  request.end(text)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

function trust({ ca, rejectUnauthorized }: https.RequestOptions, config: KubeConfig): https.RequestOptions {
  const data = config.getCurrentCluster()?.caData
  const own = ca ?? (data === undefined ? undefined : Buffer.from(data, 'base64'))
  return {
    ...(own === undefined ? {} : { ca: own }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  }
}

/** A step of virtual time, in milliseconds, and how many of them nothing may come of. */
const STEP = 100
const MOST_STEPS = 10_000

async function pump<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const state = { settled: false }
  const noted = (): void => void (state.settled = true)
  promise.then(noted, noted)
  for (let step = 0; !state.settled; step++) {
    if (step > MOST_STEPS) throw new Error('nothing comes, however long one waits')
    await clock.advance(STEP)
  }
  return promise
}

/** The simulated API server in virtual time, which passes while something is waited for. */
export function simulatedTarget(): Target & { readonly server: SimulatedApiServer } {
  const { clock, server } = simulation()
  const request = (ask: Ask, signal?: AbortSignal) =>
    server.request({
      method: ask.method ?? 'GET',
      path: ask.path,
      query: ask.query,
      headers: {
        accept: 'application/json',
        'content-type': typeOf(ask),
        ...(ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` }),
        ...ask.headers,
      },
      body: textIn(ask),
      signal,
    })
  return {
    place: server.place,
    server,
    async send(ask) {
      const { status, headers, body } = await pump(clock, request(ask))
      const bytes = headers['content-encoding'] === 'gzip' ? unzipped(body) : body
      return { status, headers, text: await pump(clock, textOf(bytes)) }
    },
    async open(ask) {
      const gone = new AbortController()
      const { status, headers, body } = await pump(clock, request(ask, gone.signal))
      return streamOf({
        status,
        headers,
        lines: linesOf(body),
        close: () => gone.abort(),
        wait: (one) => pump(clock, one),
      })
    },
  }
}

async function* unzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  for await (const chunk of body) gunzip.write(chunk)
  gunzip.end()
  for await (const chunk of gunzip as AsyncIterable<Uint8Array>) yield chunk
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = ''
  for await (const chunk of body) {
    const parts = `${text}${Buffer.from(chunk).toString()}`.split('\n')
    text = parts.pop() ?? ''
    yield* parts
  }
  if (text !== '') yield text
  return undefined
}
