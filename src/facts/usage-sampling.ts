import type { Change } from '../cluster/mirror.ts'
import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Container } from '../cluster/projection/pod-spec.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { perObject } from '../util/per-object.ts'
import { parseQuantity } from '../util/quantity.ts'
import { HOUR, MINUTE, parseTime } from '../util/time.ts'
import { podStart } from './container-history.ts'
import type { OwnerHistory } from './history-owners.ts'
import type { UsageSample } from './usage-history.ts'
import { isOver, type RunOfJob } from './usage-run-end.ts'
import { isJob, type Job } from './workload-kind.ts'

type Pod = ObjectOf<'pods'>
type Metrics = ObjectOf<'pods.metrics.k8s.io'>

/**
 * What became of samples. A closed list. `repeated`: the metrics server has none that is newer. `young`: its pod was not an hour old, and
 * starting up is not what it does all day. `no-pod`: nothing is known of its pod. `of-job`: of a Job that nobody makes again, so that there is
 * no next run to ask less for.
 */
export const SAMPLE_OUTCOMES = [
  'counted',
  'repeated',
  'malformed',
  'negative',
  'future',
  'stale',
  'out-of-order',
  'young',
  'no-pod',
  'of-job',
  'other-version',
  'too-many',
] as const
export type SampleOutcome = (typeof SAMPLE_OUTCOMES)[number]

const MOST_AHEAD = MINUTE
const MOST_BEHIND = 10 * MINUTE
const GROWN_UP = HOUR

// More than any machine has: what says so is broken.
const MOST_CORES = 10_000
const MOST_BYTES = 2 ** 50

const isMetrics = (object: AnyObject | undefined): object is Metrics => object?.kind === 'PodMetrics'

/** Where samples are taken in, and how many were. */
export class Sampling {
  readonly #owners: OwnerHistory
  readonly outcomes = new Map<SampleOutcome, number>(SAMPLE_OUTCOMES.map((outcome) => [outcome, 0]))

  constructor(owners: OwnerHistory) {
    this.#owners = owners
  }

  /** Takes in a look at the use of a pod; @returns the keys of containers of which something else can be read now. */
  sampled(change: Change, snapshot: Snapshot): string[] {
    const look = lookOf(change, snapshot)
    if (look === undefined) return []
    if (typeof look === 'string') return this.#count(look)
    return (look.metrics.containers ?? []).flatMap(({ name = '', usage }) => {
      const measured = measuredIn(usage)
      const version = versionOf(look.pod, name)
      if (typeof measured === 'string' || version === undefined)
        return this.#count(typeof measured === 'string' ? measured : 'malformed')
      const { at, podMadeAt, run } = look
      const sample: UsageSample = { at, ...measured, pod: numberOf(look.pod), podMadeAt, version, run }
      const { taken, key } = this.#owners.sampled(look.root, name, sample)
      this.#count(taken)
      return key ?? []
    })
  }

  #count(outcome: SampleOutcome): [] {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
    return []
  }
}

interface Look {
  readonly metrics: Metrics
  readonly pod: Pod
  readonly root: AnyObject
  readonly at: number
  readonly podMadeAt: number
  readonly run?: RunOfJob | undefined
}

/** A look at a pod whose use counts, or why it does not; `undefined` when the change is of something else. */
function lookOf({ before, after, observedAt }: Change, snapshot: Snapshot): Look | SampleOutcome | undefined {
  if (!isMetrics(after)) return undefined
  const at = parseTime(after.timestamp)
  const fault = faultOf(at, isMetrics(before) ? parseTime(before.timestamp) : undefined, observedAt)
  if (at === undefined || fault) return fault ?? 'malformed'
  const pod = snapshot.get('pods', after.metadata.namespace, after.metadata.name)
  return pod ? ofPod(after, pod, { at, snapshot }) : 'no-pod'
}

function ofPod(metrics: Metrics, pod: Pod, { at, snapshot }: { at: number; snapshot: Snapshot }): Look | SampleOutcome {
  const podMadeAt = parseTime(pod.metadata.creationTimestamp) ?? Infinity
  const { chain } = snapshot.owners(pod)
  const root = chain.at(-1) ?? pod
  const look = { metrics, pod, root, at, podMadeAt }
  const job = jobIn(chain)
  if (!job) return at - podMadeAt < GROWN_UP ? 'young' : look
  if (job === root) return 'of-job'
  const run = { job: job.metadata.uid, startedAt: podStart(pod) ?? podMadeAt }
  return isOver(job) ? 'out-of-order' : { ...look, run }
}

type Amounts = Pick<UsageSample, 'cpuCores' | 'memoryBytes'>

function measuredIn(usage: Readonly<Record<string, string>> | undefined): Amounts | 'malformed' | 'negative' {
  const cpuCores = parseQuantity(usage?.['cpu'])
  const memoryBytes = parseQuantity(usage?.['memory'])
  if (cpuCores === undefined || memoryBytes === undefined) return 'malformed'
  if (cpuCores < 0 || memoryBytes < 0) return 'negative'
  return cpuCores > MOST_CORES || memoryBytes > MOST_BYTES ? 'malformed' : { cpuCores, memoryBytes }
}

function faultOf(at: number | undefined, previous: number | undefined, now: number): SampleOutcome | undefined {
  if (at === undefined) return 'malformed'
  if (at > now + MOST_AHEAD) return 'future'
  if (at < now - MOST_BEHIND) return 'stale'
  if (previous === undefined) return undefined
  return at === previous ? 'repeated' : at < previous ? 'out-of-order' : undefined
}

/** The Job that made a pod, of the chain of its owners. */
export const jobIn = ([, owner]: readonly AnyObject[]): Job | undefined => (owner && isJob(owner) ? owner : undefined)

/** What tells one version of a container from another: its image and what it may use. `undefined` when the pod has no such container. */
export function versionOf({ spec }: Pod, name: string): string | undefined {
  const container =
    spec?.containers?.find((one) => one.name === name) ?? spec?.initContainers?.find((one) => one.name === name)
  return container && VERSIONS(container)
}

const amounts = (of: Readonly<Record<string, string>> = {}): string[] => [of['cpu'] ?? '', of['memory'] ?? '']

const VERSIONS = perObject(({ image = '', resources = {} }: Container): string =>
  [image, ...amounts(resources.requests), '|', ...amounts(resources.limits)].join(' '),
)

/** A number that stands for a pod, by FNV-1a. */
function numberOf({ metadata }: Pod): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < metadata.uid.length; at++) hash = Math.imul(hash ^ metadata.uid.charCodeAt(at), 0x01000193)
  return hash >>> 1
}
