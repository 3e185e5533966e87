import type { Frame } from './answer.ts'
import type { Exchange, Verb } from './exchange.ts'
import type { Clock } from '../util/clock.ts'
import type { Ending } from './request-log.ts'
import type { ObjectTable } from './table.ts'

/** Which requests a fault meets; what is left out does not matter. */
export interface FaultMatch {
  readonly method?: string | undefined
  /** The whole path. */
  readonly path?: string | undefined
  /** `plural.group` */
  readonly resource?: string | undefined
  readonly verb?: Verb | undefined
  readonly namespace?: string | undefined
  readonly where?: ((exchange: Exchange) => boolean) | undefined
}

/** How often a fault meets: it lets the first `skip` matching requests pass, then meets `times` (default: all further ones). */
export interface FaultSpan {
  readonly skip?: number | undefined
  readonly times?: number | undefined
}

/** What a fault has at hand. */
export interface FaultTools {
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  /** The fault has been felt: to be called when it takes effect, not when it is planted. */
  reached(): void
  /** How the answer ends by this fault, for the log. */
  ends(how: Ending): void
}

/** What the client gets in place of the server's answer. */
export interface FaultAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: string
}

/** One thing that goes wrong with a request. */
export type FaultEffect =
  | { readonly answer: (tools: FaultTools) => FaultAnswer }
  /** Before anything is answered; to throw is to break the connection. */
  | { readonly before: (tools: FaultTools) => Promise<void> }
  /** The request is answered from another state. */
  | { readonly from: ObjectTable }
  /** The events of a watch on their way. */
  | { readonly frames: (frames: AsyncIterable<Frame>, tools: FaultTools) => AsyncGenerator<Frame> }
  /** The bytes of any answer on their way. */
  | { readonly bytes: (bytes: AsyncIterable<Uint8Array>, tools: FaultTools) => AsyncGenerator<Uint8Array> }

/** A fault that is in force. */
export interface PlantedFault {
  /** How many requests it met. */
  readonly met: number
  /** How often it took effect. */
  readonly reached: number
  remove(): void
}

/** An effect that meets a request, bound to it. */
export interface Striking {
  readonly effect: FaultEffect
  readonly reached: () => void
}

interface Planted {
  readonly match: FaultMatch
  readonly effect: FaultEffect
  readonly skip: number
  readonly times: number
  seen: number
  met: number
  reached: number
}

/** The connection fails, as Node tells it. */
export class NetworkFault extends Error {
  readonly code: 'ECONNREFUSED' | 'ECONNRESET'

  constructor(code: 'ECONNREFUSED' | 'ECONNRESET') {
    super(code === 'ECONNREFUSED' ? 'connect ECONNREFUSED' : 'read ECONNRESET')
    this.code = code
  }
}

/** What is to go wrong, and how often it did. */
export class Faults {
  readonly #planted = new Set<Planted>()

  /** Lets `effect` meet the requests that match, from now on. */
  plant(
    match: FaultMatch,
    effect: FaultEffect,
    { skip = 0, times = Number.POSITIVE_INFINITY }: FaultSpan = {},
  ): PlantedFault {
    const planted: Planted = { match, effect, skip, times, seen: 0, met: 0, reached: 0 }
    this.#planted.add(planted)
    return {
      get met() {
        return planted.met
      },
      get reached() {
        return planted.reached
      },
      remove: () => void this.#planted.delete(planted),
    }
  }

  clear(): void {
    this.#planted.clear()
  }

  /** The effects that meet a request, in the order they were planted. */
  striking(exchange: Exchange): Striking[] {
    return [...this.#planted].flatMap((planted) => {
      if (!meets(planted.match, exchange)) return []
      planted.seen++
      if (planted.seen <= planted.skip || planted.met >= planted.times) return []
      planted.met++
      return [{ effect: planted.effect, reached: () => void planted.reached++ }]
    })
  }
}

function meets({ namespace, where, ...fields }: FaultMatch, exchange: Exchange): boolean {
  const { method, path, resource, verb } = fields
  const wanted = [
    [method, exchange.method],
    [path, exchange.path],
    [resource, exchange.resource],
    [verb, exchange.verb],
    [namespace, exchange.route?.namespace],
  ]
  return wanted.every(([want, is]) => want === undefined || want === is) && (where?.(exchange) ?? true)
}
