import type { Container } from '../cluster/projection/pod-spec.ts'
import { historyOf, type History } from '../facts/container-history.ts'
import { podsOf } from '../facts/joins.ts'
import { sizingOf, type Sizing } from '../facts/sizing.ts'
import { containersOf } from '../facts/subject.ts'
import type { DaemonSet, Deployment, StatefulSet } from '../facts/workload-kind.ts'
import { isRefusal, refuse, type Context, type Refusal } from './action.ts'
import { COMPUTE, amountsOf, formatAmount, type Asked, type Compute } from './resources.ts'

/**
 * The requests that the use of days speaks for, of a container of a template. A limit is raised where the request would be above it, and
 * is never made smaller.
 */
export function sizeByUse(
  workload: Deployment | StatefulSet | DaemonSet,
  container: Container,
  context: Context,
): Asked | Refusal {
  if (context.past === undefined) return refuse('no-proposal', 'one look does not say what it needs')
  const histories = historiesOf(workload, container.name ?? '', context)
  const asked = COMPUTE.map((of) => ({ of, bytes: wanted(of, container, { histories, context }) }))
  const sizes = asked.flatMap(({ of, bytes }) => (typeof bytes === 'number' ? { of, amount: bytes } : []))
  if (sizes.length > 0) return askFor(container, sizes)
  const reasons = asked.flatMap(({ of, bytes }) => (isRefused(bytes) ? `${of}: ${bytes.detail}` : []))
  return refuse('no-proposal', reasons.length > 0 ? reasons.join('; ') : 'what it requests is about what it needs')
}

const isRefused = (outcome: number | Refusal | null): outcome is Refusal =>
  typeof outcome === 'object' && outcome !== null && isRefusal(outcome)

/** The runs of a container in the pods that are there, those that run. */
const historiesOf = (workload: Deployment | StatefulSet | DaemonSet, name: string, view: Context): History[] =>
  podsOf(workload, view.snapshot).flatMap((pod) => {
    const container = containersOf(pod).find((one) => one.name === name)
    const subject = { kind: 'container', key: `${pod.metadata.uid}/${name}`, object: pod, container } as const
    const history = container && historyOf(subject, view)
    return history?.running ? history : []
  })

interface Grounds {
  readonly histories: readonly History[]
  readonly context: Context
}

/** The request to ask for, `null` where it may stay, or why nothing can be said of it. */
function wanted(of: Compute, container: Container, { histories, context }: Grounds): number | Refusal | null {
  const written = amountsOf(container, of).request
  const outcomes = histories.map((history) => sizingOf(of, history, context))
  const sizings = outcomes.filter((outcome) => outcome !== null)
  // What the template says is what is changed; a pod may have been given something else.
  const sizing = sizings.find((one): one is Sizing => 'request' in one && one.request === written)
  if (sizing) return fromSizing(sizing)
  const [first] = sizings
  if (!first) return null
  if ('unknown' in first) return refuse('no-proposal', first.detail ?? first.unknown)
  return refuse('no-proposal', 'its pods were given another request than its template')
}

function fromSizing({ recommended, heldBy }: Sizing): number | Refusal | null {
  if (heldBy !== null) return refuse('no-proposal', `a person has to decide: ${heldBy}`)
  if (recommended === null || typeof recommended === 'number') return recommended
  return refuse('no-proposal', recommended.detail ?? recommended.unknown)
}

interface Wanted {
  readonly of: Compute
  readonly amount: number
}

function askFor(container: Container, sizes: readonly Wanted[]): Asked {
  const above = sizes.filter(({ of, amount }) => amount > (amountsOf(container, of).limit ?? Infinity))
  return { requests: quantities(sizes), ...(above.length > 0 ? { limits: quantities(above) } : {}) }
}

const quantities = (sizes: readonly Wanted[]): Partial<Record<Compute, string>> =>
  Object.fromEntries(sizes.map(({ of, amount }) => [of, exact(of, amount)]))

// `formatAmount` keeps three digits, which is too few to ask for.
const exact = (of: Compute, amount: number): string =>
  of === 'memory' ? `${Math.ceil(amount / 2 ** 20)}Mi` : formatAmount(of, amount)
