import { TransportError, type ApiRequest, type ApiResponse, type Transport } from '../transport.ts'

/** How often one thing was asked for with one outcome. */
export interface RequestCount {
  /** `plural.group`; the path of what is no resource. */
  readonly resource: string
  readonly verb: 'watch' | 'read'
  /** The status, or how the transport failed. */
  readonly outcome: string
  readonly count: number
}

const RESOURCE = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/(?:namespaces\/[^/]+\/)?([^/]+)/
const OTHER = new Set(['/apis', '/version', '/readyz'])

function resourceOf(path: string): string {
  const [, group, plural] = RESOURCE.exec(path) ?? []
  if (plural === undefined) return OTHER.has(path) ? path : 'other'
  return group === undefined ? plural : `${plural}.${group}`
}

/** A transport that counts what it is asked, and hears what time it is at the server. */
export class CountedTransport implements Transport {
  readonly place: string
  readonly #transport: Transport
  readonly #counts = new Map<string, RequestCount>()
  #requests = 0
  #serverTime: number | undefined

  constructor(transport: Transport) {
    this.#transport = transport
    this.place = transport.place
  }

  /** How many requests were sent. */
  get requests(): number {
    return this.#requests
  }

  /** The latest time that the server has told, in milliseconds since 1970. */
  get serverTime(): number | undefined {
    return this.#serverTime
  }

  counts(): readonly RequestCount[] {
    return [...this.#counts.values()]
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    this.#requests++
    try {
      const response = await this.#transport.request(request)
      this.#count(request, String(response.status))
      const time = Date.parse(response.headers['date'] ?? '')
      if (!Number.isNaN(time)) this.#serverTime = Math.max(time, this.#serverTime ?? 0)
      return response
    } catch (error) {
      this.#count(request, error instanceof TransportError ? error.fault : 'ended')
      throw error
    }
  }

  #count({ path, query }: ApiRequest, outcome: string): void {
    const resource = resourceOf(path)
    const verb = query?.['watch'] === undefined ? 'read' : 'watch'
    const key = `${resource} ${verb} ${outcome}`
    const count = (this.#counts.get(key)?.count ?? 0) + 1
    this.#counts.set(key, { resource, verb, outcome, count })
  }
}
