import { ofHistory, type History } from './container-history.ts'
import { fact, type Fact, type Read } from './fact.ts'
import type { UsagePast } from './past.ts'
import { amountOf, type Compute } from './quantities.ts'
import { known, unknown, unknownUntil, type Reading, type Unknown, type Value } from './reading.ts'
import { HOLDERS } from './sizing-holders.ts'
import { savingOf, sizingOf, SIZING_VERDICTS, type Sizing } from './sizing.ts'
import type { View } from './subject.ts'
import { staleAt, usageOver } from './usage-gates.ts'
import { HOUR } from '../util/time.ts'

const METRICS = [{ resource: 'pods.metrics.k8s.io', optional: true }] as const
const READS: readonly Read[] = [
  ...METRICS,
  { resource: 'jobs.batch', optional: true },
  { resource: 'horizontalpodautoscalers.autoscaling', index: 'autoscalersByTarget', optional: true },
  { resource: 'verticalpodautoscalers.autoscaling.k8s.io', index: 'verticalAutoscalersByTarget', optional: true },
  { resource: 'limitranges', optional: true },
]

const isUnread = (value: object): value is Unknown => 'unknown' in value

/** What usage tells, until that is too old to be relied on. */
const lasting = (told: Value | Unknown, usage: UsagePast): Reading =>
  typeof told === 'object' && told !== null && isUnread(told)
    ? unknownUntil(staleAt(usage), told)
    : known(told, { until: staleAt(usage) })

const sized =
  (of: Compute, tell: (sizing: Sizing) => Value | Unknown) =>
  (history: History, view: View): Reading => {
    const sizing = sizingOf(of, history, view)
    if (sizing === null) return known(null)
    if (isUnread(sizing)) return sizing
    return lasting(tell(sizing), sizing.usage)
  }

const used =
  (tell: (usage: UsagePast) => number | string) =>
  (history: History, view: View): Reading => {
    const usage = usageOver(history, view)
    return isUnread(usage) ? usage : lasting(tell(usage), usage)
  }

/** How often its CPU limit held it back: without one never; else somebody has to have measured it. */
const throttled =
  (unlimited: Value, tell: (percent: number | undefined) => Value | Unknown) =>
  (history: History, view: View): Reading => {
    if (amountOf(history.pod, history.container, 'limits', 'cpu') === null) return known(unlimited)
    const usage = usageOver(history, view)
    if (isUnread(usage)) return usage
    const part = usage.cpuThrottledPart
    return lasting(tell(part === undefined ? undefined : Math.round(part * 100)), usage)
  }

// What was measured holds no more digits than this.
const round = (value: number, digits: number): number => Number(value.toFixed(digits))

type Row = readonly [name: string, description: string, tell: (usage: UsagePast) => number | string]

const USAGE: readonly Row[] = [
  ['usageSource', 'Where its use over time is known from.', ({ source }) => source],
  [
    'usageWindowHours',
    'How many hours its use over time covers: since sampling of this image and these resources began, at most four weeks.',
    ({ from, to }) => round((to - from) / HOUR, 1),
  ],
  ['usageSamples', 'How many samples its use over time rests on, over all pods.', ({ samples }) => samples],
  [
    'usageCoveragePercent',
    'What part of the window was observed; of a CronJob, what part of its runs was seen as a whole.',
    ({ coverage }) => Math.floor(coverage * 100),
  ],
  [
    'usageConfidenceDays',
    'The days of the window, at most as many as its samples would fill at one a minute: the less, the wider the margin.',
    ({ confidence }) => round(confidence, 2),
  ],
  [
    'usagePods',
    'How many pods the samples are of; more than 32 are not told apart. Of a CronJob, how many runs succeeded.',
    ({ pods }) => pods,
  ],
  [
    'cpuUsageP95Cores',
    'What its use of CPU stayed below for 95 % of the time, of the busiest pod; younger samples count more. Of a CronJob, the most that any run used.',
    ({ cpuP95Cores }) => round(cpuP95Cores, 4),
  ],
  [
    'cpuUsageMaxCores',
    'The highest CPU that was seen in the last two weeks of the window.',
    ({ cpuMaxCores }) => round(cpuMaxCores, 4),
  ],
  [
    'memoryUsagePeakBytes',
    'The highest memory that was seen in the last two weeks of the window.',
    ({ memoryPeakBytes }) => memoryPeakBytes,
  ],
]

const ALWAYS =
  'null without a request and while the container does not run; of a CronJob, read off its runs that succeeded'

interface SizingFact {
  readonly type?: 'number' | 'string'
  readonly values?: readonly string[]
  readonly tell: (sizing: Sizing) => Value | Unknown
}

const about = (of: Compute, name: string, description: string, { type = 'number', values, tell }: SizingFact): Fact =>
  fact({
    name,
    subjects: ['container'],
    type,
    nullable: true,
    ...(values ? { values } : {}),
    description: `${description}; ${ALWAYS}.`,
    reads: READS,
    read: ofHistory(sized(of, tell)),
  })

const sizingFacts = (of: Compute, prefix: string, unit: string): readonly Fact[] => [
  about(
    of,
    `${prefix}Verdict`,
    `How firmly the ${of} request can be judged: \`provisional\` after a day, 1,000 samples and 70 % coverage, \`firm\` after 7 days with a weekend, \`needs-human\` where an autoscaler or a heap of a fixed size depends on it, or its CPU limit keeps its use down`,
    { type: 'string', values: SIZING_VERDICTS, tell: ({ verdict }) => verdict },
  ),
  about(
    of,
    `${prefix}HeldBy`,
    `Why only a person should change the ${of} request; null where nothing speaks against it`,
    {
      type: 'string',
      values: HOLDERS,
      tell: ({ heldBy }) => heldBy,
    },
  ),
  about(
    of,
    `${prefix}Excess${unit}`,
    `How much ${of} is requested beyond what a day or more of samples shows to be needed, with a margin; memory only after 7 days; 0 when it was killed for memory, or its CPU limit held it back in more than 25 % of its periods; null where an autoscaler sets it`,
    { tell: ({ excess }) => excess },
  ),
  about(
    of,
    `${prefix}Recommended${unit}`,
    `The ${of} request that samples speak for, less or more than the present one; nothing is cut for less than 0.1 core or 100 MiB, and memory by at most 30 % at a time; null where the present one should stay`,
    { tell: ({ recommended }) => recommended },
  ),
  about(
    of,
    `${prefix}Saving${unit}`,
    `How much ${of} the recommended request sets free for each pod, 0 where none is smaller`,
    {
      tell: savingOf,
    },
  ),
]

const RUNS: Fact = fact({
  name: 'usageRuns',
  subjects: ['container'],
  type: 'number',
  nullable: true,
  description: 'How many runs of a CronJob were seen as a whole that its use is known of; null for what runs on.',
  reads: METRICS,
  read: ofHistory((history, view) => {
    const usage = usageOver(history, view)
    return isUnread(usage) ? usage : known(usage.runs?.whole ?? null, { until: staleAt(usage) })
  }),
})

const THROTTLING: readonly Fact[] = [
  fact({
    name: 'cpuThrottledPercent',
    subjects: ['container'],
    type: 'number',
    description:
      'In how many of the periods in which it wanted to run its CPU limit held it back, over the window of a Prometheus; 0 without a CPU limit. metrics.k8s.io does not tell.',
    reads: METRICS,
    read: ofHistory(
      throttled(0, (percent) => percent ?? unknown('not-recorded', 'not measured: it takes a Prometheus to know')),
    ),
  }),
  fact({
    name: 'cpuThrottling',
    subjects: ['container'],
    type: 'string',
    description: 'The same in words: `31 % of its periods`, `no CPU limit`, or `not measured`.',
    reads: METRICS,
    read: ofHistory(
      throttled('no CPU limit', (percent) => (percent === undefined ? 'not measured' : `${percent} % of its periods`)),
    ),
  }),
]

/** What use over time says of requests. */
export const CONTAINER_SIZING_FACTS: readonly Fact[] = [
  ...USAGE.map(([name, description, tell]) =>
    fact({
      name,
      subjects: ['container'],
      type: name === 'usageSource' ? 'string' : 'number',
      ...(name === 'usageSource' ? { values: ['metrics-api', 'prometheus'] } : {}),
      description,
      reads: METRICS,
      read: ofHistory(used(tell)),
    }),
  ),
  RUNS,
  ...THROTTLING,
  ...sizingFacts('cpu', 'cpuRequest', 'Cores'),
  ...sizingFacts('memory', 'memoryRequest', 'Bytes'),
]
