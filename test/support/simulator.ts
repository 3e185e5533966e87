import { networkFault } from '../../src/cluster/network-faults.ts'
import { TransportError, type ApiRequest, type ApiResponse, type Transport } from '../../src/cluster/transport.ts'
import { SimulatedApiServer, type SimulatedApiServerOptions } from '../../src/simulator/server.ts'
import { abortError } from '../../src/util/clock.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'
import { NOW } from './build.ts'

/** Random numbers that are the same each time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Simulation {
  readonly clock: VirtualClock
  readonly server: SimulatedApiServer
  readonly transport: Transport
}

/** A simulated API server in virtual time, and the way to it. */
export function simulation(options: Partial<SimulatedApiServerOptions> = {}): Simulation {
  const clock = new VirtualClock(NOW)
  const server = new SimulatedApiServer({ clock, random: seededRandom(1), ...options })
  return { clock, server, transport: simulatedTransport(server) }
}

/** The server without a network; what fails, fails as with the transport that has one. */
export function simulatedTransport(server: SimulatedApiServer): Transport {
  return {
    place: server.place,
    async request(request: ApiRequest): Promise<ApiResponse> {
      const { signal } = request
      const fault = (error: unknown): Error => faultOf(error, server.place, signal)
      try {
        const { status, headers, body } = await server.request(request)
        return { status, headers, body: faulty(body, fault) }
      } catch (error) {
        throw fault(error)
      }
    },
  }
}

function faultOf(error: unknown, place: string, signal: AbortSignal | undefined): Error {
  if (signal?.aborted === true) return abortError(signal)
  return error instanceof TransportError ? error : networkFault(error, place)
}

function faulty(body: AsyncIterable<Uint8Array>, fault: (error: unknown) => Error): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        chunks.next().catch((error: unknown) => {
          throw fault(error)
        }),
      return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
    }),
  }
}

/** All the text of a body. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** An event of a watch, as a client reads it. */
export interface Told {
  readonly type: string
  readonly object: {
    readonly kind?: string
    readonly code?: number
    readonly metadata?: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string }
  }
}

/** Reads a watch in virtual time: what came so far, and how it ended. */
export class Watching {
  readonly told: Told[] = []
  /** The text that came, frames or not. */
  text = ''
  status = 0
  /** How it ended: `open`, `end`, or what went wrong. */
  ended: string = 'open'
  readonly #gone = new AbortController()

  constructor(server: SimulatedApiServer, path: string, query: Readonly<Record<string, string>> = {}) {
    const { signal } = this.#gone
    const request = { method: 'GET', path, query: { watch: '1', timeoutSeconds: '600', ...query }, signal }
    this.#read(server.request(request)).then(
      () => (this.ended = 'end'),
      (error: unknown) => (this.ended = error instanceof Error ? error.message : 'failed'),
    )
  }

  /** The types and names that came, such as `ADDED a`. */
  get lines(): string[] {
    return this.told.map(({ type, object }) =>
      [type, object.metadata?.name].filter((part) => part !== undefined).join(' '),
    )
  }

  leave(): void {
    this.#gone.abort()
  }

  async #read(answer: ReturnType<SimulatedApiServer['request']>): Promise<void> {
    const { status, body } = await answer
    this.status = status
    let line = ''
    for await (const chunk of body) {
      const text = Buffer.from(chunk).toString('latin1')
      this.text += text
      const parts = `${line}${text}`.split('\n')
      line = parts.pop() ?? ''
      for (const part of parts) this.#tell(part)
    }
  }

  #tell(line: string): void {
    try {
      this.told.push(JSON.parse(line) as Told)
    } catch {
      this.told.push({ type: 'unreadable', object: {} })
    }
  }
}
