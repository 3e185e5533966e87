import { setImmediate } from 'node:timers/promises'
import { projectObject } from '../../cluster/dump.ts'
import type { AnyObject } from '../../cluster/kinds.ts'
import type { Snapshot } from '../../cluster/snapshot.ts'
import { Memory } from '../../facts/memory.ts'
import type { UsageSample } from '../../simulator/world/history.ts'
import { openCheckpoint } from '../../store/checkpoint.ts'
import { ofCluster } from '../../store/entries.ts'
import { SILENT } from '../../util/logger.ts'
import { formatTime } from '../../util/time.ts'

/** How many looks at a pod are remembered before others get their turn. */
const TURN = 500

/**
 * What a daemon would remember that had sampled these containers all the time. Looks at one moment, of whatever containers, come in any order;
 * `snapshot` holds the pods and their owners.
 */
export async function remember(samples: Iterable<UsageSample>, snapshot: Snapshot): Promise<Memory> {
  const memory = new Memory()
  const before = new Map<string, AnyObject>()
  let looks = 0
  for (const [at, pods] of byTime(samples)) {
    for (const containers of pods.values()) {
      const after = metricsOf(containers, at)
      if (!after) continue
      memory.changed({ before: before.get(after.metadata.uid), after, witnessed: true, observedAt: at }, snapshot)
      before.set(after.metadata.uid, after)
      looks++
      if (looks % TURN === 0) await setImmediate()
    }
  }
  return memory
}

interface Past {
  readonly cluster: string
  readonly memory: Memory
  /** Until when it was watched, in milliseconds since 1970. */
  readonly until: number
}

/** Writes what was remembered of a cluster as a daemon does that ends. */
export async function leave({ cluster, memory, until }: Past, path: string): Promise<void> {
  const checkpoint = await openCheckpoint(path, { logger: SILENT })
  await checkpoint.save([ofCluster(cluster), ...memory.entries()], until)
  await checkpoint.close()
  if (checkpoint.problem !== undefined) throw new Error(checkpoint.problem)
}

type Pods = Map<string, UsageSample[]>

// They come container by container; who samples sees all of them at one time.
function byTime(samples: Iterable<UsageSample>): [at: number, pods: Pods][] {
  const looks = new Map<number, Pods>()
  for (const sample of samples) {
    let pods = looks.get(sample.at)
    if (!pods) looks.set(sample.at, (pods = new Map()))
    const containers = pods.get(sample.podUid)
    if (containers) containers.push(sample)
    else pods.set(sample.podUid, [sample])
  }
  return [...looks].toSorted(([a], [b]) => a - b)
}

function metricsOf(containers: readonly UsageSample[], at: number): AnyObject | undefined {
  const [first] = containers
  if (!first) return undefined
  return projectObject(
    { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics' },
    {
      metadata: { name: first.podName, namespace: first.namespace },
      timestamp: formatTime(at),
      window: '15s',
      containers: containers.map(({ containerName, cpuCores, memoryBytes }) => ({
        name: containerName,
        usage: { cpu: `${Math.round(cpuCores * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` },
      })),
    },
  )
}
