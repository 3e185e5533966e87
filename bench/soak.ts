import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SIZES } from './load/layout.ts'
import { Load } from './load/load.ts'
import { Subject } from './load/subject.ts'
import { writeReport } from './report.ts'
import { fixed, table } from './table.ts'

const PORT = 18_690
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const RECOVERY_MS = 3 * MINUTE_MS
const HOUR = 60
/** What the heap may rise by in an hour, of what it is; of a shorter run nothing is said. */
const MOST_RISE = 0.15
const LEAST_MINUTES = 30

const METHOD = `The daemon as the image starts it, beside a load server on loopback (\`bench/load\`) that changes all the time and does it harm once a
minute. The heap is what is alive after a forced collection at the end of each minute; the slope is that of a straight line through the later half
of them. In the end nothing changes for up to three minutes, and what the daemon holds, by its own \`/snapshot\`, is compared with what the server
has, object by object and version by version. \`npm run soak -- --write docs/soak.md\` makes this page and fails when anything was missed or the heap
rises by more than ${MOST_RISE * 100} % an hour.`

interface Fault {
  readonly name: string
  /** Does it, and ends it. Gives how often it was reached. */
  readonly happen: (load: Load) => Promise<number>
}

/** Refuses the next requests; open watches are ended so that there are some. */
const refusing = (status: number, retryAfter?: number): Fault => ({
  name: `${status}${retryAfter === undefined ? '' : ' with Retry-After'}`,
  happen: async (load) => {
    const left = 10
    await load.tell('refuse', { status, left, ...(retryAfter === undefined ? {} : { retryAfter }) })
    await load.tell('trouble', { kind: 'end' })
    await setTimeout(20 * SECOND_MS)
    const reached = left - (await load.tell('refused'))
    await load.tell('refuse', { status, left: 0 })
    return reached
  },
})

const FAULTS: readonly Fault[] = [
  ...(['reset', 'end', 'expire', 'truncate', 'garble'] as const).map((kind) => ({
    name: { reset: 'reset', end: 'end of every watch', expire: '410', truncate: 'half a frame', garble: 'a bad frame' }[
      kind
    ],
    happen: (load: Load) => load.tell('trouble', { kind }),
  })),
  refusing(429, 1),
  refusing(500),
  refusing(503),
  {
    name: 'stall of 30 s',
    happen: async (load) => {
      const reached = await load.tell('stall', { on: true })
      await setTimeout(30 * SECOND_MS)
      await load.tell('stall', { on: false })
      return reached
    },
  },
  {
    name: 'server away for 20 s',
    happen: async (load) => {
      const { watches } = await load.tell('figures')
      await load.tell('away')
      await setTimeout(20 * SECOND_MS)
      await load.tell('back')
      return watches
    },
  },
]

interface Sample {
  readonly minute: number
  readonly fault: string
  readonly reached: number
  readonly heap: number
  readonly rss: number
}

/** Megabytes an hour that a straight line through the later half of them rises by. */
function slope(samples: readonly Sample[]): number {
  const later = samples.slice(Math.floor(samples.length / 2))
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [meanOf(later.map(({ minute }) => minute)), meanOf(later.map(({ heap }) => heap))]
  const rise = later.reduce((sum, { minute, heap }) => sum + (minute - x) * (heap - y), 0)
  const run = later.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0)
  return (rise / run) * HOUR
}

/** What the server has and the subject does not, or the other way round. */
async function differences(load: Load, held: (resource: string) => Promise<ReadonlySet<string>>): Promise<string[]> {
  const resources = ['pods', 'nodes', 'deployments.apps', 'replicasets.apps', 'endpointslices.discovery.k8s.io']
  const found = await Promise.all(
    resources.map(async (resource) => {
      const there = new Set(await load.tell('state', { resource }))
      const here = await held(resource)
      const wrong = there.symmetricDifference(here).size
      return wrong === 0 ? [] : [`${resource}: ${wrong} of ${there.size} differ`]
    }),
  )
  return found.flat()
}

function minuteByMinute(all: readonly Sample[]): string {
  const rows = all.map(({ minute, fault, reached, heap, rss }) => [
    String(minute),
    fault,
    String(reached),
    fixed(heap),
    fixed(rss, 0),
  ])
  return table(['', 'fault', 'how often it was reached', 'heap MB', 'RSS MB'], rows)
}

interface Held {
  readonly kind: string
  readonly metadata: { readonly uid: string; readonly resourceVersion?: string }
}

const KIND_OF: Readonly<Record<string, string>> = {
  pods: 'Pod',
  nodes: 'Node',
  'deployments.apps': 'Deployment',
  'replicasets.apps': 'ReplicaSet',
  'endpointslices.discovery.k8s.io': 'EndpointSlice',
}

/** What the daemon holds of a kind, by its own account: what a scan of its snapshot would read. */
async function heldBy(address: string, resource: string): Promise<ReadonlySet<string>> {
  const { items } = (await (await fetch(`${address}/snapshot`)).json()) as { items: readonly Held[] }
  const of = items.filter(({ kind }) => kind === KIND_OF[resource])
  return new Set(of.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`))
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    pods: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '100' },
    log: { type: 'string' },
    write: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
const sizes = { ...SIZES, pods: Number(values.pods), nodes: Math.ceil(Number(values.pods) / 20) }
await using load = await Load.start(sizes)
await using subject = Subject.daemon(load, PORT)
await subject.synced()
await load.tell('churn', { rate: Number(values.rate) })

const samples: Sample[] = []
for (let minute = 1; minute <= minutes; minute++) {
  const began = performance.now()
  const fault = FAULTS[(minute - 1) % FAULTS.length]
  if (fault === undefined) break
  const reached = await fault.happen(load)
  if (reached === 0) throw new Error(`${fault.name} in minute ${minute} was not reached`)
  await setTimeout(Math.max(0, MINUTE_MS - (performance.now() - began)))
  const heap = await subject.alive()
  const { rssMegabytes: rss } = await subject.figures()
  const sample = { minute, fault: fault.name, reached, heap, rss }
  samples.push(sample)
  const line = `minute ${minute}: ${fault.name} (${reached}), heap ${fixed(heap)} MB, RSS ${fixed(rss, 0)} MB`
  console.log(line)
  if (values.log !== undefined) appendFileSync(values.log, `${line}\n`)
}
await load.tell('churn', { rate: 0 })

const until = performance.now() + RECOVERY_MS
const api = subject.api ?? ''
let wrong = await differences(load, (resource) => heldBy(api, resource))
while (wrong.length > 0 && performance.now() < until) {
  await setTimeout(5 * SECOND_MS)
  wrong = await differences(load, (resource) => heldBy(api, resource))
}
const rising = slope(samples)
const text = [
  `${minutes} minutes of ${values.rate} events/s over ${values.pods} pods, a fault a minute`,
  '',
  table(
    ['faults', 'heap at first MB', 'heap at last MB', 'slope MB/h', 'RSS at last MB', 'missed at the end'],
    [
      [
        String(samples.length),
        fixed(samples[0]?.heap ?? 0),
        fixed(samples.at(-1)?.heap ?? 0),
        fixed(rising),
        fixed(samples.at(-1)?.rss ?? 0, 0),
        wrong.length === 0 ? 'nothing' : wrong.join('; '),
      ],
    ],
  ),
].join('\n')
console.log(text)
if (values.write !== undefined)
  writeReport(values.write, {
    title: 'Soak',
    method: METHOD,
    sections: [
      { name: 'an hour of trouble', text },
      { name: 'minute by minute', text: minuteByMinute(samples) },
    ],
  })
const isFlat = minutes < LEAST_MINUTES || rising < (samples.at(-1)?.heap ?? 0) * MOST_RISE
process.exitCode = wrong.length === 0 && isFlat ? 0 : 1
