import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type PrometheusAnswer = (query: string, request: IncomingMessage, response: ServerResponse) => void

/** A server on loopback in the place of a Prometheus. */
export class PrometheusDouble implements AsyncDisposable {
  readonly queries: string[] = []
  readonly #server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://x').searchParams.get('query') ?? ''
    this.queries.push(query)
    this.#answer(query, request, response)
  })
  readonly #answer: PrometheusAnswer

  private constructor(answer: PrometheusAnswer) {
    this.#answer = answer
  }

  static async listen(answer: PrometheusAnswer): Promise<PrometheusDouble> {
    const double = new PrometheusDouble(answer)
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve))
    return double
  }

  get url(): string {
    const address = this.#server.address()
    return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/prom/` : ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** An answer that is one. */
export const vector = (response: ServerResponse, result: readonly unknown[]): void =>
  void response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))

interface Figures {
  readonly cpuP95: number
  readonly cpuMax: number
  readonly memory: number
  /** 0 to 1; default 0/0: without a limit there are no periods. */
  readonly throttled?: number
}

/** What is said of steady use up to a time, in milliseconds, since so many days, by how the query begins. */
export const figures = (
  { cpuP95, cpuMax, memory, throttled = Number.NaN }: Figures,
  { now, days }: { readonly now: number; readonly days: number },
): readonly (readonly [begins: string, value: string])[] => [
  ['quantile_over_time(0.95, ', String(cpuP95)],
  ['max_over_time((max by (pod, container) (rate', String(cpuMax)],
  ['(max by (pod, container) (max_over_time(', String(memory)],
  ['(sum by (pod, container) (increase(container_cpu_cfs_throttled_periods_total', String(throttled)],
  ['count_over_time(', String(days * 288)],
  ['min_over_time((max by (pod, container) (timestamp', String(now / 1000 - days * 86_400)],
]
