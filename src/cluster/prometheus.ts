import { readFile } from 'node:fs/promises'
import type { Clock } from '../util/clock.ts'
import { MINUTE, SECOND } from '../util/time.ts'
import { ClusterError, messageOf } from './errors.ts'
import { readAnswer, type Answer } from './prometheus-answer.ts'

/** What Prometheus says a container of one pod used. Times are milliseconds since 1970. */
export interface MeasuredUsage {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** From when on there is anything of it, and when it was asked. */
  readonly from: number
  readonly to: number
  /** Minutes of the window in which it was measured. */
  readonly samples: number
  readonly cpuP95Cores: number
  readonly cpuMaxCores: number
  readonly memoryPeakBytes: number
  /** Of the periods in which it wanted to run, the part in which its CPU limit held it back, 0 to 1; nothing tells without a limit. */
  readonly cpuThrottledPart?: number | undefined
}

export interface PrometheusOptions {
  readonly url: string
  readonly clock: Clock
  /** How far back it is asked, in milliseconds. */
  readonly windowMs: number
  /** A file with a token to send along; read for each question, since tokens are replaced. */
  readonly bearerTokenFile?: string | undefined
  /** Milliseconds for one answer. */
  readonly answerWithin?: number | undefined
}

// As often as cAdvisor's own figures are told apart; a window of fourteen days is then some 4,000 steps, a tenth of what a server allows.
const STEP_MINUTES = 5

// More than any machine has: what says so is broken.
const MOST = { cores: 10_000, bytes: 2 ** 50 } as const

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

type Question = 'cpuP95' | 'cpuMax' | 'memoryPeak' | 'throttled' | 'steps' | 'first'

/** What is asked of one namespace, over a window in milliseconds. */
function queries(namespace: string, windowMs: number): readonly (readonly [Question, string])[] {
  const labels = `{namespace="${namespace}",container!="",container!="POD"}`
  const by = (expression: string): string => `(max by (pod, container) (${expression}))`
  const whole = `[${Math.round(windowMs / SECOND)}s]`
  const over = `[${Math.round(windowMs / SECOND)}s:${STEP_MINUTES}m]`
  const periods = (which: string): string =>
    `(sum by (pod, container) (increase(container_cpu_cfs_${which}periods_total${labels}${whole})))`
  const cpu = by(`rate(container_cpu_usage_seconds_total${labels}[5m])`)
  const memory = `container_memory_working_set_bytes${labels}`
  return [
    ['cpuP95', `quantile_over_time(0.95, ${cpu}${over})`],
    ['cpuMax', `max_over_time(${cpu}${over})`],
    ['memoryPeak', by(`max_over_time(${memory}${whole})`)],
    ['throttled', `${periods('throttled_')} / ${periods('')}`],
    ['steps', `count_over_time(${by(memory)}${over})`],
    ['first', `min_over_time(${by(`timestamp(${memory})`)}${over})`],
  ]
}

/** A Prometheus with cAdvisor's metrics. */
export class Prometheus {
  readonly #options: PrometheusOptions

  constructor(options: PrometheusOptions) {
    this.#options = options
  }

  /**
   * What every container of a namespace used.
   * @throws ClusterError when it does not answer in time, or not as a Prometheus does.
   */
  async usage(namespace: string, signal?: AbortSignal): Promise<readonly MeasuredUsage[]> {
    // The name becomes part of a query.
    if (!NAMESPACE.test(namespace)) return []
    const to = this.#options.clock.now()
    const answers = new Map<Question, Answer>()
    for (const [question, query] of queries(namespace, this.#options.windowMs))
      answers.set(question, await this.#ask(query, to, signal))
    return combined(answers, { namespace, to, from: to - this.#options.windowMs })
  }

  async #ask(query: string, at: number, signal: AbortSignal | undefined): Promise<Answer> {
    const { url, clock, answerWithin = 60 * SECOND } = this.#options
    const address = new URL(`${url.replace(/\/$/, '')}/api/v1/query`)
    address.search = new URLSearchParams({ query, time: String(at / SECOND) }).toString()
    const late = new AbortController()
    const cancel = clock.after(answerWithin, () =>
      late.abort(new ClusterError(`no answer for ${answerWithin / SECOND} s`)),
    )
    try {
      const signals = signal ? [late.signal, signal] : [late.signal]
      return await this.#answer(address, AbortSignal.any(signals))
    } catch (error) {
      signal?.throwIfAborted()
      throw new ClusterError(
        `${address.origin}: ${messageOf(late.signal.aborted ? late.signal.reason : rootOf(error))}`,
      )
    } finally {
      cancel()
    }
  }

  async #answer(address: URL, signal: AbortSignal): Promise<Answer> {
    const { bearerTokenFile } = this.#options
    const token = bearerTokenFile === undefined ? undefined : (await readFile(bearerTokenFile, 'utf8')).trim()
    const headers = { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    // A redirect would take the token somewhere else.
    const response = await fetch(address, { headers, signal, redirect: 'error' })
    if (!response.body) throw new ClusterError(`it answers ${response.status}, and nothing else`)
    if (response.status === 401 || response.status === 403) {
      await response.body.cancel()
      throw new ClusterError(`it answers ${response.status}: the token is missing or not enough`)
    }
    return readAnswer(response.body)
  }
}

// What `fetch` throws says that it failed; why is in its cause.
const rootOf = (error: unknown): unknown =>
  error instanceof TypeError && error.cause !== undefined ? error.cause : error

interface Asked {
  readonly namespace: string
  readonly from: number
  readonly to: number
}

type Used = Omit<MeasuredUsage, 'namespace' | 'pod' | 'container' | 'from' | 'to'>

const isReal = ({ cpuP95Cores, cpuMaxCores, memoryPeakBytes, samples }: Used): boolean =>
  Math.max(cpuP95Cores, cpuMaxCores) <= MOST.cores && memoryPeakBytes <= MOST.bytes && samples > 0

// Each of the two counts is stretched to the ends of the window by itself, so that the part may come out a little above all.
const partOf = (ratio: number | undefined): number | undefined => (ratio === undefined ? undefined : Math.min(1, ratio))

function combined(answers: ReadonlyMap<Question, Answer>, { namespace, from, to }: Asked): MeasuredUsage[] {
  const read = (question: Question, key: string): number | undefined => answers.get(question)?.get(key)
  return [...(answers.get('cpuP95') ?? [])].flatMap(([key, cpuP95Cores]) => {
    const [pod = '', container = ''] = key.split('/')
    const [cpuMaxCores, memoryPeakBytes, steps] = [read('cpuMax', key), read('memoryPeak', key), read('steps', key)]
    if (cpuMaxCores === undefined || memoryPeakBytes === undefined || steps === undefined) return []
    const began = Math.max(from, (read('first', key) ?? 0) * SECOND)
    // More steps than the window has are no samples of it.
    const samples = Math.min(steps * STEP_MINUTES, Math.ceil((to - began) / MINUTE))
    const used = {
      samples,
      cpuP95Cores,
      cpuMaxCores,
      memoryPeakBytes,
      cpuThrottledPart: partOf(read('throttled', key)),
    }
    return isReal(used) ? [{ namespace, pod, container, from: began, to, ...used }] : []
  })
}
