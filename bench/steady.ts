import { setTimeout } from 'node:timers/promises'
import { SIZES } from './load/layout.ts'
import { Load } from './load/load.ts'
import { Poller } from './load/poller.ts'
import type { Figures } from './load/probe.ts'
import { Subject } from './load/subject.ts'
import type { BenchOptions } from './options.ts'
import { fixed, percentile, table } from './table.ts'

const PORT = 18_687
const SECOND_MS = 1000
const P99 = 0.99
const CRASH_EVERY_MS = 250
const PATIENCE_MS = 10_000
const RULE = 'crash-loop'

interface Phase {
  readonly name: string
  readonly rate: number
  readonly seconds: number
}

interface Measured {
  readonly figures: Figures
  readonly seconds: number
  readonly events: number
  /** Milliseconds from a change at the server to its finding at a client of ours. */
  readonly latencies: readonly number[]
  readonly missing: number
  readonly requestsEach: number
}

/** Changes the cluster at a rate, and breaks an app of it every now and then. */
class Strain {
  readonly #load: Load
  readonly #subject: Subject
  readonly #poller: Poller
  /** Apps that are well, the next to be broken last. */
  readonly #well: number[]

  constructor(on: { load: Load; subject: Subject; poller: Poller; apps: number }) {
    this.#load = on.load
    this.#subject = on.subject
    this.#poller = on.poller
    this.#well = Array.from({ length: on.apps }, (_, at) => at)
  }

  async run({ rate, seconds }: Phase): Promise<Measured> {
    const before = await this.#load.tell('figures')
    await this.#subject.mark()
    const began = performance.now()
    await this.#load.tell('churn', { rate })
    const broken = await this.#breakThings(began + seconds * SECOND_MS)
    await this.#load.tell('churn', { rate: 0 })
    const took = (performance.now() - began) / SECOND_MS
    const figures = await this.#subject.figures()
    const after = await this.#load.tell('figures')
    const latencies = await this.#latencies(broken)
    const requests = Object.values(after.asked).reduce((sum, count) => sum + count, 0)
    return {
      figures,
      seconds: took,
      events: after.rv - before.rv,
      latencies,
      missing: broken.size - latencies.length,
      requestsEach: requests / took,
    }
  }

  async #breakThings(until: number): Promise<ReadonlyMap<string, number>> {
    const broken = new Map<string, number>()
    while (performance.now() < until) {
      const app = this.#well.pop()
      if (app === undefined) throw new Error('there are too few apps for so long a run')
      broken.set(`app-${app}`, await this.#load.tell('crash', { apps: [app] }))
      await setTimeout(CRASH_EVERY_MS)
    }
    return broken
  }

  async #latencies(broken: ReadonlyMap<string, number>): Promise<number[]> {
    const { seen } = this.#poller
    const until = performance.now() + PATIENCE_MS
    const there = (name: string): boolean => seen.has(`${RULE} ${name}`)
    while (performance.now() < until && ![...broken.keys()].every(there)) await setTimeout(CRASH_EVERY_MS)
    return [...broken].flatMap(([name, at]) => {
      const found = seen.get(`${RULE} ${name}`)
      return found === undefined ? [] : [found - at]
    })
  }
}

const row = ({ name }: Phase, { figures, seconds, events, latencies, missing, requestsEach }: Measured): string[] => [
  name,
  fixed(events / seconds, 0),
  `${fixed((figures.cpuSeconds / seconds) * 100)} %`,
  fixed(figures.rssMegabytes, 0),
  fixed(figures.longestBlockMs, 0),
  fixed(percentile(latencies, 1 / 2), 0),
  fixed(percentile(latencies, P99), 0),
  `${latencies.length} of ${latencies.length + missing}`,
  fixed(requestsEach, 2),
]

const HEAD = [
  '',
  'events/s',
  'CPU of a core',
  'RSS MB',
  'longest block ms',
  'median ms',
  'p99 ms',
  'found',
  'requests/s',
]

/** All rules, while the cluster changes: what it costs, and how long a finding takes. */
export async function benchSteady({ pods, nodes, rate, burst, seconds }: BenchOptions): Promise<string> {
  await using load = await Load.start({ ...SIZES, pods, nodes })
  await using subject = Subject.daemon(load, PORT)
  await subject.synced()
  await subject.settled()
  const poller = new Poller(subject.api ?? '')
  await poller.start()
  const strain = new Strain({ load, subject, poller, apps: Math.ceil(pods / SIZES.podsEach) })
  const phases: Phase[] = [
    { name: 'quiet', rate: 0, seconds: Math.max(10, seconds / 3) },
    { name: 'steady', rate, seconds },
    { name: 'burst', rate: burst, seconds: Math.max(5, seconds / 6) },
  ]
  const rows: string[][] = []
  for (const phase of phases) {
    const measured = await strain.run(phase)
    if (measured.missing > 0) process.exitCode = 1
    rows.push(row(phase, measured))
  }
  await poller.stop()
  return [
    `${pods} pods on ${nodes} nodes under all rules; milliseconds are from the change at the server to the finding at a client`,
    '',
    table(HEAD, rows),
    '',
    'Targets at 100,000 pods and 500 events/s: 10 % of a core, 512 MB, p99 1 s, also in a burst of 5,000/s; 0.2 requests/s quiet, 10/s steady.',
  ].join('\n')
}
