import { HOUR, MINUTE, parseTime } from '../../util/time.ts'
import { workloadOf } from './behaviours.ts'
import { seedOf, type Curve } from './curve.ts'
import type { Pod } from './objects.ts'
import type { World } from './world.ts'

/** What a container of a pod used at a time in the past. */
export interface UsageSample {
  readonly namespace: string
  readonly ownerKind: string
  readonly ownerName: string
  readonly podName: string
  readonly podUid: string
  /** When the pod was made, in milliseconds since 1970. */
  readonly podMadeAt: number
  readonly containerName: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly cpuCores: number
  readonly memoryBytes: number
}

export interface HistoryOptions {
  readonly days: number
  /** Milliseconds between two samples; default a minute. */
  readonly every?: number
}

const DAY = 24 * HOUR

/**
 * What every container that runs has used for so many days until now, as if it had been sampled all the time: container by container, the oldest
 * first. A pod that was made since has only its own days.
 */
export function* usageHistory(world: World, { days, every = MINUTE }: HistoryOptions): Generator<UsageSample> {
  const until = world.engine.now()
  const pods = world.store.list('Pod').toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  for (const pod of pods) {
    const seed = seedOf(pod.metadata.uid ?? '')
    for (const { spec, curve, since } of world.runsOf(pod)) {
      const from = Math.max(since, until - days * DAY)
      const about = describe(world, pod)
      for (let at = Math.ceil(from / every) * every; at <= until; at += every)
        yield { ...about, containerName: spec.name, at, ...curve(at, { since, seed }) }
    }
  }
}

/** What a container does, and since when, in milliseconds since 1970. */
export interface RunningContainer {
  readonly spec: { readonly name: string }
  readonly curve: Curve
  readonly since: number
}

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`

function describe(world: World, pod: Pod): Omit<UsageSample, 'containerName' | 'at' | 'cpuCores' | 'memoryBytes'> {
  const owner = workloadOf(pod, world.store)
  const { namespace = '', name, uid = '', creationTimestamp } = pod.metadata
  return {
    namespace,
    ownerKind: owner.kind,
    ownerName: owner.name,
    podName: name,
    podUid: uid,
    podMadeAt: parseTime(creationTimestamp) ?? 0,
  }
}
