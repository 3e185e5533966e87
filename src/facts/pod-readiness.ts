import type { ObjectOf } from '../cluster/kinds.ts'
import { MINUTE, SECOND, parseTime } from '../util/time.ts'
import { conditionOf, conditionSince } from './condition.ts'
import { podStart } from './container-history.ts'
import { budgetOf } from './probe-budget.ts'
import { known, unknown, type Known, type Reading } from './reading.ts'
import { containersOf, type ContainerView, type View } from './subject.ts'

type Pod = ObjectOf<'pods'>

/** Whether a pod serves, and if not, whether that is a fault yet. */
export const READINESS = ['ready', 'starting', 'unready', 'unscheduled', 'finished', 'deleting'] as const

// Conditions are written within moments of a start: a Ready that is as old as that has not been true since.
const FIRST_WRITTEN = 5 * SECOND
// What a Deployment that says nothing gives its pods to become ready.
const PROGRESS_DEADLINE = 10 * MINUTE

/** How long the owner gives a pod to become ready, in milliseconds. */
function deadlineOf(pod: Pod, { snapshot }: View): number {
  const top = snapshot.owners(pod).chain.at(-1)
  const deployment =
    top?.kind === 'Deployment' ? snapshot.get('deployments.apps', top.metadata.namespace, top.metadata.name) : undefined
  const seconds = deployment?.spec?.progressDeadlineSeconds
  return seconds === undefined ? PROGRESS_DEADLINE : seconds * SECOND
}

const startOf = ({ status }: ContainerView): number | undefined => parseTime(status?.state?.running?.startedAt)

/** When the pod began, and when each of its containers did that runs and is not ready yet, in milliseconds. */
function beginnings(pod: Pod): readonly number[] {
  const unready = containersOf(pod).filter(({ status }) => status?.ready === false)
  return [podStart(pod), ...unready.map(startOf)].filter((at) => at !== undefined)
}

/** Until when the startup probe of a container lets it start, in milliseconds; 0 when none is waited for. */
function startupUntil(one: ContainerView): number {
  const { startupProbe } = one.spec
  const startedAt = startOf(one)
  if (!startupProbe || startedAt === undefined || one.status?.started !== false) return 0
  return startedAt + budgetOf(startupProbe)
}

/**
 * Until when a pod that is not ready is only starting, in milliseconds: it has not been ready since it, or a container of it, began, and
 * still has the time that its owner or a startup probe gives it. `undefined` once it has been ready or that time is over.
 */
export function startingUntil(pod: Pod, view: View): number | undefined {
  const unreadySince = conditionSince(conditionOf(pod.status?.conditions, 'Ready')) ?? Infinity
  const begun = beginnings(pod).filter((at) => unreadySince <= at + FIRST_WRITTEN)
  if (begun.length === 0) return undefined
  const until = Math.max(Math.max(...begun) + deadlineOf(pod, view), ...containersOf(pod).map(startupUntil))
  return until > view.now ? until : undefined
}

function passing(pod: Pod): Known | undefined {
  const { phase } = pod.status ?? {}
  if (pod.metadata.deletionTimestamp !== undefined) return known('deleting')
  if (phase === 'Succeeded' || phase === 'Failed') return known('finished')
  return pod.spec?.nodeName === undefined ? known('unscheduled') : undefined
}

/**
 * Whether a pod serves. `starting`: it has not been ready since it or a container of it began, and still has the time that its owner gives
 * it (a Deployment's `progressDeadlineSeconds`, else its default of ten minutes), or its startup probe.
 */
export function podReadiness(pod: Pod, view: View): Reading {
  const settled = passing(pod)
  if (settled) return settled
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (!ready) return unknown('not-recorded', 'the kubelet has not said whether the pod is ready')
  const since = conditionSince(ready)
  if (ready.status === 'True') return known('ready', { since })
  const until = startingUntil(pod, view)
  return until === undefined ? known('unready', { since }) : known('starting', { since, until })
}

/** Why a pod is not ready. */
export const UNREADY_CAUSES = [
  'node',
  'init-container',
  'not-running',
  'startup-probe',
  'readiness-probe',
  'readiness-gate',
  'other',
] as const
type UnreadyCause = (typeof UNREADY_CAUSES)[number]

interface Why {
  readonly cause: UnreadyCause
  readonly words: string
}

const runs = ({ status }: ContainerView): boolean => status?.state?.running !== undefined

function ofNode(pod: Pod, { snapshot }: View): Why | undefined {
  const name = pod.spec?.nodeName ?? ''
  const ready = conditionOf(snapshot.get('nodes', undefined, name)?.status?.conditions, 'Ready')
  return ready && ready.status !== 'True' ? { cause: 'node', words: `its node ${name} is not ready` } : undefined
}

function ofInit(containers: readonly ContainerView[]): Why | undefined {
  const waited = containers.find((one) => one.role === 'init' && one.status?.state?.terminated?.exitCode !== 0)
  if (!waited || containers.some((one) => one.role === 'main' && one.status?.state?.running)) return undefined
  const words = runs(waited) ? 'still runs' : `has not completed (${stateOf(waited)})`
  return { cause: 'init-container', words: `init container ${waited.name} ${words}` }
}

/** The state of a container in one word of Kubernetes' own. */
function stateOf({ status }: ContainerView): string {
  const { waiting, terminated } = status?.state ?? {}
  return waiting?.reason ?? terminated?.reason ?? 'no state'
}

function ofContainer(one: ContainerView): Why | undefined {
  const { ready, started } = one.status ?? {}
  if (!runs(one)) return { cause: 'not-running', words: `container ${one.name} does not run (${stateOf(one)})` }
  if (one.spec.startupProbe && started === false)
    return { cause: 'startup-probe', words: `the startup probe of container ${one.name} has not succeeded yet` }
  return ready === false && one.spec.readinessProbe
    ? { cause: 'readiness-probe', words: `container ${one.name} runs and its readiness probe does not succeed` }
    : undefined
}

function ofGate(pod: Pod): Why | undefined {
  const missing = (pod.spec?.readinessGates ?? []).find(
    ({ conditionType = '' }) => conditionOf(pod.status?.conditions, conditionType)?.status !== 'True',
  )
  return missing && { cause: 'readiness-gate', words: `the readiness gate ${missing.conditionType ?? ''} is not met` }
}

/** Why a pod is not ready: the first reason in the order that a pod starts. */
export function unreadyCause(pod: Pod, view: View): Why {
  const containers = containersOf(pod)
  const waiting = containers.filter((one) => one.role !== 'init').map(ofContainer)
  return (
    ofNode(pod, view) ??
    ofInit(containers) ??
    waiting.find((why) => why !== undefined) ??
    ofGate(pod) ?? { cause: 'other', words: 'no container, probe or gate says why' }
  )
}
