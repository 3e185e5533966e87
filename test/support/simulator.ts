import { transportTo } from '../../src/cli/demo/transport.ts'
import type { Transport } from '../../src/cluster/transport.ts'
import { SimulatedApiServer, type SimulatedApiServerOptions } from '../../src/simulator/server.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'
import { NOW } from './build.ts'

export interface Simulation {
  readonly clock: VirtualClock
  readonly server: SimulatedApiServer
  readonly transport: Transport
}

/** A simulated API server in virtual time, and the way to it. */
export function simulation(options: Partial<SimulatedApiServerOptions> = {}): Simulation {
  const clock = new VirtualClock(NOW)
  const server = new SimulatedApiServer({ clock, random: seededRandom(1), ...options })
  return { clock, server, transport: transportTo(server) }
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
