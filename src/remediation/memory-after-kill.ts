import type { Container } from '../cluster/projection/pod-spec.ts'
import { podsOf } from '../facts/joins.ts'
import type { DaemonSet, Deployment, StatefulSet } from '../facts/workload-kind.ts'
import { parseQuantity } from '../util/quantity.ts'
import { isRefusal, refuse, type Context, type Refusal } from './action.ts'
import { amountsOf, placeOf, type Asked } from './resources.ts'
import { statusOf } from './workloads.ts'

const MI = 2 ** 20

/**
 * One look proves one thing: a container that was killed at its memory limit needs more. How much is not known; the new limit is half as
 * much again, and at least 100 MiB more, as the Vertical Pod Autoscaler gives after such a kill (100 MiB or a fifth, whichever is more).
 */
export function memoryAfterKill(
  workload: Deployment | StatefulSet | DaemonSet,
  container: Container,
  context: Context,
): Asked | Refusal {
  const limit = killedAt(workload, container.name ?? '', context)
  if (isRefusal(limit)) return limit
  const written = amountsOf(container, 'memory')
  if ((written.limit ?? 0) > limit.bytes) return refuse('already-done', 'its template allows more already')
  const memory = `${Math.ceil(Math.max(limit.bytes * 1.5, limit.bytes + 100 * MI) / MI)}Mi`
  // A container whose request is its limit keeps it so: less would make it one of the first to be evicted.
  const isGuaranteed = container.resources?.requests?.['memory'] !== undefined && written.request === written.limit
  return { ...(isGuaranteed ? { requests: { memory } } : {}), limits: { memory } }
}

function killedAt(
  workload: Deployment | StatefulSet | DaemonSet,
  name: string,
  { snapshot }: Context,
): { bytes: number } | Refusal {
  const killed = podsOf(workload, snapshot).filter((pod) => {
    const status = statusOf(pod, name)
    return [status?.state, status?.lastState].some((state) => state?.terminated?.reason === 'OOMKilled')
  })
  if (killed.length === 0) return refuse('no-proposal', 'one look does not say what it needs')
  const limits = killed.map(({ spec }) => placeOf({ spec: spec ?? {} }, name)?.container.resources?.limits?.['memory'])
  const bytes = Math.max(...limits.map((limit) => parseQuantity(limit) ?? 0))
  return bytes > 0 ? { bytes } : refuse('no-limit', 'it has no memory limit: its node ran out')
}
