import { ofHistory, type History } from './container-history.ts'
import { fact, type Fact } from './fact.ts'
import { amountOf, readAmount } from './quantities.ts'
import { known, unknown, type Reading } from './reading.ts'
import type { View } from './subject.ts'
import { isSample, sampleOf, type Sample } from './usage.ts'

const METRICS = [{ resource: 'pods.metrics.k8s.io', optional: true }] as const

const pick = {
  cpu: (sample: Sample): number => sample.cpuCores,
  memory: (sample: Sample): number => sample.memoryBytes,
}
type Of = keyof typeof pick
type Side = 'requests' | 'limits'

/** A CPU rate holds from the beginning of its window, an amount of memory from the moment it was read. Either holds until it is too old. */
const times = (of: Of, { from, to, until }: Sample): { since: number; until: number } => ({
  since: of === 'cpu' ? from : to,
  until,
})

const used =
  (of: Of) =>
  (history: History, view: View): Reading => {
    if (!history.running) return known(null)
    const sample = sampleOf(history, view)
    return isSample(sample) ? known(pick[of](sample), times(of, sample)) : sample
  }

/** Use as a percentage of a request or limit; `null` where there is nothing to divide by, or nothing that runs. */
const percent =
  (of: Of, side: Side) =>
  (history: History, view: View): Reading => {
    const amount = amountOf(history.pod, history.container, side, of)
    if (amount === undefined) return readAmount(history.pod, history.container, side, of)
    if (amount === null || amount === 0 || !history.running) return known(null)
    const sample = sampleOf(history, view)
    return isSample(sample) ? known(Math.round((pick[of](sample) / amount) * 100), times(of, sample)) : sample
  }

const amount = (name: string, side: Side, of: Of, what: string): Fact =>
  fact({
    name,
    subjects: ['container'],
    type: 'number',
    nullable: true,
    description: `The ${what} of the container, or of its pod as a whole, as the pod has it (with the defaults of a LimitRange); null when there is none.`,
    reads: [],
    read: ({ object, container }) =>
      container ? readAmount(object, container, side, of) : unknown('not-recorded', 'no container'),
  })

const usage = (name: string, description: string, read: (history: History, view: View) => Reading): Fact =>
  fact({
    name,
    subjects: ['container'],
    type: 'number',
    nullable: true,
    description,
    reads: METRICS,
    read: ofHistory(read),
  })

/** What a container asks for and what it uses. */
export const CONTAINER_USAGE_FACTS: readonly Fact[] = [
  amount('cpuRequestCores', 'requests', 'cpu', 'CPU request'),
  amount('cpuLimitCores', 'limits', 'cpu', 'CPU limit'),
  amount('memoryRequestBytes', 'requests', 'memory', 'memory request'),
  amount('memoryLimitBytes', 'limits', 'memory', 'memory limit'),
  usage('cpuUsageCores', 'The CPU used now, from one sample; null while the container does not run.', used('cpu')),
  usage(
    'memoryUsageBytes',
    'The memory used now, from one sample; null while the container does not run.',
    used('memory'),
  ),
  usage(
    'cpuUseOfRequestPercent',
    'The CPU used now, of what is requested; null without a request or while the container does not run.',
    percent('cpu', 'requests'),
  ),
  usage(
    'cpuUseOfLimitPercent',
    'The CPU used now, of the limit; null without a limit or while the container does not run.',
    percent('cpu', 'limits'),
  ),
  usage(
    'memoryUseOfRequestPercent',
    'The memory used now, of what is requested; null without a request or while the container does not run.',
    percent('memory', 'requests'),
  ),
  usage(
    'memoryUseOfLimitPercent',
    'The memory used now, of the limit; null without a limit or while the container does not run.',
    percent('memory', 'limits'),
  ),
]
