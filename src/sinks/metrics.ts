import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import type { Freshness } from '../cluster/freshness.ts'
import type { RequestCount } from '../cluster/watch/counted-transport.ts'
import type { FindingView } from './envelope.ts'
import { label, labelled, type Sample } from './metric-labels.ts'

/** What is read when somebody asks for the figures, and costs nothing in between. */
export interface MetricSources {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly findings: () => Iterable<Pick<FindingView, 'rule' | 'severity' | 'state' | 'target'>>
  readonly freshness: () => Iterable<Freshness>
  /** What the API server was asked since the start. */
  readonly requests: () => Iterable<RequestCount>
  /** When the checkpoint was last written, in milliseconds since 1970. */
  readonly checkpointAt: () => number | undefined
  /** How many rules or rule files are not as their authors want them. */
  readonly rules: () => { readonly problems: number; readonly disabled: number; readonly held: number }
}

export interface MetricOptions {
  /** Most combinations of owner labels; what is beyond is counted. */
  readonly owners?: number | undefined
  /** Whether figures about the process are among them. */
  readonly process?: boolean | undefined
}

/** A request to the API that was answered. */
export interface AnsweredRequest {
  readonly route: string
  readonly method: string
  readonly code: number
  readonly seconds: number
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** The figures of the daemon, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #evaluation = this.#histogram('dogwatch_evaluation_seconds', 'Time to evaluate one batch of changes.')
  readonly #latency = this.#histogram('dogwatch_event_to_finding_seconds', 'Time from an event to what came out of it.')
  readonly #failures = new Counter({
    name: 'dogwatch_failures_total',
    help: 'Defects that were met and kept from spreading.',
    labelNames: ['where'],
    registers: [this.#registry],
  })
  readonly #http: Histogram<'route'>
  readonly #answered: Counter<'route' | 'method' | 'code'>

  constructor(sources: MetricSources, { owners = 2000, process = true }: MetricOptions = {}) {
    const registers = [this.#registry]
    this.#http = new Histogram({
      name: 'dogwatch_http_request_seconds',
      help: 'Time to answer a request, waiting included.',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    })
    this.#answered = new Counter({
      name: 'dogwatch_http_requests_total',
      help: 'Requests to the API of dogwatch that were answered.',
      labelNames: ['route', 'method', 'code'],
      registers,
    })
    findingMetrics(this.#registry, sources, owners)
    freshnessMetrics(this.#registry, sources)
    requestMetrics(this.#registry, sources)
    selfMetrics(this.#registry, sources)
    if (process) collectDefaultMetrics({ register: this.#registry })
  }

  /** A batch of changes was evaluated. */
  evaluated(seconds: number): void {
    this.#evaluation.observe(seconds)
  }

  /** An event has come through all stages. */
  found(seconds: number): void {
    this.#latency.observe(seconds)
  }

  /** Something of ours failed; `where` is a fixed name. */
  failed(where: string): void {
    this.#failures.inc({ where })
  }

  /** A request to our own API was answered. */
  answered({ route, method, code, seconds }: AnsweredRequest): void {
    this.#answered.inc({ route: label(route), method: label(method), code: String(code) })
    this.#http.observe({ route: label(route) }, seconds)
  }

  /** The figures as of now, in the text form of Prometheus. */
  async render(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: SECONDS, registers: [this.#registry] })
  }
}

export const createMetrics = (sources: MetricSources, options?: MetricOptions): Metrics => new Metrics(sources, options)

function findingMetrics(registry: Registry, { findings }: MetricSources, owners: number): void {
  labelled(
    registry,
    { name: 'dogwatch_findings', help: 'Findings by rule, severity and state.', labels: ['rule', 'severity', 'state'] },
    () => [...findings()].map(({ rule, severity, state }) => ({ values: [rule.id, severity, state], amount: 1 })),
  )
  const omitted = labelled(
    registry,
    {
      name: 'dogwatch_finding_info',
      help: 'Findings by what they are about.',
      labels: ['rule', 'severity', 'state', 'namespace', 'kind', 'name'],
      most: owners,
    },
    () => [...findings()].map((one) => ({ values: ownerLabels(one), amount: 1 })),
  )
  const help = 'Series of dogwatch_finding_info that were left out, there being too many.'
  labelled(registry, { name: 'dogwatch_finding_info_omitted', help, labels: [] }, () => [single(omitted())])
}

const single = (amount: number): Sample => ({ values: [], amount })

// Names of pods come and go with every rollout: a series for each would never end.
const ownerLabels = ({ rule, severity, state, target }: FindingSummary): string[] => [
  rule.id,
  severity,
  state,
  target.namespace ?? '',
  target.kind,
  target.kind === 'Pod' ? '' : target.name,
]

type FindingSummary = Pick<FindingView, 'rule' | 'severity' | 'state' | 'target'>

const COUNTERS = {
  restarts: 'Watches that were opened again.',
  relists: 'Lists that had to be read again.',
  missed: 'Objects that a list showed to have changed without an event.',
  malformed: 'Frames of a watch that could not be read.',
} as const

function freshnessMetrics(registry: Registry, { freshness, now }: MetricSources): void {
  const of = ({ resource, namespace }: Freshness): string[] => [resource, namespace ?? '']
  const labels = ['resource', 'namespace']
  labelled(
    registry,
    {
      name: 'dogwatch_watch_state',
      help: 'How well a kind is watched: 1 for the state it is in.',
      labels: [...labels, 'state'],
    },
    () => [...freshness()].map((one) => ({ values: [...of(one), one.state], amount: 1 })),
  )
  labelled(
    registry,
    { name: 'dogwatch_watch_silence_seconds', help: 'Time since the API server last sent anything of a kind.', labels },
    () =>
      [...freshness()].flatMap((one) =>
        one.heardAt === undefined ? [] : [{ values: of(one), amount: Math.max(0, now() - one.heardAt) / 1000 }],
      ),
  )
  labelled(registry, { name: 'dogwatch_watch_objects', help: 'Objects that are held of a kind.', labels }, () =>
    [...freshness()].map((one) => ({ values: of(one), amount: one.objects })),
  )
  for (const [name, help] of Object.entries(COUNTERS) as [keyof typeof COUNTERS, string][])
    labelled(registry, { name: `dogwatch_watch_${name}_total`, help, labels, counter: true }, () =>
      [...freshness()].map((one) => ({ values: of(one), amount: one[name] })),
    )
}

function requestMetrics(registry: Registry, { requests }: MetricSources): void {
  labelled(
    registry,
    {
      name: 'dogwatch_apiserver_requests_total',
      help: 'Requests of dogwatch to the API server, by the status of the answer or how there was none.',
      labels: ['resource', 'verb', 'outcome'],
      counter: true,
    },
    () =>
      [...requests()].map(({ resource, verb, outcome, count }) => ({
        values: [resource, verb, outcome],
        amount: count,
      })),
  )
}

function selfMetrics(registry: Registry, { checkpointAt, rules }: MetricSources): void {
  const help = 'When what is remembered was last written, in seconds since 1970; 0 for never.'
  labelled(registry, { name: 'dogwatch_checkpoint_timestamp_seconds', help, labels: [] }, () => [
    single((checkpointAt() ?? 0) / 1000),
  ])
  labelled(
    registry,
    {
      name: 'dogwatch_rule_problems',
      help: 'Rules that are not as their authors want them: refused files, disabled and held rules.',
      labels: ['problem'],
    },
    () => Object.entries(rules()).map(([problem, amount]) => ({ values: [problem], amount })),
  )
}
